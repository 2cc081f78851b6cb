"""The counter: a cadre enters an application for somebody who stands there, with the code from that person's phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.actions.apply import Sent, confirm_application, resend_code, start_application
from nuanxin.members.models import Application
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries.lists import open_doors
from nuanxin.organizations.queries.unions import get_union
from nuanxin.organizations.states import DoorKind
from nuanxin.records.actions import record
from nuanxin.records.queries import entries_of_any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

ENTERED = "members.application_entered"


@transaction.atomic
def enter_at_counter(
    *,
    actor: Actor,
    union_code: str,
    raw: Mapping[str, Any],
    consents: Collection[str],
    door: str = "counter",
    now: datetime,
) -> Sent:
    """Take in an application for a person who stands at the counter; the code goes to that person's phone.

    The union counts as the scanned one: routing decides as for everybody. Who entered it is recorded.

    :param consents: what the person has read and agreed to; the cadre states it by name.
    :raises NotFound: no such union in reach.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: fields, consents, or a door that is no counter or is shut.
    :raises TooMany: this phone or this identity was tried too often within a day.
    """
    union = get_union(actor, union_code, Permission.ENTER)
    actor.require(Permission.ENTER, at=union)
    found = open_doors(local_day(now)).get(door)
    if found is None or found.kind != DoorKind.COUNTER:
        raise Invalid("unknown_door", _("This counter is not open."), field="door")
    sent = start_application(
        actor=actor,
        raw=raw,
        door=door,
        scanned_code=union.code,
        consents=consents,
        consent_version=CONSENT_VERSION,
        opened_at=now,
        now=now,
    )
    record(actor, ENTERED, sent.application, now=now, union_path=union.path, union=union.code, door=door)
    return sent


def confirm_at_counter(*, actor: Actor, number: str, code: str, now: datetime) -> Sent:
    """Prove the phone with the code that the person reads out, and send the application on its way.

    :raises NotFound: not one that this cadre entered and that still waits for its code.
    :raises Invalid: a wrong, used or expired code.
    """
    own_entry(actor, number)
    return confirm_application(actor=actor, number=number, code=code, now=now)


def send_again_at_counter(*, actor: Actor, number: str, now: datetime) -> None:
    """Send a fresh code to the person's phone.

    :raises NotFound: not one that this cadre entered and that still waits for its code.
    :raises TooMany: codes were asked for too often.
    """
    own_entry(actor, number)
    resend_code(actor=actor, number=number, now=now)


def own_entry(actor: Actor, number: str) -> Application:
    """Return an application that this cadre entered and that waits for its code; 404 for any other."""
    waiting = Application.objects.filter(number=number, state=ApplicationState.UNCONFIRMED).first()
    if waiting is None or actor.account_id is None:
        raise NotFound
    entries = entries_of_any([waiting.pk]).filter(action=ENTERED, account_id=actor.account_id)
    if not entries.exists():
        raise NotFound
    return waiting
