"""Licensing systems: who they are, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from nuanxin.access.actors import Actor, Grant
from nuanxin.access.queries import visible_clients
from nuanxin.access.states import Permission, Scope
from nuanxin.formation.models import PermitSource

if TYPE_CHECKING:
    from django.db.models import QuerySet


def find_source(key: str) -> PermitSource | None:
    """Return the licensing system with a key that counts; none when it is unknown or its client was revoked."""
    try:
        pk = UUID(key)
    except ValueError:
        return None
    rows = PermitSource.objects.select_related("client", "union")
    return rows.filter(pk=pk, client__revoked_at=None, client__scopes__contains=[Scope.SEND_PERMITS]).first()


def visible_sources(actor: Actor) -> QuerySet[PermitSource]:
    """Return the licensing systems: to those who manage keys at the root of the tree."""
    rows = PermitSource.objects.filter(client__in=visible_clients(actor)).select_related("client", "union")
    return rows.order_by("-created_at", "-pk")


def actor_of_source(source: PermitSource) -> Actor:
    """Return a licensing system as actor: it may enter enterprises of the area of its union, and nothing else."""
    grant = Grant(
        frozenset({Permission.EDIT_ENTERPRISES}),
        path=source.union.path,
        region_code=source.union.region_id or "",
        via="scope",
        source_id=source.client_id,
    )
    return Actor(kind="client", source_id=source.client_id, grants=(grant,), name=source.name)
