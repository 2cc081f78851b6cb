"""Where the database is: the embedded server of the data folder, or any other by its address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from . import cluster

if TYPE_CHECKING:
    from pathlib import Path


def database(data: Path, *, url: str, app_url: str, owner: bool) -> dict[str, object]:
    """Return Django's settings of the database for the role this process plays.

    :param data: the data folder, whose embedded server is used when there is no `url`.
    :param url: `postgresql://…` of another server; `app_url` the same for the application role, if it differs.
    :param owner: the role that migrates; everything else runs as the application role.
    :raises ImproperlyConfigured: an address that is none.
    """
    if url and not owner:
        url = app_url or url
    if url:
        where = from_url(url)
    else:
        embedded = cluster.find(data)
        user = cluster.OWNER if owner else cluster.APPLICATION
        where = {"HOST": str(embedded.socket), "PORT": str(cluster.PORT), "NAME": cluster.DATABASE, "USER": user}
    defaults = {
        "application_name": "nuanxin",
        "server_side_binding": True,
        "prepare_threshold": 4,  # planning cost more than running
        # Short, because every search reads the whole list of what the index has not taken in yet.
        "options": "-c gin_pending_list_limit=64kB",
    }
    options: dict[str, object] = defaults | dict(where.pop("OPTIONS", {}))  # type: ignore[call-overload]
    return {
        "ENGINE": "nuanxin.postgres.backend",
        **where,
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if owner else 600,  # each thread keeps its own: what it prepared stays prepared
        "CONN_HEALTH_CHECKS": True,  # an empty query, some 0.05 ms: a restarted server costs nobody an error page
        "ATOMIC_REQUESTS": False,
    }


def from_url(url: str) -> dict[str, object]:
    """Take a `postgresql://user:password@host:port/name?option=value` apart; percent-encoding is undone."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("NUANXIN_DATABASE_URL must look like postgresql://user:password@host:5432/name")
    return {
        "HOST": unquote(options.pop("host", parts.hostname or "")),
        "PORT": str(options.pop("port", parts.port or "")),
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "OPTIONS": options,
    }
