"""Draws before anybody enters: the seed is sealed, its digest and everything else that will decide are published."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.granting import constraint_of
from nuanxin.bookings.models import Draw
from nuanxin.bookings.rules.draws import LEAST_GAP, check_codes, check_hour, check_source, commitment_of
from nuanxin.bookings.states import DrawState, OfferState, Way
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.secrets import keyring
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.models import Offer
    from nuanxin.kernel.actor import Actor

#: In these a draw may still be announced: nobody can have entered without one.
_BEFORE = (OfferState.ANNOUNCED, OfferState.OPEN)


@transaction.atomic
def announce_draw(
    *,
    actor: Actor,
    offer: Offer,
    source: str,
    source_link: str,
    value_at: datetime,
    source_en: str = "",
    now: datetime,
) -> Draw:
    """Seal a fresh seed and publish its digest, the rule, the order of the shares, the value to come and its hour.

    Nobody can enter before this was done, and nothing of it can be changed after.

    :param source: what the public value is and who publishes it; `source_link`: where everybody reads it.
    :param value_at: the hour before which nobody can know the value, at least ten minutes after entries close.
    :raises Conflict: no lottery, still a draft, entries are over, no places, or announced before.
    :raises Invalid: no source, no page of it, an hour too early, or share codes that a file could not hold.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    _check_offer(offer, now)
    name, link, name_en = check_source(source, source_link, source_en)
    check_hour(value_at, closes_at=offer.closes_at, now=now)
    draw = _sealed(offer, now)
    draw.source, draw.source_link, draw.source_en = name, link, name_en
    draw.value_at, draw.announced_by_id = value_at, actor.account_id
    try:
        with transaction.atomic():
            draw.save(force_insert=True)
    except IntegrityError as error:
        if "offer" not in constraint_of(error):
            raise
        raise Conflict("announced_before", _("The draw of this offer was announced before. It stands.")) from error
    record(
        actor,
        "bookings.draw_announced",
        draw,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        commitment=draw.commitment.hex(),
        value_at=value_at.isoformat(),
    )
    return draw


def _check_offer(offer: Offer, now: datetime) -> None:
    if offer.way != Way.LOTTERY:
        raise Conflict("not_by_lot", _("The places of this offer are not given by lot."))
    if offer.state == OfferState.DRAFT:
        raise Conflict("still_a_draft", _("Announce the offer itself first: its shares and places stand from then on."))
    if offer.state not in _BEFORE or offer.closes_at <= now:
        raise Conflict("entries_over", _("Entries for this are over: a draw is announced before they open."))
    if not offer.pools.filter(capacity__gt=0).exists():
        raise Conflict("no_places", _("There are no places yet. Add sessions, or say how many places there are."))


def _sealed(offer: Offer, now: datetime) -> Draw:
    """Return a draw with a fresh seed, and the shares in the order in which they are filled from now on."""
    shares = list(offer.shares.order_by("order", "pk"))
    check_codes(share.code for share in shares)
    seed, key = secrets.token_bytes(32), new_id()
    return Draw(
        id=key,
        offer=offer,
        sealed_seed=keyring().seal(seed, bound_to=key.bytes),
        commitment=commitment_of(seed),
        shares=[
            {"id": str(share.pk), "code": share.code, "name": share.name, "name_en": share.name_en, "kind": share.kind}
            for share in shares
        ],
        announced_at=now,
    )


@transaction.atomic
def announce_new_hour(
    *, actor: Actor, draw: Draw, source: str, source_link: str, value_at: datetime, source_en: str = "", now: datetime
) -> Draw:
    """Name another value and hour, because the list was not published before the first one. The old one stays on file.

    :raises Conflict: the list was, or can still be, published in time: then nothing may be chosen anew.
    """
    offer = draw.offer
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    if not (draw.state == DrawState.ANNOUNCED and now >= draw.value_at):
        raise Conflict("hour_stands", _("The hour that was announced stands: it is no longer anybody's choice."))
    name, link, name_en = check_source(source, source_link, source_en)
    check_hour(value_at, closes_at=offer.closes_at, now=now)
    old = {
        "source": draw.source,
        "link": draw.source_link,
        "value_at": draw.value_at.isoformat(),
        "until": now.isoformat(),
    }
    changes = {
        "source": name,
        "source_en": name_en,
        "source_link": link,
        "value_at": value_at,
        "earlier": [*draw.earlier, old],
    }
    same = Draw.objects.filter(pk=draw.pk, state=DrawState.ANNOUNCED, value_at=draw.value_at)
    if not same.update(**changes):
        raise Conflict("already_moved", _("Somebody was quicker: this has already changed. Look again before acting."))
    for field, new in changes.items():
        setattr(draw, field, new)
    record(
        actor,
        "bookings.draw_hour_changed",
        draw,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        value_at=value_at.isoformat(),
    )
    return draw


def keep_promise(offer_id: UUID, *, closes_at: datetime | None = None) -> None:
    """Refuse what would break what a draw has promised: shares that change, or entries that close too late for it.

    :param closes_at: when entries are to close from now on; none: the offer would be a draft again.
    :raises Conflict: a draw was announced, and this does not fit it.
    """
    value_at = Draw.objects.filter(offer=offer_id).values_list("value_at", flat=True).first()
    if value_at is None or (closes_at is not None and closes_at + LEAST_GAP <= value_at):
        return
    if closes_at is None:
        raise Conflict("draw_announced", _("Its draw was announced: the offer stays as it is, or is cancelled."))
    raise Conflict(
        "closes_after_value",
        _("Its draw was announced: entries must close at least ten minutes before the hour of the public value."),
    )
