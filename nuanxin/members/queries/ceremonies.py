"""Collective joining ceremonies: in reach, by their code, and their numbers as they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Application, Ceremony, CeremonyGuest, CeremonyJoining, CeremonyKit
from nuanxin.members.queries.rosters import roster_rows
from nuanxin.members.states import WAITING, ApplicationState, CeremonyState

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership, Roster


@dataclass(frozen=True, slots=True)
class Tally:
    """How many are expected, have joined by the code, wait for approval, are members, and got a kit."""

    expected: int
    joined: int
    waiting: int
    members: int
    kits: int


def ceremonies(actor: Actor) -> QuerySet[Ceremony]:
    """Return the ceremonies of the unions where the actor decides on applications."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.REVIEW):
        reach |= Q(union__path__startswith=path)
    return Ceremony.objects.filter(reach).select_related("union")


def get_ceremony(actor: Actor, number: str) -> Ceremony:
    """Return one ceremony in reach; 404 otherwise."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = ceremonies(actor).filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def open_ceremony_by_code(code: str) -> Ceremony | None:
    """Return the ceremony of a scanned code while people join there; none otherwise."""
    rows = Ceremony.objects.select_related("union").filter(code=code.upper()[:12], state=CeremonyState.OPEN)
    return rows.first()


def tally(ceremony: Ceremony) -> Tally:
    """Return the numbers of a ceremony as they stand, in three statements."""
    states = dict(
        CeremonyJoining.objects.filter(ceremony=ceremony)
        .values("application__state")
        .annotate(n=Count("pk"))
        .values_list("application__state", "n")
    )
    return Tally(
        expected=CeremonyGuest.objects.filter(ceremony=ceremony).count(),
        joined=sum(states.values()),
        waiting=sum(states.get(state, 0) for state in WAITING),
        members=states.get(ApplicationState.APPROVED, 0),
        kits=CeremonyKit.objects.filter(ceremony=ceremony).count(),
    )


@dataclass(frozen=True, slots=True)
class Attended:
    """A ceremony at which somebody joined, got a kit, or both."""

    ceremony: Ceremony
    joined_at: datetime | None
    kit_at: datetime | None


def attended_by(actor: Actor, membership: Membership) -> list[Attended]:
    """Return the ceremonies in reach at which a member joined or got a kit, newest first."""
    within = {
        row.pk: row
        for row in ceremonies(actor)
        .filter(Q(joinings__application=membership.application_id) | Q(kits__membership=membership))
        .distinct()
    }
    joinings = CeremonyJoining.objects.filter(ceremony__in=within, application=membership.application_id)
    joined_at = dict(joinings.values_list("ceremony_id", "at"))
    kits = CeremonyKit.objects.filter(ceremony__in=within, membership=membership)
    kit_at = dict(kits.values_list("ceremony_id", "at"))
    found = [Attended(row, joined_at.get(pk), kit_at.get(pk)) for pk, row in within.items()]
    return sorted(found, key=lambda each: each.ceremony.starts_at, reverse=True)


def joined(ceremony: Ceremony) -> list[Application]:
    """Return the applications that came by the code, in the order in which they came; the caller may see them."""
    rows = CeremonyJoining.objects.filter(ceremony=ceremony).select_related("application__union").order_by("at", "pk")
    return [row.application for row in rows]


def waiting_numbers(ceremony: Ceremony, *, most: int = 500) -> list[str]:
    """Return the numbers of those that wait for approval, in the order in which they came."""
    rows = CeremonyJoining.objects.filter(ceremony=ceremony, application__state__in=WAITING).order_by("at", "pk")
    return list(rows.values_list("application__number", flat=True)[:most])


def guests_of_roster(roster: Roster, *, most: int = 2000) -> str:
    """Return the people of a roster as lines for a list of guests: name and phone; the caller may see the roster."""
    rows = roster_rows(roster, most=most).rows
    return "\n".join(f"{row.fields.name} {row.fields.phone}" for row in rows if row.fields is not None)


def missing_guests(ceremony: Ceremony) -> list[CeremonyGuest]:
    """Return who is expected and has not joined by the code: known by the phone, or where none was told by the name."""
    came = CeremonyJoining.objects.filter(ceremony=ceremony)
    phones = {bytes(each) for each in came.values_list("application__phone_digest", flat=True)}
    names = set(came.values_list("application__name", flat=True))
    guests = CeremonyGuest.objects.filter(ceremony=ceremony).order_by("position")
    return [
        guest
        for guest in guests
        if (bytes(guest.phone_digest) not in phones if bytes(guest.phone_digest) else guest.name not in names)
    ]
