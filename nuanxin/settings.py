"""Settings: the environment and nothing else. Each name is explained in docs/operate.md."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from nuanxin.postgres import address

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str) -> bool:
    return text(name).lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    try:
        return int(text(name, str(default)))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a whole number: {text(name)!r}") from error


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    try:
        return [ip_network(word, strict=False) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} takes addresses or networks such as 10.0.0.0/8: {error}.") from error


# Where everything of this installation lies
NUANXIN_DATA = Path(text("NUANXIN_DATA", str(ROOT / "data"))).resolve()
NUANXIN_KEYS_FILE = Path(text("NUANXIN_KEYS_FILE", str(NUANXIN_DATA / "keys" / "nuanxin.keys")))
NUANXIN_FILES = Path(text("NUANXIN_FILES", str(NUANXIN_DATA / "files")))
NUANXIN_BASE_URL = text("NUANXIN_BASE_URL", "http://127.0.0.1:8000").rstrip("/")

DEBUG = flag("NUANXIN_DEBUG")
DEMO = flag("NUANXIN_DEMO")
if DEBUG and urlsplit(NUANXIN_BASE_URL).hostname not in {"127.0.0.1", "localhost", "::1"}:
    raise ImproperlyConfigured("NUANXIN_DEBUG shows what is secret: it is for an address of this machine only.")
ALLOWED_HOSTS = words("NUANXIN_ALLOWED_HOSTS") or sorted(
    {"127.0.0.1", "localhost", "[::1]", urlsplit(NUANXIN_BASE_URL).hostname or "localhost"}
)
SECURE = NUANXIN_BASE_URL.startswith("https://")


def secret_key() -> str:
    """Return the key of sessions and links: from the environment, or a file of the data folder made at set-up."""
    file = NUANXIN_KEYS_FILE.with_name("secret.key")
    if text("NUANXIN_SECRET_KEY"):
        return text("NUANXIN_SECRET_KEY")
    return file.read_text().strip() if file.exists() else ""


SECRET_KEY = secret_key()

# What the installation talks to
NUANXIN_SMS_URL, NUANXIN_MAIL_URL = text("NUANXIN_SMS_URL"), text("NUANXIN_MAIL_URL")
NUANXIN_RECEIPT_KEY = text("NUANXIN_RECEIPT_KEY")
NUANXIN_QUIET_HOURS = text("NUANXIN_QUIET_HOURS", "21:00-08:00")
NUANXIN_VERIFIER_URL = text("NUANXIN_VERIFIER_URL")
NUANXIN_VERIFIER_KEY = text("NUANXIN_VERIFIER_KEY")
NUANXIN_WEIXIN, NUANXIN_WEIXIN_QR = words("NUANXIN_WEIXIN"), words("NUANXIN_WEIXIN_QR")
NUANXIN_WEIXIN_URLS = words("NUANXIN_WEIXIN_URLS") or ["https://open.weixin.qq.com", "https://api.weixin.qq.com"]
NUANXIN_WEIXIN_NOTICES, NUANXIN_WEIXIN_TEMPLATES = words("NUANXIN_WEIXIN_NOTICES"), text("NUANXIN_WEIXIN_TEMPLATES")
NUANXIN_BOT_URLS = words("NUANXIN_BOT_URLS") or ["https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com"]
NUANXIN_DINGTALK = words("NUANXIN_DINGTALK")
NUANXIN_DINGTALK_URLS = words("NUANXIN_DINGTALK_URLS") or ["https://login.dingtalk.com", "https://api.dingtalk.com"]
NUANXIN_CELL, NUANXIN_DIRECTORY_URL = text("NUANXIN_CELL"), text("NUANXIN_DIRECTORY_URL").rstrip("/")
NUANXIN_DIRECTORY_POINT, NUANXIN_DIRECTORY_KEY = text("NUANXIN_DIRECTORY_POINT"), text("NUANXIN_DIRECTORY_KEY")
NUANXIN_DIRECTORY = flag("NUANXIN_DIRECTORY")
NUANXIN_CIPHER = text("NUANXIN_CIPHER", "aes")
NUANXIN_TRUSTED_PROXIES = networks("NUANXIN_TRUSTED_PROXIES")

# Packages, lowest floor first; then the doors
FLOORS = ["records", "messages", "regions", "organizations", "access", "members"]
FLOORS += ["formation", "bookings", "catalog", "activities", "benefits", "insight", "web.kit"]
DOORS = sorted(file.parent.name for file in (ROOT / "nuanxin" / "web").glob("[!k]*/__init__.py"))
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.weixin",
    "django_htmx",
    "csp",
    *[f"nuanxin.{name}" for name in FLOORS],
    *[f"nuanxin.web.{name}" for name in DOORS],
]
AUTH_USER_MODEL = "access.Account"

MIDDLEWARE = [
    "nuanxin.web.kit.headers.headers",
    "django.middleware.security.SecurityMiddleware",
    "nuanxin.web.kit.lanes.machines",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "nuanxin.web.kit.lanes.PagePolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "nuanxin.web.kit.lanes.Accounts",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "nuanxin.web.kit.actors.ActorMiddleware",
    "nuanxin.web.kit.refusals.RefusalMiddleware",
    "nuanxin.web.desk.gate.DeskGate",
]
ROOT_URLCONF = "nuanxin.urls"
WSGI_APPLICATION = "nuanxin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "nuanxin.web.kit.context.face",
                "nuanxin.web.desk.navigation.desk",
            ],
        },
    }
]


# The database. `NUANXIN_DATABASE_ROLE=owner` is set by the commands that migrate.
DATABASES = {
    "default": address.database(
        NUANXIN_DATA,
        url=text("NUANXIN_DATABASE_URL"),
        app_url=text("NUANXIN_DATABASE_APP_URL"),
        owner=text("NUANXIN_DATABASE_ROLE") == "owner",
    )
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
PROCRASTINATE_ON_APP_READY = None

# Sign-in and sessions
PROOFS = ("PasswordProof", "PhoneCodeProof", "PlatformProof", "PasskeyProof")
AUTHENTICATION_BACKENDS = [f"nuanxin.web.kit.sessions.{name}" for name in PROOFS]
PASSWORD_HASHERS = ["nuanxin.kernel.secrets.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
SESSION_ENGINE = "nuanxin.access.actions.session_store"
_HOST = "__Host-" if SECURE else ""  # a browser takes such a cookie from this host alone, and only encrypted
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_HOST}nuanxin", f"{_HOST}csrftoken"
SESSION_COOKIE_AGE = 30 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_FAILURE_VIEW = "nuanxin.web.kit.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [NUANXIN_BASE_URL]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "nuanxin.access.actions.sealing.SealedSecrets"

# Languages and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "nuanxin" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
USE_I18N = USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Pages: built by npm into build/static, collected with hashed names into build/served
STATIC_URL = "/static/"
STATICFILES_DIRS = [BUILD / "static"]
STATIC_ROOT = BUILD / "served"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(NUANXIN_FILES)}},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 3600

# Protection
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        **{name: [NONE] for name in ("default-src", "base-uri", "object-src", "frame-src", "frame-ancestors")},
        **{name: [SELF] for name in ("style-src", "font-src", "connect-src", "worker-src")},
        "script-src": [SELF, "https://res.wx.qq.com"] if NUANXIN_WEIXIN else [SELF],
        **{name: [SELF] for name in ("manifest-src", "form-action")},
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["default"],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if NUANXIN_TRUSTED_PROXIES else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "nuanxin.kernel.masking.MaskedLines", "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("NUANXIN_LOG_LEVEL", "INFO")},
    "loggers": {
        "fido2": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "CRITICAL"},  # whoever sends nonsense fills no log
    },
}
