"""Addresses of mobile events, below /desk/events/."""

from django.urls import path

from nuanxin.web.desk.events import door, programs

urlpatterns = [
    path("", programs.programs, name="programs"),
    path("new/", programs.new, name="new"),
    path("e/<uuid:pk>/", door.event, name="event"),
    path("e/<uuid:pk>/live/", door.live, name="live"),
    path("e/<uuid:pk>/door/", door.let_people_in, name="door"),
    path("e/<uuid:pk>/photos/", door.add, name="add_photo"),
    path("e/<uuid:pk>/photos/<uuid:photo>/", door.photo, name="photo"),
    path("e/<uuid:pk>/photos/<uuid:photo>/remove/", door.remove, name="remove_photo"),
    path("<str:number>/", programs.program, name="program"),
    path("<str:number>/events.xlsx", programs.excel, name="excel"),
    path("<str:number>/plan/", programs.plan, name="plan"),
    path("<str:number>/announce/", programs.announce, name="announce"),
]
