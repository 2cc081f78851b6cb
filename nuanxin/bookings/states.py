"""States of offers, bookings and waiting people, with every move there is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How places are given."""

    FIRST_COME = "first_come", _("First come, first served")
    PRIORITY = "priority", _("By priority, after entries close")
    LOTTERY = "lottery", _("By lot, with a seed that anyone can recheck")


class OfferState(models.TextChoices):
    """Where an offer stands."""

    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")
    DRAWN = "drawn", _("Places given")
    KEPT = "kept", _("Kept back: the union gives its places to single people")
    ENDED = "ended", _("Ended")
    CANCELLED = "cancelled", _("Cancelled")


O = OfferState  # noqa: E741 - as the other tables of moves are written
OFFER_MOVES: dict[str, frozenset[str]] = {
    O.DRAFT: frozenset({O.ANNOUNCED, O.KEPT, O.CANCELLED}),
    O.ANNOUNCED: frozenset({O.OPEN, O.DRAFT, O.CLOSED, O.CANCELLED}),
    O.OPEN: frozenset({O.CLOSED, O.CANCELLED}),
    O.CLOSED: frozenset({O.OPEN, O.DRAWN, O.ENDED, O.CANCELLED}),
    O.DRAWN: frozenset({O.ENDED, O.CANCELLED}),
    O.KEPT: frozenset({O.ENDED, O.CANCELLED}),
    O.ENDED: frozenset(),
    O.CANCELLED: frozenset(),
}
#: Entries are taken in these, from `opens_at` to `closes_at`: the hour decides, not the minute's background work.
TAKING = (OfferState.ANNOUNCED, OfferState.OPEN)
#: What workers see.
SHOWN = (OfferState.ANNOUNCED, OfferState.OPEN, OfferState.CLOSED, OfferState.DRAWN)
#: A place that was given back is still offered on in these.
GIVING = (OfferState.ANNOUNCED, OfferState.OPEN, OfferState.CLOSED, OfferState.DRAWN)


class SessionState(models.TextChoices):
    """Where a session stands."""

    PLANNED = "planned", _("Planned")
    CANCELLED = "cancelled", _("Cancelled")


class ShareKind(models.TextChoices):
    """What a share of the places means."""

    RESERVED = "reserved", _("Reserved for a group: at least so many")
    MOST = "most", _("A group gets at most so many")
    OPEN = "open", _("Open to everybody who may take part")
    WALK_IN = "walk_in", _("Kept for people who come without a booking")


class BookingState(models.TextChoices):
    """Where a booking stands."""

    HELD = "held", _("Kept for a while")
    BOOKED = "booked", _("Booked")
    CHECKED_IN = "checked_in", _("Came")
    NO_SHOW = "no_show", _("Did not come")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Not confirmed in time")


B = BookingState
BOOKING_MOVES: dict[str, frozenset[str]] = {
    B.HELD: frozenset({B.BOOKED, B.CANCELLED, B.EXPIRED}),
    B.BOOKED: frozenset({B.CHECKED_IN, B.NO_SHOW, B.CANCELLED}),
    B.NO_SHOW: frozenset({B.CHECKED_IN}),
    B.CHECKED_IN: frozenset(),
    B.CANCELLED: frozenset(),
    B.EXPIRED: frozenset(),
}
#: These take up places of their pool.
SEATED = (BookingState.HELD, BookingState.BOOKED, BookingState.CHECKED_IN, BookingState.NO_SHOW)
#: A person has at most one of an offer in these.
LIVE = (BookingState.HELD, BookingState.BOOKED, BookingState.CHECKED_IN)
#: Still ahead of the person.
COMING = (BookingState.HELD, BookingState.BOOKED)


class WaitingState(models.TextChoices):
    """Where somebody stands who has no place yet."""

    APPLIED = "applied", _("Applied: places are given by priority")
    WAITING = "waiting", _("On the waiting list")
    OFFERED = "offered", _("A place is kept: accept it")
    TAKEN = "taken", _("Got a place")
    EXPIRED = "expired", _("Did not accept in time")
    LEFT = "left", _("Left the list")
    CLOSED = "closed", _("The offer ended without a place")


W = WaitingState
WAITING_MOVES: dict[str, frozenset[str]] = {
    W.APPLIED: frozenset({W.WAITING, W.TAKEN, W.LEFT, W.CLOSED}),
    W.WAITING: frozenset({W.OFFERED, W.TAKEN, W.LEFT, W.CLOSED}),
    W.OFFERED: frozenset({W.TAKEN, W.EXPIRED, W.LEFT, W.CLOSED}),
    W.TAKEN: frozenset(),
    W.EXPIRED: frozenset(),
    W.LEFT: frozenset(),
    W.CLOSED: frozenset(),
}
#: A person is at most once on an offer's list in these.
LISTED = (WaitingState.APPLIED, WaitingState.WAITING, WaitingState.OFFERED)


class Period(models.TextChoices):
    """Over what a limit per person counts."""

    DAY = "day", _("a day")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")
    EVER = "ever", _("ever")


class NoShowRule(models.TextChoices):
    """What comes of not coming."""

    FREE = "free", _("Nothing: it does not count")
    COUNTS = "counts", _("It counts as used")
    BARS = "bars", _("It counts as used, and bars from this kind for some days")


class EndReason(models.TextChoices):
    """Why a booking ended before its time."""

    OWN = "own", _("given back by the member")
    DESK = "desk", _("cancelled by the union")
    SESSION = "session", _("the session was cancelled")
    OFFER = "offer", _("the offer was cancelled")
    MOVED = "moved", _("moved to another session")
    UNCONFIRMED = "unconfirmed", _("not confirmed in time")
    MEMBERSHIP = "membership", _("the membership ended")
    MERGED = "merged", _("two records of one person were merged")


class Answer(models.TextChoices):
    """What somebody is told who asks for a place."""

    BOOKED = "booked", _("You have a place")
    HELD = "held", _("A place is kept for you: confirm it")
    WAITING = "waiting", _("You are on the waiting list")
    ENTERED = "entered", _("You have applied")
    REFUSED = "refused", _("No place for you")


class DrawState(models.TextChoices):
    """How far a draw has got."""

    ANNOUNCED = "announced", _("Announced: the seed's digest is published")
    FROZEN = "frozen", _("The list of tickets is published")
    VALUED = "valued", _("The public value was entered by one person")
    CONFIRMED = "confirmed", _("The public value was confirmed by a second person")
    REVEALED = "revealed", _("The seed is revealed")
    DRAWN = "drawn", _("Drawn")


D = DrawState
DRAW_MOVES: dict[str, frozenset[str]] = {
    D.ANNOUNCED: frozenset({D.FROZEN}),
    D.FROZEN: frozenset({D.VALUED}),
    D.VALUED: frozenset({D.CONFIRMED, D.FROZEN}),
    D.CONFIRMED: frozenset({D.REVEALED}),
    D.REVEALED: frozenset({D.DRAWN}),
    D.DRAWN: frozenset(),
}


class PagePart(models.TextChoices):
    """What a page of a draw's public file holds."""

    LIST = "list", _("The frozen list of tickets")
    WINNERS = "winners", _("The winners")
