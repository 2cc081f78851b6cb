"""The code lists. They are public: whoever asks may know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.remember import remembered
from nuanxin.organizations.models import Door, GroupListing, OccupationGroup, OccupationSet, Platform

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Model, QuerySet

    from nuanxin.kernel.actor import Actor

#: What is remembered of doors begins with this.
DOORS: Final = "organizations.doors"
#: For how many seconds a process may go on with the choices it has read.
_FRESH: Final = 5


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
    return Door.objects.select_related("union").order_by("opened_on", "code")


def doors_in_reach(actor: Actor, permission: str) -> list[Door]:
    """Return the doors of the unions in reach, and those of the installation, which everybody knows."""
    reach = actor.reach(permission)
    return [door for door in doors() if door.union is None or door.union.path.startswith(reach)]


def get_door(actor: Actor, code: str, permission: str) -> Door:
    """Return one door of a union in reach or of the installation; 404 otherwise."""
    for door in doors_in_reach(actor, permission):
        if door.code == code:
            return door
    raise NotFound


def known_door(code: str) -> Door | None:
    """Return a door, open or not; None when there is none of this code. At most seconds old."""
    found = remembered(DOORS, seconds=_FRESH, make=lambda: {door.code: door for door in doors()})
    return found.get(code)


R = TypeVar("R", bound="Model")


def open_groups(day: date) -> dict[str, OccupationGroup]:
    """Return the groups that can be chosen, by code, in the order of the list; at most seconds old."""
    return _chosen_from("groups", occupation_groups(), day)


def open_platforms(day: date) -> dict[str, Platform]:
    """Return the platforms that can be chosen, by code; at most seconds old."""
    return _chosen_from("platforms", platforms(), day)


def open_doors(day: date) -> dict[str, Door]:
    """Return the doors open on a day, by code; at most seconds old."""

    def make() -> dict[str, Door]:
        return {door.code: door for door in doors() if is_open(door, day)}

    return remembered(f"{DOORS}.open.{day}", seconds=_FRESH, make=make)


def is_open(door: Door, day: date) -> bool:
    """Answer whether a door is open on a day."""
    return door.opened_on <= day and (door.closed_on is None or door.closed_on > day)


def _chosen_from(name: str, rows: QuerySet[R], day: date) -> dict[str, R]:
    key = f"organizations.open_{name}.{day}"
    return remembered(key, seconds=_FRESH, make=lambda: {row.pk: row for row in rows})
