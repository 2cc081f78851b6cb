"""Telling members and unions of transfers, and of what a union asks of a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.queries.transfers import waiting_for
from nuanxin.members.states import TransferSide
from nuanxin.messages.actions import notify, send_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from nuanxin.members.models import TransferRequest, Worker
    from nuanxin.organizations.models import Union


def tell_of_transfer(request: TransferRequest, what: str, *, union: Union, reason: str = "", now: datetime) -> None:
    """Queue a text message to a member about the own transfer: the template is `transfer.<what>`.

    :param union: the union that the sentence names; whom to call is its phone, or 12351.
    """
    tell_person(
        request.membership.worker,
        f"transfer.{what}",
        {
            "union": union.name,
            "reason": reason,
            "due": clock(request.due_at),
            "call": union.contact_phone or "12351",
            "link": f"{settings.NUANXIN_BASE_URL}/card/transfers/{request.pk}/",
        },
        union=request.from_union,
        link=f"/card/transfers/{request.pk}/",
        now=now,
    )


def tell_unions_of_transfer(request: TransferRequest, what: str, *, but: Collection[str] = (), now: datetime) -> None:
    """Tell both unions in the app what waits for them, or what was done.

    :param what: `waiting`, `done`, `refused` or `lapsed`.
    :param but: sides that need not hear of it.
    """
    sides = ((TransferSide.OLD, request.from_union, "left"), (TransferSide.NEW, request.to_union, "came"))
    for side, union, word in sides:
        if side in but:
            continue
        template = "transfer.waiting" if what == "waiting" else f"desk.transfer_{word if what == 'done' else what}"
        for account in sorted(waiting_for(union, Permission.REVIEW, now=now)):
            notify(
                account_id=account,
                template=template,
                values={
                    "number": request.membership.number,
                    "due": clock(request.due_at),
                    "from": request.from_union.name,
                    "to": request.to_union.name,
                },
                fact=f"transfer:{request.pk}:{side}:{what}",
                link=f"/desk/transfers/{request.pk}/",
                union_id=union.pk,
                now=now,
            )


def tell_person(
    worker: Worker, template: str, values: dict[str, str], *, union: Union, link: str = "/card/", now: datetime
) -> None:
    """Queue a text message to a member, told by a union; whoever has no phone now is not told.

    :param link: where somebody signed in reads more.
    """
    phone = PersonKey(worker.sealed_key).unseal(worker.sealed_phone)
    if phone:
        send_text(phone=phone, template=template, values=values, union_id=union.pk, link=link, now=now)


def clock(moment: datetime | None) -> str:
    """Return a moment as messages say it."""
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment else ""
