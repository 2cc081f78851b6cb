"""What was sent to whom: of the unions in reach, masked, and never its words once it has gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Count, Q

from nuanxin.access.models import Account
from nuanxin.access.queries import unions_in_reach
from nuanxin.access.states import Permission
from nuanxin.kernel.identifiers import mask_name, mask_phone, parse_phone
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.secrets import PersonKey, digest
from nuanxin.members.models import Worker
from nuanxin.messages.models import GroupChat, Notice, TextMessage
from nuanxin.messages.rules.addresses import parse_email
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


Row = TypeVar("Row", TextMessage, Notice)


@dataclass(frozen=True, slots=True)
class ToldFilters:
    """What narrows the list: to whom (a whole phone or mailbox), of which kind, how it went, by which way, when."""

    to: str = ""
    kind: str = ""
    state: str = ""
    channel: str = ""
    since: datetime | None = None
    until: datetime | None = None


def reaches_all(actor: Actor, permission: str) -> bool:
    """Answer whether a permission is held over the whole tree: only then is seen what no union told."""
    roots = list(Union.objects.filter(parent=None))
    return bool(roots) and all(actor.may(permission, at=root) for root in roots)


def told_texts(
    actor: Actor, filters: ToldFilters, *, permission: str = Permission.VIEW_NOTICES
) -> QuerySet[TextMessage]:
    """Return the texts of the unions in reach; whoever reaches everything also sees those that no union sent."""
    rows = TextMessage.objects.all()
    if not reaches_all(actor, permission):
        rows = rows.filter(union_id__in=unions_in_reach(actor, permission).values("pk"))
    if filters.to:
        rows = rows.filter(address_digest__in=_digests(filters.to))
    exact = {"kind": filters.kind, "state": filters.state, "channel": filters.channel}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return _between(rows, filters)


#: Of each kind, as many as the tab of one member shows.
MOST_TOLD = 50


def told_to(actor: Actor, worker: Worker) -> tuple[list[TextMessage], list[Notice]]:
    """Return the newest texts to a person's phone, and notices in the app, of the unions in reach."""
    newest = ("-created_at", "-pk")
    texts, notices = TextMessage.objects.none(), Notice.objects.none()
    if worker.phone_digest:
        texts = told_texts(actor, ToldFilters()).filter(address_digest=worker.phone_digest)
    if worker.account_id:
        notices = told_notices(actor, ToldFilters()).filter(account_id=worker.account_id)
    return list(texts.order_by(*newest)[:MOST_TOLD]), list(notices.order_by(*newest)[:MOST_TOLD])


def told_notices(actor: Actor, filters: ToldFilters) -> QuerySet[Notice]:
    """Return the notices in the app of the unions in reach."""
    rows = Notice.objects.all()
    if not reaches_all(actor, Permission.VIEW_NOTICES):
        rows = rows.filter(union_id__in=unions_in_reach(actor, Permission.VIEW_NOTICES).values("pk"))
    if filters.to:
        workers = Worker.objects.filter(phone_digest__in=_digests(filters.to))
        rows = rows.filter(account_id__in=workers.values("account_id"))
    if filters.state:
        rows = rows.filter(read_at=None) if filters.state == "unread" else rows.exclude(read_at=None)
    return _between(rows, filters)


def _between(rows: QuerySet[Row], filters: ToldFilters) -> QuerySet[Row]:
    if filters.since:
        rows = rows.filter(created_at__gte=filters.since)
    if filters.until:
        rows = rows.filter(created_at__lt=filters.until)
    return rows


def _digests(typed: str) -> list[bytes]:
    """Return the blind indexes of what was typed; none of what is neither a phone nor a mailbox."""
    try:
        return [digest("email", parse_email(typed))] if "@" in typed else [digest("phone", parse_phone(typed))]
    except Invalid:
        return []


def counts_by_state(rows: QuerySet[TextMessage]) -> dict[str, int]:
    """Return how many texts there are in each state; to be asked of a day or some, not of everything."""
    found = rows.order_by().values("state").annotate(count=Count("pk"))
    return {row["state"]: row["count"] for row in found}


def get_text(actor: Actor, pk: UUID, *, permission: str) -> tuple[TextMessage, str]:
    """Return one text in reach, and the path of its union, or of the top of the tree when no union told it.

    :raises NotFound: there is none that the actor may act upon.
    """
    message = told_texts(actor, ToldFilters(), permission=permission).filter(pk=pk).first()
    if message is None:
        raise NotFound
    found = Union.objects.filter(pk=message.union_id) if message.union_id else Union.objects.filter(parent=None)
    path = found.order_by("created_at", "pk").values_list("path", flat=True).first()
    if path is None:
        raise NotFound
    return message, path


def chats_in_reach(actor: Actor) -> list[tuple[GroupChat, Union]]:
    """Return the chats of the unions in reach that are still told, with their unions."""
    unions = {union.pk: union for union in unions_in_reach(actor, Permission.MANAGE_NOTICES)}
    rows = GroupChat.objects.filter(union_id__in=unions, removed_at=None).order_by("created_at", "pk")
    return [(row, unions[row.union_id]) for row in rows]


def get_chat(actor: Actor, pk: UUID) -> tuple[GroupChat, Union]:
    """Return one chat in reach, with its union.

    :raises NotFound: there is none, or it is told no more.
    """
    chat = GroupChat.objects.filter(pk=pk, removed_at=None).first()
    union = unions_in_reach(actor, Permission.MANAGE_NOTICES).filter(pk=chat.union_id).first() if chat else None
    if chat is None or union is None:
        raise NotFound
    return chat, union


def union_names_by_id(ids: Collection[UUID]) -> dict[UUID, Union]:
    """Return unions by their id, for showing their names."""
    return {union.pk: union for union in Union.objects.filter(pk__in=ids)}


def people_of(accounts: Collection[UUID]) -> dict[UUID, str]:
    """Return who accounts are, as they may be shown: a cadre's name, a worker's masked name and phone."""
    found: dict[UUID, str] = {}
    for account in Account.objects.filter(pk__in=accounts).exclude(name=""):
        found[account.pk] = account.name
    workers = Worker.objects.filter(Q(account__in=accounts)).only("account_id", "name", "sealed_key", "sealed_phone")
    for worker in workers:
        if worker.account_id is not None:
            phone = PersonKey(worker.sealed_key).unseal(worker.sealed_phone)
            found.setdefault(worker.account_id, f"{mask_name(worker.name)} {mask_phone(phone)}".strip())
    return found
