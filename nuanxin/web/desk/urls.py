"""Every address of the desk, by task area."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from nuanxin.web.desk import views
from nuanxin.web.desk.home import views as home
from nuanxin.web.desk.signin import passkeys, platforms
from nuanxin.web.desk.signin import views as signin

app_name = "desk"

AREAS = (
    "organizations",
    "access",
    "review",
    "people",
    "enterprise",
    "insight",
    "doors",
    "routing",
    "erasures",
    "transfers",
    "cells",
    "duplicates",
    "catalog",
    "rosters",
    "insurance",
    "events",
    "formation",
    "ceremonies",
    "notices",
    "bookings",
    "partners",
    "packs",
    "coupons",
    "checkups",
    "recuperation",
    "draws",
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("notices/read/", views.read_notices, name="read_notices"),
    path("sign-in/", signin.sign_in, name="sign_in"),
    path("sign-in/code/", signin.second_factor, name="second_factor"),
    path("sign-in/passkey/", passkeys.prove, name="passkey"),
    path("sign-in/passkey/options/", passkeys.options, name="passkey_options"),
    path("sign-in/with/<str:platform>/", platforms.go, name="platform"),
    path("sign-in/with/<str:platform>/back/", platforms.back, name="platform_back"),
    path("sign-in/password/", signin.first_password, name="first_password"),
    path("sign-in/authenticator/", signin.bind, name="bind_second_factor"),
    path("sign-out/", signin.sign_out_view, name="sign_out"),
    *(
        path(f"{area}/", include((f"nuanxin.web.desk.{area}.urls", area)))
        for area in AREAS
        if find_spec(f"nuanxin.web.desk.{area}") and find_spec(f"nuanxin.web.desk.{area}.urls")
    ),
]
