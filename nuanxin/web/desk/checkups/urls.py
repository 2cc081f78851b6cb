"""Addresses of the check-up bus, below /desk/checkups/."""

from django.urls import path

from nuanxin.web.desk.checkups import clashes, days, packages, routes

urlpatterns = [
    path("", routes.routes, name="routes"),
    path("new/", routes.new, name="new"),
    path("packages/", packages.packages, name="packages"),
    path("packages/new/", packages.new, name="package_new"),
    path("packages/<uuid:pk>/end/", packages.end, name="package_end"),
    path("clashes/", clashes.inbox, name="clashes"),
    path("clashes/<uuid:pk>/", clashes.clash, name="clash"),
    path("days/<uuid:pk>/", days.day, name="day"),
    path("days/<uuid:pk>/device/", days.device, name="device"),
    path("days/<uuid:pk>/device/<uuid:device_id>/withdraw/", days.withdraw, name="withdraw"),
    path("days/<uuid:pk>/move/", days.move, name="move"),
    path("<str:number>/", routes.route, name="route"),
    path("<str:number>/announce/", routes.announce, name="announce"),
]
