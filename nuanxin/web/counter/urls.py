"""Addresses of the counter's door."""

from django.urls import path

from nuanxin.web.counter import views

app_name = "counter"

urlpatterns = [
    path("", views.home, name="home"),
    path("enroll/", views.enroll, name="enroll"),
]
