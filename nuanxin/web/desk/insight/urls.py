"""Addresses of the dashboards, below /desk/insight/."""

from django.urls import path

from nuanxin.web.desk.insight import views

urlpatterns = [
    path("", views.home, name="insight"),
    path("union/<str:code>/", views.union, name="insight_union"),
    path("union/<str:code>/excel", views.union_excel, name="insight_union_excel"),
    path("region/", views.region, name="insight_nation"),
    path("region/excel", views.region_excel, name="insight_nation_excel"),
    path("region/<str:code>/", views.region, name="insight_region"),
    path("region/<str:code>/excel", views.region_excel, name="insight_region_excel"),
]
