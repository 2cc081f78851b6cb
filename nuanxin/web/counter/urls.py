"""Addresses of the counter's door."""

from django.urls import path

from nuanxin.web.counter import bus, coupons, offline, results, scans, views

app_name = "counter"

urlpatterns = [
    path("", views.home, name="home"),
    path("enroll/", views.enroll, name="enroll"),
    path("scans/<uuid:pk>/", scans.again, name="scan"),
    path("scans/<uuid:pk>/act/", scans.act, name="act"),
    path("people/", scans.people, name="people"),
    path("people/leave/", scans.leave, name="leave"),
    path("place/", scans.place, name="place"),
    path("coupons/", coupons.coupons, name="coupons"),
    path("coupons/<uuid:pk>/back/", coupons.back, name="coupon_back"),
    path("bundle/", offline.bundle, name="bundle"),
    path("checks/", offline.checks, name="checks"),
    path("results/", results.results, name="results"),
    path("results/read/", results.read, name="result_read"),
    path("bus/", bus.bus, name="bus"),
    path("bus/snapshot/", bus.snapshot, name="bus_snapshot"),
    path("bus/arrivals/", bus.arrivals, name="bus_arrivals"),
    path("bus/code/", bus.code, name="bus_code"),
    path("bus/queue/", bus.queue, name="bus_queue"),
    path("bus/queue/numbers/", bus.numbers, name="bus_numbers"),
    path("bus/queue/next/", bus.next_number, name="bus_next"),
]
