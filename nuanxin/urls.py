"""Every address, by door."""

from django.urls import URLPattern, URLResolver, include, path

from nuanxin.web.open.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("kit/", include("nuanxin.web.kit.urls")),
]

handler400 = "nuanxin.web.kit.errors.bad_request"
handler403 = "nuanxin.web.kit.errors.permission_denied"
handler404 = "nuanxin.web.kit.errors.page_not_found"
handler500 = "nuanxin.web.kit.errors.server_error"
