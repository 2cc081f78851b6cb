"""Addresses of rosters, below /desk/rosters/."""

from django.urls import path

from nuanxin.web.desk.rosters import acts, columns, lists, roster, upload

urlpatterns = [
    path("", lists.rosters, name="rosters"),
    path("new/", upload.upload, name="upload"),
    path("template/", upload.template, name="template"),
    path("<str:number>/", roster.roster, name="roster"),
    path("<str:number>/progress/", roster.progress, name="progress"),
    path("<str:number>/columns/", columns.columns, name="columns"),
    path("<str:number>/enroll/", acts.enroll, name="enroll"),
    path("<str:number>/undo/", acts.undo, name="undo"),
    path("<str:number>/errors/", acts.errors, name="errors"),
]
