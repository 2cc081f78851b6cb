"""The code lists. They are public: whoever asks may know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from django.db.models import Q

from nuanxin.kernel.remember import remembered
from nuanxin.organizations.models import Door, GroupListing, OccupationGroup, OccupationSet, Platform

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Model, QuerySet


def occupation_groups() -> QuerySet[OccupationGroup]:
    """Return every occupation group in the order of the list."""
    return OccupationGroup.objects.order_by("position", "code")


def occupation_sets() -> QuerySet[OccupationSet]:
    """Return the published sets, the oldest first."""
    return OccupationSet.objects.order_by("valid_from", "code")


def listings() -> QuerySet[GroupListing]:
    """Return which groups are and were in which sets, in order of set and group."""
    return GroupListing.objects.select_related("group").order_by(
        "occupation_set_id", "group__position", "valid_from", "pk"
    )


def platforms(*, closed: bool = False) -> QuerySet[Platform]:
    """Return the platforms that can be chosen, or all of them."""
    found = Platform.objects.order_by("code")
    return found if closed else found.filter(closed_at=None)


def doors() -> QuerySet[Door]:
    """Return every door, closed ones too."""
    return Door.objects.order_by("opened_on", "code")


#: For how many seconds a process may go on with the choices it has read.
_FRESH: Final = 5
R = TypeVar("R", bound="Model")


def open_groups(day: date) -> dict[str, OccupationGroup]:
    """Return the groups that can be chosen, by code, in the order of the list; at most seconds old."""
    return _chosen_from("groups", occupation_groups(), day)


def open_platforms(day: date) -> dict[str, Platform]:
    """Return the platforms that can be chosen, by code; at most seconds old."""
    return _chosen_from("platforms", platforms(), day)


def open_doors(day: date) -> dict[str, Door]:
    """Return the doors open on a day, by code; at most seconds old."""
    return _chosen_from("doors", doors().filter(Q(closed_on=None) | Q(closed_on__gt=day), opened_on__lte=day), day)


def _chosen_from(name: str, rows: QuerySet[R], day: date) -> dict[str, R]:
    key = f"organizations.open_{name}.{day}"
    return remembered(key, seconds=_FRESH, make=lambda: {row.pk: row for row in rows})
