"""Carrying away: which texts are due, and what became of each try."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.rows import columns, load
from nuanxin.messages.models import Outlet, TextMessage
from nuanxin.messages.states import Kind, TextState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

#: How long after each try the next one may come; a worker that dies meanwhile delays a message by as much.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 300, 1800, 0))
#: Tries before a message is given up.
TRIES = len(PAUSES)
#: How long a text that failed can be sent again by hand; then it forgets address and text.
KEPT = timedelta(days=7)
_FORGET: Mapping[str, bytes] = {"sealed_address": b"", "sealed_text": b"", "sealed_values": b""}


_CLAIM = f"""
UPDATE notices_textmessage AS taken
SET attempts = attempts + 1, try_at = %(now)s + (%(pauses)s::interval[])[attempts + 1]
WHERE id IN (
    SELECT id FROM notices_textmessage
    WHERE state = 'queued' AND is_urgent = %(urgent)s AND try_at <= %(now)s AND attempts < %(tries)s
    ORDER BY try_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING {columns(TextMessage, "taken")}
"""
_HOLD = f"""
UPDATE notices_textmessage AS held SET try_at = %(until)s
WHERE id IN (
    SELECT id FROM notices_textmessage
    WHERE state = 'queued' AND is_urgent = false AND try_at <= %(now)s
    ORDER BY try_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING {columns(TextMessage, "held")}
"""


def claim(*, now: datetime, most: int, is_quiet: bool = False) -> list[TextMessage]:
    """Take the queued messages that are due for one try each; no other worker gets them meanwhile.

    The others only while nothing urgent is due: who waits for a code does not wait for a hundred thousand greetings.

    :param is_quiet: only the urgent ones.
    """
    values = {"now": now, "pauses": list(PAUSES), "tries": TRIES, "most": most}
    found = _rows(_CLAIM, values | {"urgent": True})
    if not found and not is_quiet:
        found = _rows(_CLAIM, values | {"urgent": False})
    return sorted(found, key=lambda message: message.created_at)


def hold(*, now: datetime, until: datetime, most: int) -> list[TextMessage]:
    """Let what is due and not urgent wait for the end of the quiet hours; return it. No try is counted."""
    return _rows(_HOLD, {"now": now, "until": until, "most": most})


def _rows(statement: str, values: Mapping[str, Any]) -> list[TextMessage]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [load(TextMessage, row) for row in cursor.fetchall()]


def settle_sent(messages: Collection[TextMessage], *, now: datetime) -> None:
    """Write down that messages were taken by the gateway: they forget address and text."""
    TextMessage.objects.filter(pk__in=[message.pk for message in messages], state=TextState.QUEUED).update(
        state=TextState.SENT, sent_at=now, last_error="", **_FORGET
    )
    # A receipt was quicker: its news stands, the rest is the same.
    TextMessage.objects.filter(
        pk__in=[message.pk for message in messages], state__in=[TextState.DELIVERED, TextState.READ], sent_at=None
    ).update(sent_at=now, **_FORGET)


def settle_failed(message: TextMessage, *, error: str, for_good: bool = False) -> bool:
    """Write down that a try failed; answer whether it was the last one.

    A message that is given up keeps address and text for some days, so that it can be sent again by hand; a code does
    not: it is worth nothing by then.
    """
    is_over = for_good or message.attempts >= TRIES
    changes: dict[str, object] = {"last_error": error[:200]}
    if is_over:
        changes["state"] = TextState.FAILED
        if message.kind == Kind.CODE:
            changes |= _FORGET
    changed = TextMessage.objects.filter(pk=message.pk, state=TextState.QUEUED).update(**changes)
    return is_over and bool(changed)


def give_back(messages: Collection[TextMessage]) -> None:
    """Give back what was taken and not tried, because its gateway answers nothing right now: no try is counted."""
    TextMessage.objects.filter(pk__in=[message.pk for message in messages], state=TextState.QUEUED).update(
        attempts=F("attempts") - 1
    )


def note_outlet(channel: str, *, sent: int, errors: Collection[str], now: datetime) -> None:
    """Write down how a way out fares: when it last worked, and when and why it last failed."""
    Outlet.objects.bulk_create([Outlet(channel=channel)], ignore_conflicts=True)
    changes: dict[str, object] = {}
    if sent:
        changes |= {"succeeded_at": now, "failures": len(errors)}
    elif errors:
        changes |= {"failures": F("failures") + len(errors)}
    if errors:
        changes |= {"failed_at": now, "last_error": list(errors)[-1][:200]}
    if changes:
        Outlet.objects.filter(channel=channel).update(**changes)


def forget_unsent(*, now: datetime) -> int:
    """Let what failed some days ago forget address and text; return how many texts did."""
    rows = TextMessage.objects.filter(state=TextState.FAILED, created_at__lt=now - KEPT).exclude(sealed_address=b"")
    return rows.update(**_FORGET)


@transaction.atomic
def retry_text(*, actor: Actor, message: TextMessage, union_path: str, now: datetime) -> None:
    """Send a text that failed once more, by hand, with all its tries anew.

    :param union_path: path of the union that told it; empty for what no union told.
    :raises NotAllowed: without `notices.manage` there.
    :raises Conflict: it did not fail, somebody was quicker, or its text is gone.
    """
    actor.require("notices.manage", at=union_path or None)
    rows = TextMessage.objects.filter(pk=message.pk, state=TextState.FAILED).exclude(sealed_address=b"")
    if not rows.update(state=TextState.QUEUED, attempts=0, try_at=now, last_error=""):
        raise Conflict("not_to_retry", _("This text cannot be sent again: it did not fail, or its words are gone."))
    record(actor, "notices.text_retried", message, now=now, union_path=union_path, template=message.template)
