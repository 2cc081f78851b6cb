"""Every address, by door."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("nuanxin.web.api.urls")),
    path("kit/", include("nuanxin.web.kit.urls")),
    path("desk/", include("nuanxin.web.desk.urls")),
    path("counter/", include("nuanxin.web.counter.urls")),
    path("", include("nuanxin.web.open.urls")),
    path("", include("nuanxin.web.worker.urls")),
]

handler400 = "nuanxin.web.kit.errors.bad_request"
handler403 = "nuanxin.web.kit.errors.permission_denied"
handler404 = "nuanxin.web.kit.errors.page_not_found"
handler500 = "nuanxin.web.kit.errors.server_error"
