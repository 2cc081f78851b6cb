"""Telling the applicant or member at once: a text message with the progress link or the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.queries.applications import progress_token
from nuanxin.messages.actions import notify, send_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.models import Application, Contest, Worker


#: Where somebody signed in finds the own applications; the link in the text is a secret of its own.
_OWN_PAGE = "/me/acts/"


def tell_applicant(
    application: Application, what: str, *, union_name: str, now: datetime, reason: str = "", member_number: str = ""
) -> None:
    """Queue a text message about an application; it leaves once this transaction is certain.

    :param what: an application state or act: the template is `application.<what>`.
    """
    send_text(
        phone=PersonKey(application.sealed_key).unseal(application.sealed_phone),
        template=f"application.{what}",
        values={
            "number": application.number,
            "union": union_name,
            "reason": reason,
            "member_number": member_number,
            "due": _clock(application.due_at),
            "link": f"{settings.NUANXIN_BASE_URL}/a/{progress_token(application.id)}",
        },
        fact=f"{application.number} {application.union_id} {_clock(application.due_at)}",
        union_id=application.union_id,
        link=_OWN_PAGE,
        now=now,
    )


def tell_of_contest(
    contest: Contest, what: str, *, union_name: str, now: datetime, reason: str = "", due: datetime | None = None
) -> None:
    """Queue a text message to the applicant about a contest.

    :param what: what happened: the template is `contest.<what>`.
    :param due: by when the next answer comes, if one comes.
    """
    application = contest.application
    send_text(
        phone=PersonKey(application.sealed_key).unseal(application.sealed_phone),
        template=f"contest.{what}",
        values={
            "number": application.number,
            "union": union_name,
            "reason": reason,
            "due": _clock(due),
            "link": f"{settings.NUANXIN_BASE_URL}/a/{progress_token(application.id)}",
        },
        fact=f"{contest.pk} {contest.union_id} {_clock(due)}",
        union_id=contest.union_id,
        link=_OWN_PAGE,
        now=now,
    )


def tell_reviewers(
    accounts: Iterable[UUID],
    template: str,
    *,
    number: str,
    due: datetime | None,
    fact: str,
    link: str,
    now: datetime,
    union_id: UUID | None = None,
) -> None:
    """Tell reviewers in the app what waits for them, until when; the same fact once each.

    :param union_id: the union that it waits for: its chats are told too.
    """
    for account in sorted(accounts):
        notify(
            account_id=account,
            template=template,
            values={"number": number, "due": _clock(due)},
            fact=fact,
            link=link,
            union_id=union_id,
            now=now,
        )


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M}" if moment else ""


def tell_member(
    worker: Worker,
    template: str,
    *,
    union_name: str = "",
    now: datetime,
    reason: str = "",
    union_id: UUID | None = None,
) -> None:
    """Queue a text message to a member, such as `membership.suspended`; whoever has no phone now is not told."""
    phone = PersonKey(worker.sealed_key).unseal(worker.sealed_phone)
    if not phone:
        return
    send_text(
        phone=phone,
        template=template,
        values={"union": union_name, "reason": reason, "link": f"{settings.NUANXIN_BASE_URL}/card/"},
        union_id=union_id,
        now=now,
    )
