"""Checking somebody in at a counter that scans every kind of code."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import Actor as ConcreteActor
from nuanxin.access.actors import Grant
from nuanxin.access.states import Permission
from nuanxin.activities.queries.applies import BOOKED_KINDS, is_of
from nuanxin.bookings.actions.arriving import AlreadyIn, check_in
from nuanxin.bookings.models import Booking
from nuanxin.catalog.rules.applies import Done
from nuanxin.kernel.refusals import NotFound
from nuanxin.members.queries.scans import SCAN_LIFE

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.catalog.rules.applies import Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker


@transaction.atomic
def check_in_here(*, actor: Actor, worker: Worker, here: Here, key: str, now: datetime) -> Done:
    """Check a member in to a booking at a counter; a second tap within the life of a scan does nothing twice.

    :param key: the booking's id, as `booked_here` told it.
    :raises NotFound: not this member's, not of this counter's union, or not a kind that it may scan.
    :raises Conflict: too early, over, cancelled, or checked in long before.
    """
    try:
        pk = UUID(key)
    except ValueError:
        raise NotFound from None
    booking = Booking.objects.select_related("offer__union", "session").filter(pk=pk, worker=worker.pk).first()
    if booking is None or not is_of(here, booking) or BOOKED_KINDS.get(booking.offer.kind) not in here.kinds:
        raise NotFound
    path = booking.offer.union.path
    grant = Grant(frozenset({Permission.CHECK_IN}), path=path, via="scope", source_id=here.device_id)
    counter = ConcreteActor(kind="device", source_id=actor.source_id, grants=(grant,))
    try:
        check_in(actor=counter, booking_id=booking.pk, now=now)
    except AlreadyIn as before:
        if before.at is not None and now - before.at < SCAN_LIFE:
            return Done(_("Checked in."), again=True)
        raise
    return Done(_("Checked in."))
