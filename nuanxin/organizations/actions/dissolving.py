"""Dissolving a union, or merging it into another: one act, in which everybody goes on elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.refusals import Busy, Conflict, Invalid
from nuanxin.organizations.actions.events import UnionDissolved
from nuanxin.organizations.actions.unions import fresh_union, hold_tree
from nuanxin.organizations.models import Coverage, Union
from nuanxin.organizations.states import COVERING_KINDS, EDIT_UNIONS
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor

LEAST_REASON = 4
#: How long it waits for a row, less than PostgreSQL's look for deadlocks takes to begin; and how often it tries.
_PATIENCE, _TRIES = "500ms", 6


def dissolve_union(*, actor: Actor, union: Union, heir: Union | None, reason: str, now: datetime) -> Union:
    """Dissolve a union, or merge it into another one; its code is never used again.

    Nobody dissolves or merges a union at will: the union above decides (trade union law 2021, article 12), so the
    actor needs the permission there, and at the heir. Announces `UnionDissolved`, whose hearers bring everybody on.

    :param heir: the union that takes everybody and everything over; without one each member goes where the rules of
        routing lead, and the employers are covered by nobody until somebody covers them.
    :raises NotAllowed, NotFound: not from above, or not at the heir.
    :raises Invalid: no reason, or the union itself as its heir.
    :raises Conflict: closed meanwhile, unions below it, or an heir that cannot cover employers.
    :raises Busy: its applications are being decided on, again and again.
    """
    for _try in range(_TRIES):
        try:
            return _dissolve(actor, union, heir, reason, now)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise Busy("union_busy", _("Others are just deciding on its applications. Please try again in a moment."))


@transaction.atomic
def _dissolve(actor: Actor, union: Union, heir: Union | None, reason: str, now: datetime) -> Union:
    # A reviewer holds the application and waits for the union; here it is the other way round. Whoever reviews wins.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
    hold_tree(alone=True)
    held = fresh_union(union, alone=True)
    if held.parent is None:
        raise Invalid("root_stays", _("The national federation stays at the root."))
    actor.require(EDIT_UNIONS, at=held.parent)
    why = reason.strip()
    if len(why) < LEAST_REASON:
        raise Invalid("reason_missing", _("Please write the reason, in at least four characters."), field="reason")
    into = _check_heir(actor, held, heir) if heir else None
    covered = _hand_over(held, into, local_day(now))
    below = Union.objects.filter(parent=OuterRef("pk"), closed_at=None)
    if not Union.objects.filter(~Exists(below), pk=held.pk, closed_at=None).update(closed_at=now):
        raise Conflict("union_above", _("There are still unions below this one. Move or dissolve those first."))
    held.closed_at = now
    record(
        actor,
        "organizations.union_dissolved",
        held,
        now=now,
        union_path=held.path,
        reason=why[:200],
        heir=into.code if into else "",
        enterprises=covered,
    )
    announce(UnionDissolved(held, into, actor, why, now))
    return held


def _check_heir(actor: Actor, union: Union, heir: Union) -> Union:
    if heir.pk == union.pk:
        raise Invalid("own_heir", _("A union cannot be merged into itself."), field="heir")
    into = fresh_union(heir)
    actor.require(EDIT_UNIONS, at=into)
    covering = Coverage.objects.filter(union=union, valid_until=None)
    if into.kind not in COVERING_KINDS and covering.exists():
        raise Conflict(
            "heir_covers_nobody",
            _("The union covers employers, and %(heir)s is of a kind that cannot. Choose another one.")
            % {"heir": into.name},
            field="heir",
        )
    return into


def _hand_over(union: Union, heir: Union | None, on: date) -> int:
    """End what a union covers, and let the heir cover it from the same day; return how many employers."""
    held = list(Coverage.objects.select_for_update().filter(union=union, valid_until=None).order_by("pk"))
    young = [each.pk for each in held if each.valid_from >= on]
    if heir:
        Coverage.objects.filter(pk__in=young).update(union=heir)
    else:
        Coverage.objects.filter(pk__in=young).delete()
    older = [each for each in held if each.valid_from < on]
    Coverage.objects.filter(pk__in=[each.pk for each in older]).update(valid_until=on)
    if heir:
        Coverage.objects.bulk_create(
            Coverage(enterprise_id=each.enterprise_id, union=heir, basis=each.basis, valid_from=on) for each in older
        )
    return len(held)
