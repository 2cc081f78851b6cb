"""Settings of the tests: those of the product, a quick password hasher, and a server and keys of their own."""

import os
from pathlib import Path

_BUILD = Path(__file__).resolve().parent.parent / "build"
os.environ.setdefault("NUANXIN_DATA", str(_BUILD / "test"))
os.environ.setdefault("NUANXIN_DATABASE_ROLE", "owner")
os.environ.setdefault("NUANXIN_SECRET_KEY", "only-for-tests")

from nuanxin.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
NUANXIN_QUIET_HOURS = "none"  # tests run at any hour
