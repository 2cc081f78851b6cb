"""The code lists. They are public: whoever asks may know them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
