"""Dividing an offer's places: sessions, shares, and the pools that follow from both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.actions.granting import constraint_of, lock_pools
from nuanxin.bookings.actions.pools import refuse_while_listed
from nuanxin.bookings.models import Offer, Pool, Session, Share
from nuanxin.bookings.queries.named import with_names
from nuanxin.bookings.queries.terms import forget_terms
from nuanxin.bookings.rules.eligibility import read_checks
from nuanxin.bookings.rules.shares import Part, divide, most_of
from nuanxin.bookings.states import OfferState, ShareKind
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nuanxin.kernel.actor import Actor
    from nuanxin.regions.models import Region

#: Most places of one session, and of an offer without sessions.
MOST_PLACES = 1_000_000


@dataclass(frozen=True, slots=True)
class ShareDraft:
    """One share as `models.Share` says it."""

    code: str
    name: str
    kind: str = ShareKind.OPEN
    amount: int | None = None
    percent: int | None = None
    who: list[dict[str, Any]] = field(default_factory=list)
    name_en: str = ""
    opens_at: datetime | None = None
    releases_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SessionDraft:
    """One session, with the number of its places."""

    starts_at: datetime
    ends_at: datetime
    places: int
    place: str = ""
    place_en: str = ""
    region: Region | None = None


#: What an offer has whose places nobody divided.
EVERYBODY = ShareDraft("open", "公开名额", name_en="Open to all")


@transaction.atomic
def divide_places(
    *,
    actor: Actor,
    offer: Offer,
    shares: Sequence[ShareDraft] = (EVERYBODY,),
    sessions: Sequence[SessionDraft] = (),
    places: int = 0,
    now: datetime,
) -> Offer:
    """Say how the places of a draft are divided; what was said before is replaced.

    Each session's places are divided among the shares: a minimum that is reserved is rounded up. What a group gets at
    most is counted over the whole offer.

    :param places: how many there are, of an offer without sessions.
    :raises Conflict: the offer is no draft.
    :raises Invalid: no places, shares that want more than there are, or a code twice.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    _check_draft(offer)
    Pool.objects.filter(offer=offer).delete()
    offer.sessions.all().delete()
    offer.shares.all().delete()
    made = [_share(offer, draft, order) for order, draft in enumerate(shares)]
    if not made:
        raise Invalid("missing", _("Please say who gets the places."), field="shares")
    for draft in sessions:
        _session(offer, draft, made)
    if not sessions:
        _pools(offer, None, made, _places(places))
    _caps(offer, made)
    forget_terms(offer.pk)
    total = _total(offer)
    record(actor, "bookings.places_divided", offer, now=now, union_path=offer.union.path, places=total)
    return offer


@transaction.atomic
def add_session(*, actor: Actor, offer: Offer, draft: SessionDraft, now: datetime) -> Session:
    """Add a session, divided as the others are; also to an offer that is open.

    What was released of a share in the others is open to everybody in this one, too; a group that gets a percentage of
    all places at most gets that of these as well.

    :raises Conflict: the offer is over, was announced without sessions, or the list of its draw is published.
    :raises Invalid: what cannot be right.
    """
    actor.require(Permission.EDIT_OFFERS, at=offer.union)
    if offer.state in (OfferState.ENDED, OfferState.CANCELLED):
        raise Conflict("offer_over", _("This offer is over."))
    if offer.pools.filter(session=None).exclude(share__kind=ShareKind.MOST).exists():
        raise Conflict("has_no_sessions", _("The places of this offer have no sessions."))
    lock_pools(offer.pk, None, everywhere=True)
    refuse_while_listed(offer.pk)
    shares = list(offer.shares.order_by("order", "pk"))
    session = _session(offer, draft, shares)
    for share in shares:
        if share.kind == ShareKind.MOST and share.percent is not None:
            more = most_of(draft.places, Part(share.code, share.kind, share.amount, share.percent))
            Pool.objects.filter(share=share, session=None).update(capacity=F("capacity") + more)
    forget_terms(offer.pk)
    record(
        actor,
        "bookings.session_added",
        session,
        now=now,
        union_path=offer.union.path,
        number=offer.number,
        places=draft.places,
    )
    return session


