"""Addresses of the retention pages, below /desk/erasures/."""

from django.urls import path

from nuanxin.web.desk.erasures import views

urlpatterns = [
    path("", views.erasures, name="erasures"),
    path("excel/", views.erasures_excel, name="erasures_excel"),
    path("dry-run/", views.dry, name="dry_run"),
    path("dry-run/<str:rule>/", views.due, name="due"),
    path("dry-run/<str:rule>/excel/", views.due_excel, name="due_excel"),
    path("register/", views.held, name="register"),
    path("register/excel/", views.register_excel, name="register_excel"),
]
