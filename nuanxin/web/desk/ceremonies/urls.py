"""Addresses of ceremonies, below /desk/ceremonies/."""

from django.urls import path

from nuanxin.web.desk.ceremonies import acts, views

urlpatterns = [
    path("", views.ceremonies, name="ceremonies"),
    path("new/", acts.new, name="new"),
    path("<str:number>/", views.ceremony, name="ceremony"),
    path("<str:number>/open/", acts.open_it, name="open"),
    path("<str:number>/close/", acts.close, name="close"),
    path("<str:number>/approve/", acts.approve, name="approve"),
    path("<str:number>/kit/", acts.kit, name="kit"),
    path("<str:number>/screen/", views.screen, name="screen"),
    path("<str:number>/screen/numbers/", views.numbers, name="numbers"),
    path("<str:number>/minutes.pdf", views.minutes, name="minutes"),
]
