"""Addresses of moving between registries, below /desk/cells/."""

from django.urls import path

from nuanxin.web.desk.cells import views

urlpatterns = [
    path("", views.transfer_list, name="transfers"),
    path("<uuid:pk>/", views.transfer, name="transfer"),
]
