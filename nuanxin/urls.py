"""Every address, by door."""

from django.urls import URLPattern, URLResolver, include, path

from nuanxin.web.open.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("kit/", include("nuanxin.web.kit.urls")),
]
