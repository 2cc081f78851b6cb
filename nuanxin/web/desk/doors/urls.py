"""Addresses of the doors, below /desk/doors/."""

from django.urls import path

from nuanxin.web.desk.doors import entry, views

urlpatterns = [
    path("", views.doors, name="doors"),
    path("new/", views.new, name="new"),
    path("counter/", entry.entry, name="entry"),
    path("counter/<str:number>/", entry.entry_code, name="entry_code"),
    path("counter/<str:number>/again/", entry.entry_resend, name="entry_resend"),
    path("at/<str:code>/", views.door, name="door"),
    path("at/<str:code>/edit/", views.edit, name="edit"),
    path("at/<str:code>/switch/", views.switch, name="switch"),
    path("at/<str:code>/secret/", views.secret, name="secret"),
    path("at/<str:code>/key/", views.public_key, name="public_key"),
    path("at/<str:code>/code.png", views.picture, name="picture"),
    path("at/<str:code>/poster.pdf", views.poster, name="poster"),
]
