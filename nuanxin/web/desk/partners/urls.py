"""Addresses of partners, below /desk/partners/."""

from django.urls import path

from nuanxin.web.desk.partners import acts, counters, views

urlpatterns = [
    path("", views.partners, name="partners"),
    path("excel/", views.excel, name="partners_excel"),
    path("new/", acts.new, name="new"),
    path("<uuid:pk>/", views.partner, name="partner"),
    path("<uuid:pk>/edit/", acts.edit, name="edit"),
    path("<uuid:pk>/end/", acts.end, name="end"),
    path("<uuid:pk>/contracts/new/", acts.new_contract, name="new_contract"),
    path("<uuid:pk>/contracts/<uuid:contract_pk>/end/", acts.end_contract, name="end_contract"),
    path("<uuid:pk>/places/new/", acts.new_place, name="new_place"),
    path("<uuid:pk>/places/<uuid:place_pk>/edit/", acts.edit_place, name="edit_place"),
    path("<uuid:pk>/places/<uuid:place_pk>/close/", acts.close_place, name="close_place"),
    path("<uuid:pk>/devices/new/", counters.new_device, name="new_device"),
    path("<uuid:pk>/devices/<uuid:device_pk>/renew/", counters.renew_device, name="renew_device"),
    path("<uuid:pk>/devices/<uuid:device_pk>/end/", counters.end_device, name="end_device"),
    path("<uuid:pk>/people/new/", counters.new_person, name="new_person"),
    path("<uuid:pk>/people/<uuid:staff_pk>/renew/", counters.renew_person, name="renew_person"),
    path("<uuid:pk>/people/<uuid:staff_pk>/end/", counters.end_person, name="end_person"),
]
