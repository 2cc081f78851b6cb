"""Addresses of the counter's door."""

from django.urls import path

from nuanxin.web.counter import offline, views

app_name = "counter"

urlpatterns = [
    path("", views.home, name="home"),
    path("enroll/", views.enroll, name="enroll"),
    path("bundle/", offline.bundle, name="bundle"),
    path("checks/", offline.checks, name="checks"),
]
