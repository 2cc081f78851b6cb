"""What an offer says and how a person stands to it, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nuanxin.bookings.rules.eligibility import passes
from nuanxin.bookings.states import ShareKind

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.bookings.rules.eligibility import Facts


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """One share: for whom, and from when."""

    id: UUID
    code: str
    name: str
    name_en: str
    kind: str
    who: tuple[dict[str, Any], ...]
    opens_at: datetime | None
    releases_at: datetime | None
    order: int

    def is_for(self, facts: Facts) -> bool:
        """Answer whether a person belongs to the group of this share."""
        return passes(self.who, facts)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an offer says that does not change while people ask for its places."""

    id: UUID
    number: str
    kind: str
    name: str
    name_en: str
    union_id: UUID
    union_path: str
    way: str
    waits: bool
    hold_minutes: int
    offer_minutes: int
    most_seats: int
    limit_kind: str
    limit_period: str
    limit_count: int
    #: A person may have one anew in each period of the limit.
    renews: bool
    checks: tuple[dict[str, Any], ...]
    cancel_until_hours: int
    no_show: str
    bar_days: int
    early_minutes: int
    #: By the order in which they are filled.
    shares: tuple[ShareTerms, ...]
    #: Kinds of offers of which the conditions count what somebody had.
    counted: tuple[str, ...]

    def turn(self, period: str) -> str:
        """Return which of several of this offer a booking is that counts in a period; empty where each has one."""
        return period if self.renews else ""

    def share(self, share_id: UUID) -> ShareTerms:
        """Return one of its shares."""
        return next(share for share in self.shares if share.id == share_id)

    def seat_shares(self, facts: Facts, *, walk_in: bool = False) -> list[ShareTerms]:
        """Return the shares that a person may have a place of, in the order in which they are filled."""
        kinds = {ShareKind.RESERVED, ShareKind.OPEN} | ({ShareKind.WALK_IN} if walk_in else set())
        return [share for share in self.shares if share.kind in kinds and share.is_for(facts)]

    def cap_shares(self, facts: Facts) -> list[ShareTerms]:
        """Return the shares that say how many a group of this person gets at most."""
        return [share for share in self.shares if share.kind == ShareKind.MOST and share.is_for(facts)]


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """A booking of the person that takes up places now or did, of any offer."""

    id: UUID
    number: str
    offer_id: UUID
    session_id: UUID | None
    state: str
    kind: str
    limit_kind: str
    period: str
    nth: int | None
    hold_until: datetime | None
    checked_in_at: datetime | None
    barred_until: datetime | None
    #: Whether it is what this very request was answered with before.
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class OwnWaiting:
    """Where the person is listed for this offer."""

    id: UUID
    state: str
    offered_until: datetime | None


@dataclass(frozen=True, slots=True)
class PoolNow:
    """A pool as it is this moment."""

    id: UUID
    session_id: UUID | None
    share_id: UUID
    capacity: int
    taken: int

    @property
    def free(self) -> int:
        """Return how many places are left."""
        return self.capacity - self.taken


@dataclass(frozen=True, slots=True)
class Standing:
    """What one statement found."""

    worker_id: UUID
    facts: Facts
    offer_state: str
    opens_at: datetime
    closes_at: datetime
    session_state: str
    session_starts_at: datetime | None
    bookings: tuple[OwnBooking, ...]
    waiting: OwnWaiting | None
    pools: tuple[PoolNow, ...]
    #: Whose key asked, where this statement found that out.
    source_id: UUID | None = None
