"""Addresses of the trials of routing."""

from django.urls import path

from nuanxin.web.desk.routing import cases, drafts, health

urlpatterns = [
    path("", cases.cases, name="cases"),
    path("health/", health.health, name="health"),
    path("health/excel/", health.excel, name="health_excel"),
    path("unions/<str:code>/admission/", drafts.try_new, name="try_new"),
    path("unions/<str:code>/admission/<uuid:rule_id>/change/", drafts.try_change, name="try_change"),
    path("unions/<str:code>/admission/<uuid:rule_id>/end/", drafts.try_end, name="try_end"),
    path("enterprises/<uuid:pk>/cover/", drafts.try_cover, name="try_cover"),
    path("enterprises/<uuid:pk>/uncover/", drafts.try_uncover, name="try_uncover"),
]
