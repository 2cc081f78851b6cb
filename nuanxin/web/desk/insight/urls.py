"""Addresses of the dashboards, below /desk/insight/."""

from django.urls import path

from nuanxin.web.desk.insight import assurance, views

urlpatterns = [
    path("", views.home, name="dashboard"),
    path("union/<str:code>/", views.union, name="union"),
    path("union/<str:code>/excel", views.union_excel, name="union_excel"),
    path("assurance/", assurance.assurance_home, name="assurance_home"),
    path("assurance/<str:code>/", assurance.assurance, name="assurance"),
    path("region/", views.region, name="nation"),
    path("region/excel", views.region_excel, name="nation_excel"),
    path("region/<str:code>/", views.region, name="region"),
    path("region/<str:code>/excel", views.region_excel, name="region_excel"),
]
