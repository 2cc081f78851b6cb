"""Who may give which post to whom, for how long reach may be extended, and how often a code may be tried. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid, Refusal

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

LONGEST_STAFF_SESSION = timedelta(hours=8)
LEAST_REASON = 10
LONGEST_ABSENCE = timedelta(days=366)


class NotYours(Refusal):
    """One gives only what one holds."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "role_beyond_your_own", _("This role includes more than your own post there. Ask the union above for it.")
        )


def check_role_within(role_permissions: AbstractSet[str], held: AbstractSet[str], enterprise: AbstractSet[str]) -> None:
    """Refuse to give a role that includes what the giver does not hold at that place.

    What belongs to an enterprise's own people office is given by whoever may grant posts there: no cadre holds it.

    :param enterprise: the permissions of an enterprise's people office.
    """
    if not role_permissions - enterprise <= held:
        raise NotYours


def check_role_fits(role_permissions: AbstractSet[str], enterprise: AbstractSet[str], *, at_enterprise: bool) -> None:
    """Refuse a people-office role at a union, and any other role at an enterprise."""
    if bool(role_permissions <= enterprise) is not at_enterprise:
        raise Invalid(
            "role_does_not_fit",
            _("Enterprise HR is a role at an enterprise; every other role is one at a union."),
            field="role",
        )


def check_period(starts_at: datetime, ends_at: datetime | None, *, field: str = "valid_until") -> None:
    """Refuse an end that is not after the start."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid("ends_before_start", _("The end must be after the start."), field=field)


def check_absence(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse an absence that ends before it starts or is over already, or lasts more than a year."""
    check_period(starts_at, ends_at, field="ends_at")
    if ends_at <= now:
        raise Invalid(
            "absence_over", _("This absence is over already. Please give an end in the future."), field="ends_at"
        )
    if ends_at - starts_at > LONGEST_ABSENCE:
        raise Invalid("absence_too_long", _("An absence lasts a year at most. End the post instead."), field="ends_at")


def check_staff_session(reason: str, hours: int) -> timedelta:
    """Return how long a staff session lasts.

    :raises Invalid: a reason of fewer than ten characters, or other than one to eight hours.
    """
    if len(reason) < LEAST_REASON:
        raise Invalid(
            "reason_too_short", _("Please write the reason in at least ten characters: others will read it."),
            field="reason",
        )  # fmt: skip
    if not 1 <= hours <= LONGEST_STAFF_SESSION // timedelta(hours=1):
        raise Invalid("hours_out_of_range", _("A session lasts one to eight hours."), field="hours")
    return timedelta(hours=hours)
