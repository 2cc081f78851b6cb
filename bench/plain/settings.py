"""The product's settings with the plain model and the import library beside it."""

from nuanxin.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "import_export", "bench.plain"]  # noqa: F405
