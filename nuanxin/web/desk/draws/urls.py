"""Addresses of draws, below /desk/draws/."""

from django.urls import path

from nuanxin.web.desk.draws import acts, views

urlpatterns = [
    path("", views.draws, name="draws"),
    path("<str:number>/", views.draw, name="draw"),
    path("<str:number>/announce/", acts.announce, name="announce"),
    path("<str:number>/hour/", acts.hour, name="hour"),
    path("<str:number>/value/", acts.value, name="value"),
    path("<str:number>/confirm/", acts.confirm, name="confirm"),
    path("<str:number>/<str:verb>/", acts.act, name="act"),
]