def _check_draft(offer: Offer) -> None:
    if not Offer.objects.select_for_update(no_key=True).filter(pk=offer.pk, state=OfferState.DRAFT).exists():
        raise Conflict("not_a_draft", _("The places of an offer that was announced are changed pool by pool."))


def _share(offer: Offer, draft: ShareDraft, order: int) -> Share:
    if draft.kind not in ShareKind.values:
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="shares")
    if draft.amount is not None and draft.percent is not None:
        raise Invalid("two_numbers", _("Please give a number of places or a percentage, not both."), field="shares")
    if draft.kind != ShareKind.OPEN and draft.amount is None and draft.percent is None:
        raise Invalid("missing", _("How many places, or what percentage of them?"), field="shares")
    if not 0 <= (draft.amount or 0) <= MOST_PLACES or not 0 <= (draft.percent or 0) <= 100:
        raise Invalid("out_of_range", _("This number is out of range."), field="shares")
    if draft.kind in (ShareKind.RESERVED, ShareKind.MOST) and not draft.who:
        raise Invalid("missing", _("Please say for whom this share is."), field="shares")
    share = Share(
        offer=offer,
        code=check_text(draft.code, field="shares", most=30),
        name=check_text(draft.name, field="shares", most=60),
        name_en=check_text(draft.name_en, field="shares", most=100),
        kind=draft.kind,
        amount=draft.amount,
        percent=draft.percent,
        who=with_names(read_checks(list(draft.who))),
        opens_at=draft.opens_at,
        releases_at=draft.releases_at,
        order=order,
    )
    try:
        with transaction.atomic():
            share.save(force_insert=True)
    except IntegrityError as error:
        if constraint_of(error) != "share_code_once":
            raise
        raise Invalid("code_twice", _("Two shares have the same code."), field="shares") from error
    return share


def _session(offer: Offer, draft: SessionDraft, shares: Sequence[Share]) -> Session:
    if draft.ends_at <= draft.starts_at:
        raise Invalid("ends_before_start", _("It ends before it starts."), field="ends_at")
    session = Session(
        offer=offer,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        place=check_text(draft.place, field="place", most=120),
        place_en=check_text(draft.place_en, field="place_en", most=200),
        region=draft.region,
    )
    session.save(force_insert=True)
    _pools(offer, session, shares, _places(draft.places))
    return session


def _places(count: int) -> int:
    if not 1 <= count <= MOST_PLACES:
        raise Invalid("out_of_range", _("This number is out of range."), field="places")
    return count


def _pools(offer: Offer, session: Session | None, shares: Sequence[Share], total: int) -> None:
    parts = [Part(share.code, share.kind, share.amount, share.percent) for share in shares]
    capacities = divide(total, parts)
    everybody = next((share.code for share in shares if share.kind == ShareKind.OPEN), None)
    for share in shares:
        if share.released_at is not None and everybody is not None:
            capacities[everybody] += capacities[share.code]
            capacities[share.code] = 0
    Pool.objects.bulk_create(
        Pool(offer=offer, session=session, share=share, capacity=capacities[share.code])
        for share in shares
        if share.kind != ShareKind.MOST
    )


def _caps(offer: Offer, shares: Sequence[Share]) -> None:
    caps = [share for share in shares if share.kind == ShareKind.MOST]
    total = _total(offer)
    Pool.objects.bulk_create(
        Pool(
            offer=offer,
            session=None,
            share=share,
            capacity=most_of(total, Part(share.code, share.kind, share.amount, share.percent)),
        )
        for share in caps
    )


def _total(offer: Offer) -> int:
    seats = Pool.objects.filter(~Q(share__kind=ShareKind.MOST), offer=offer)
    return int(seats.aggregate(total=Sum("capacity"))["total"] or 0)
