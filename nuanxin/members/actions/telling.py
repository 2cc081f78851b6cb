"""Telling the applicant or member at once: a text message with the progress link or the card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.queries.applications import progress_token
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Application, Worker


def tell_applicant(
    application: Application, what: str, *, union_name: str, now: datetime, reason: str = "", member_number: str = ""
) -> None:
    """Queue a text message about an application; it leaves once this transaction is certain.

    :param what: an application state or act: the template is `application.<what>`.
    """
    due = application.due_at
    send_text(
        phone=PersonKey(application.sealed_key).unseal(application.sealed_phone),
        template=f"application.{what}",
        values={
            "number": application.number,
            "union": union_name,
            "reason": reason,
            "member_number": member_number,
            "due": f"{due.astimezone(ZONE):%Y-%m-%d %H:%M}" if due else "",
            "link": f"{settings.NUANXIN_BASE_URL}/a/{progress_token(application.id)}",
        },
        now=now,
    )


def tell_member(worker: Worker, template: str, *, union_name: str = "", now: datetime, reason: str = "") -> None:
    """Queue a text message to a member, such as `membership.suspended`; whoever has no phone now is not told."""
    phone = PersonKey(worker.sealed_key).unseal(worker.sealed_phone)
    if not phone:
        return
    send_text(
        phone=phone,
        template=template,
        values={"union": union_name, "reason": reason, "link": f"{settings.NUANXIN_BASE_URL}/card/"},
        now=now,
    )
