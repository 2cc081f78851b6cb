"""Addresses of recuperation, below /desk/recuperation/."""

from django.urls import path

from nuanxin.web.desk.recuperation import travelers, views

urlpatterns = [
    path("", views.stays, name="stays"),
    path("new/", views.new, name="new"),
    path("<str:number>/", views.stay, name="stay"),
    path("<str:number>/travelers/", travelers.travelers, name="travelers"),
    path("<str:number>/travelers/excel", travelers.travelers_excel, name="travelers_excel"),
]
