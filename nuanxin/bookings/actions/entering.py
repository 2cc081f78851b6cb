"""Entering a lottery: where offers that are given by lot take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.actions.outcomes import Outcome, Wish
    from nuanxin.bookings.rules.terms import Standing, Terms
    from nuanxin.kernel.actor import Actor


def enter(
    *, actor: Actor, terms: Terms, session: UUID | None, standing: Standing, wish: Wish, now: datetime
) -> Outcome:
    """Take part in the draw of an offer. Part of `book`, which has asked for permission and every check.

    :raises Conflict: no draw was announced for this offer.
    """
    raise Conflict("no_draw", _("No draw has been announced for this yet. Please come back later."))
