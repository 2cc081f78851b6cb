"""Addresses of the counter's door."""

from django.urls import path

from nuanxin.web.counter import offline, scans, views

app_name = "counter"

urlpatterns = [
    path("", views.home, name="home"),
    path("enroll/", views.enroll, name="enroll"),
    path("scans/<uuid:pk>/", scans.again, name="scan"),
    path("scans/<uuid:pk>/act/", scans.act, name="act"),
    path("people/", scans.people, name="people"),
    path("people/leave/", scans.leave, name="leave"),
    path("place/", scans.place, name="place"),
    path("bundle/", offline.bundle, name="bundle"),
    path("checks/", offline.checks, name="checks"),
]
