"""The code lists. They are public: whoever asks may know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db.models import Q

from nuanxin.organizations.models import Door, GroupListing, OccupationGroup, OccupationSet, Platform

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet


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


def doors(on: date | None = None) -> QuerySet[Door]:
    """Return the doors open on a day, or all of them."""
    found = Door.objects.order_by("opened_on", "code")
    if on is None:
        return found
    return found.filter(Q(closed_on=None) | Q(closed_on__gt=on), opened_on__lte=on)


#: For how many seconds a process may go on with the choices it has read.
_FRESH = 5


def open_groups(day: date) -> frozenset[str]:
    """Return the codes of the occupation groups that may be chosen; at most seconds old."""
    return _codes("groups", OccupationGroup.objects.all(), day)


def open_platforms(day: date) -> frozenset[str]:
    """Return the codes of the platforms that may be chosen; at most seconds old."""
    return _codes("platforms", platforms(), day)


def open_doors(day: date) -> frozenset[str]:
    """Return the codes of the doors open on a day; at most seconds old."""
    return _codes("doors", doors(day), day)


def _codes(name: str, rows: QuerySet[Any], day: date) -> frozenset[str]:
    key = f"organizations.open_{name}.{day}"
    found: frozenset[str] | None = cache.get(key)
    if found is None:
        found = frozenset(rows.values_list("code", flat=True))
        cache.set(key, found, _FRESH)
    return found
