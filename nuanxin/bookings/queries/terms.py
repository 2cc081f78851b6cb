"""What an offer says, remembered for seconds: nothing that counts, nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.bookings.models import Offer
from nuanxin.bookings.rules.terms import ShareTerms, Terms
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.remember import forget, remembered

if TYPE_CHECKING:
    from uuid import UUID

#: For how many seconds a process may go on with what it has read; state and hours are read with every request.
_FRESH = 2
_KEPT = "bookings.terms."


def terms_of(offer_id: UUID) -> Terms:
    """Return what an offer says, as it was in the last seconds.

    :raises NotFound: there is no such offer.
    """
    return remembered(f"{_KEPT}{offer_id}", seconds=_FRESH, make=lambda: _read(offer_id))


def terms_now(offer_id: UUID) -> tuple[str, Terms]:
    """Return the state of an offer, and what it says, as both are this moment."""
    offer = Offer.objects.select_related("union").filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    return offer.state, as_terms(offer)


def forget_terms(offer_id: UUID) -> None:
    """Let this process read an offer anew: it was changed here."""
    forget(f"{_KEPT}{offer_id}")


def _read(offer_id: UUID) -> Terms:
    offer = Offer.objects.select_related("union").filter(pk=offer_id).first()
    if offer is None:
        raise NotFound
    return as_terms(offer)


def as_terms(offer: Offer) -> Terms:
    """Return the terms of an offer that was read with its union, and, among many, with its shares."""
    shares = tuple(
        ShareTerms(
            share.pk,
            share.code,
            share.name,
            share.name_en,
            share.kind,
            tuple(share.who),
            share.opens_at,
            share.releases_at,
            share.order,
        )
        for share in sorted(offer.shares.all(), key=lambda share: (share.order, share.pk))
    )
    return Terms(
        id=offer.pk,
        number=offer.number,
        kind=offer.kind,
        name=offer.name,
        name_en=offer.name_en,
        union_id=offer.union_id,
        union_path=offer.union.path,
        way=offer.way,
        waits=offer.waits,
        hold_minutes=offer.hold_minutes,
        offer_minutes=offer.offer_minutes,
        most_seats=offer.most_seats,
        limit_kind=offer.limit_kind,
        limit_period=offer.limit_period,
        limit_count=offer.limit_count,
        renews=offer.renews,
        checks=tuple(offer.checks),
        cancel_until_hours=offer.cancel_until_hours,
        no_show=offer.no_show,
        bar_days=offer.bar_days,
        early_minutes=offer.early_minutes,
        shares=shares,
        counted=tuple(
            {
                check["kind"]
                for who in (offer.checks, *(share.who for share in shares))
                for check in who
                if "kind" in check
            }
        ),
    )
