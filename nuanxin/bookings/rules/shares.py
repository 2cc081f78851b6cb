"""How the places of a session are divided among shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.states import ShareKind
from nuanxin.kernel.refusals import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Part:
    """How many places a share wants: a number, a percentage rounded up, or, for one open share, what is left."""

    code: str
    kind: str
    amount: int | None = None
    percent: int | None = None

    def of(self, total: int) -> int | None:
        """Return how many of so many places; none: what is left."""
        if self.amount is not None:
            return self.amount
        return None if self.percent is None else -(-total * self.percent // 100)


def divide(total: int, parts: Sequence[Part]) -> dict[str, int]:
    """Return how many places each share gets of `total`; shares that say how many a group gets at most are left out.

    A minimum is rounded up: "at least 10 %" of 36 places are 4. The first open share without a number takes the rest.

    :raises Invalid: the shares want more places than there are, or places are left that nobody could get.
    """
    seats = [part for part in parts if part.kind != ShareKind.MOST]
    wanted = {part.code: part.of(total) for part in seats}
    left = total - sum(count for count in wanted.values() if count is not None)
    if left < 0:
        raise Invalid("shares_too_large", _("The shares want more places than there are."), field="shares")
    rest = [part.code for part in seats if wanted[part.code] is None]
    if left and not rest:
        raise Invalid(
            "places_left", _("The shares leave places that nobody could get: add an open share."), field="shares"
        )
    return {code: (left if code == rest[0] else 0) if count is None else count for code, count in wanted.items()}


def most_of(total: int, part: Part) -> int:
    """Return how many of all places of an offer a group gets at most: a percentage is rounded down."""
    if part.amount is not None:
        return part.amount
    return total * (part.percent or 0) // 100
