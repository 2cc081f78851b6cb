"""Addresses of recuperation, below /desk/recuperation/."""

from django.urls import path

from nuanxin.web.desk.recuperation import views

urlpatterns = [
    path("", views.stays, name="stays"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.stay, name="stay"),
]
