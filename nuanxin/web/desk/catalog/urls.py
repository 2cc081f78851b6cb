"""Addresses of services, targets and deliveries, below /desk/catalog/."""

from django.urls import path

from nuanxin.web.desk.catalog import deliveries, lists, progress, service, targets

urlpatterns = [
    path("", progress.progress, name="progress"),
    path("at/<str:code>/", progress.progress, name="progress_of"),
    path("services/", service.services, name="services"),
    path("services/excel", service.services_excel, name="services_excel"),
    path("services/new/", service.new_service, name="new_service"),
    path("services/lists/", lists.lists, name="lists"),
    path("services/lists/<str:kind>/new/", lists.new_row, name="new_row"),
    path("services/lists/<str:kind>/<str:code>/", lists.edit_row, name="edit_row"),
    path("services/lists/<str:kind>/<str:code>/remove/", lists.remove, name="remove_row"),
    path("services/<str:code>/", service.service, name="service"),
    path("services/<str:code>/edit/", service.edit_service, name="edit_service"),
    path("services/<str:code>/end/", service.end, name="end_service"),
    path("targets/", targets.targets, name="targets"),
    path("targets/excel", targets.targets_excel, name="targets_excel"),
    path("targets/new/", targets.new_target, name="new_target"),
    path("targets/<uuid:pk>/", targets.target, name="target"),
    path("targets/<uuid:pk>/edit/", targets.edit_target, name="edit_target"),
    path("targets/<uuid:pk>/drop/", targets.drop, name="drop_target"),
    path("deliveries/", deliveries.deliveries, name="deliveries"),
    path("deliveries/excel", deliveries.deliveries_excel, name="deliveries_excel"),
    path("deliveries/new/", deliveries.new_delivery, name="new_delivery"),
    path("deliveries/<uuid:pk>/", deliveries.delivery, name="delivery"),
    path("deliveries/<uuid:pk>/back/", deliveries.back, name="take_back"),
]
