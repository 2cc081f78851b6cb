"""The desk's left navigation, and what every page of the desk shows around its content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from nuanxin.access.queries import open_staff_session
from nuanxin.access.states import Permission
from nuanxin.activities.queries.buses import clashes
from nuanxin.benefits.queries.insurance import claims_to_handle
from nuanxin.bookings.queries.draws import draws_to_do
from nuanxin.kernel.remember import remembered
from nuanxin.members.queries.applications import queue, releases
from nuanxin.members.queries.contests import contest_queue
from nuanxin.members.queries.employers import applicants
from nuanxin.members.queries.transfers import transfer_queue, visible_filings
from nuanxin.members.states import ReleaseState
from nuanxin.messages.queries import unread_count
from nuanxin.web.kit.actors import now
from nuanxin.web.kit.navigation import Entry
from nuanxin.web.kit.sessions import opens_desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

    from nuanxin.access.actors import Actor


@dataclass(frozen=True)
class NavItem:
    """One task of the desk; shown to those who hold the permission anywhere, or to everybody when it is empty."""

    name: _StrOrPromise
    url_name: str
    icon: str
    permission: str = ""
    heading: _StrOrPromise = ""
    exact: bool = False


#: What is remembered of what waits begins with this.
COUNTS = "desk counts "
ITEMS: list[NavItem] = [
    NavItem(_("What waits for me"), "desk:home", "inbox", exact=True),
    NavItem(_("Applications"), "desk:review:queue", "checklist", Permission.REVIEW, heading=_("Members")),
    NavItem(_("Enter at the counter"), "desk:doors:entry", "user-plus", Permission.ENTER),
    NavItem(_("Objections"), "desk:review:contests", "message-report", Permission.REVIEW),
    NavItem(_("Phones to release"), "desk:review:releases", "device-mobile", Permission.RELEASE_PHONES),
    NavItem(_("Perhaps one person"), "desk:duplicates:duplicates", "users-group", Permission.MERGE),
    NavItem(_("Transfers"), "desk:transfers:transfers", "arrows-exchange", Permission.REVIEW),
    *(
        [NavItem(_("Other registries"), "desk:cells:transfers", "arrows-exchange", Permission.VIEW_MEMBERS)]
        if settings.NUANXIN_DIRECTORY_URL
        else []
    ),
    NavItem(_("Reported expulsions"), "desk:transfers:filings", "file-report", Permission.CHANGE_MEMBERSHIP),
    NavItem(_("Members"), "desk:people:members", "users", Permission.VIEW_MEMBERS),
    NavItem(_("Joining ceremonies"), "desk:ceremonies:ceremonies", "heart-handshake", Permission.REVIEW),
    NavItem(_("Rosters"), "desk:rosters:rosters", "users-plus", Permission.ENROLL_ROSTERS),
    NavItem(_("Own people"), "desk:enterprise:employees", "user-check", Permission.CONFIRM_EMPLOYMENT),
    NavItem(
        _("What services reached"), "desk:catalog:progress", "target", Permission.VIEW_SERVICES, heading=_("Services")
    ),
    NavItem(_("Yearly targets"), "desk:catalog:targets", "checklist", Permission.VIEW_SERVICES),
    NavItem(_("Services"), "desk:catalog:services", "heart-handshake", Permission.VIEW_SERVICES),
    NavItem(_("Offers"), "desk:bookings:offers", "calendar-event", Permission.VIEW_BOOKINGS),
    NavItem(_("Deliveries"), "desk:catalog:deliveries", "package", Permission.RECORD_DELIVERIES),
    NavItem(_("Draws"), "desk:draws:draws", "scale", Permission.VIEW_BOOKINGS),
    NavItem(_("Partners"), "desk:partners:partners", "building-store", Permission.EDIT_PARTNERS),
    NavItem(_("Welcome packs"), "desk:packs:stocks", "gift", Permission.MANAGE_PACKS),
    NavItem(_("Coupons"), "desk:coupons:kinds", "ticket", Permission.MANAGE_COUPONS),
    NavItem(_("Mobile events"), "desk:events:programs", "calendar-event", Permission.VIEW_BOOKINGS),
    NavItem(_("Gifted insurance"), "desk:insurance:batches", "umbrella", Permission.INSURE),
    NavItem(_("Claims on insurance"), "desk:insurance:claims", "first-aid-kit", Permission.HANDLE_CLAIMS),
    NavItem(_("Check-up bus"), "desk:checkups:routes", "bus", Permission.VIEW_BOOKINGS),
    NavItem(_("Recuperation"), "desk:recuperation:stays", "tree", Permission.VIEW_BOOKINGS),
    NavItem(_("Numbers"), "desk:insight:dashboard", "chart-bar", Permission.VIEW_TALLIES, heading=_("Insight")),
    NavItem(_("Proof of identity"), "desk:insight:assurance_home", "shield-check", Permission.VIEW_TALLIES),
    NavItem(_("Doors"), "desk:doors:doors", "door", Permission.VIEW_TALLIES),
    NavItem(_("Limits that passed"), "desk:review:lapses", "alarm", Permission.VIEW_TALLIES),
    NavItem(
        _("Unions"), "desk:organizations:unions", "building", Permission.VIEW_ORGANIZATIONS, heading=_("Organizations")
    ),
    NavItem(_("Enterprises"), "desk:organizations:enterprises", "building-skyscraper", Permission.VIEW_ORGANIZATIONS),
    NavItem(_("Two syncs, one stop"), "desk:formation:permits", "certificate", Permission.FORM_UNIONS),
    NavItem(_("Routing trials"), "desk:routing:cases", "route", Permission.EDIT_RULES),
    NavItem(_("Posts"), "desk:access:posts", "id-badge-2", Permission.GRANT_POSTS, heading=_("Access")),
    NavItem(_("Accounts"), "desk:access:accounts", "user", Permission.GRANT_POSTS),
    NavItem(_("Absences"), "desk:access:absences", "beach"),
    NavItem(_("Reach further"), "desk:access:staff_session", "lock-open", Permission.REACH_FURTHER),
    NavItem(_("API clients"), "desk:access:clients", "api", Permission.MANAGE_KEYS),
    NavItem(_("Partner devices"), "desk:access:devices", "device-mobile", Permission.MANAGE_KEYS),
    NavItem(_("Audit"), "desk:access:audit", "file-search", Permission.READ_AUDIT, heading=_("Oversight")),
    NavItem(_("What was sent"), "desk:notices:sent", "send", Permission.VIEW_NOTICES),
    NavItem(_("Erasures"), "desk:erasures:erasures", "trash", Permission.READ_AUDIT),
]


def entries(permissions: frozenset[str], counts: Mapping[str, int] | None = None, path: str = "") -> list[Entry]:
    """Return the entries for what somebody may do; a heading stands before the first of its group that is shown.

    :param counts: what waits, by the name of the address.
    :param path: the page at hand; an entry gives way to a longer one that leads to it too.
    """
    shown: list[Entry] = []
    heading = ""
    for item in ITEMS:
        heading = str(item.heading) or heading
        if item.permission and item.permission not in permissions:
            continue
        try:
            address = reverse(item.url_name)
        except NoReverseMatch:
            continue
        count = (counts or {}).get(item.url_name, 0)
        shown.append(Entry(str(item.name), address, item.icon, count, exact=item.exact, heading=heading))
        heading = ""
    nearest = max((entry.url for entry in shown if path.startswith(entry.url)), key=len, default="")
    return [
        replace(entry, exact=True) if nearest.startswith(entry.url) and entry.url != nearest else entry
        for entry in shown
    ]


@cache
def _address(name: str) -> str:
    return reverse(name)


@lru_cache(maxsize=2000)
def _marked(path: str) -> tuple[str, ...]:
    """Return which entries a page may lie under: of a path, all that the navigation is drawn from."""
    addresses = {entry.url for entry in entries(frozenset(Permission.values))}
    return tuple(sorted(f"{address} {address == path}" for address in addresses if path.startswith(address)))


def waiting_counts(actor: Actor) -> dict[str, int]:
    """Return what waits for somebody, by the name of the address, as it was within the last second.

    One statement for each kind that may be decided. Whoever reaches the same unions shares the answer.
    """
    kinds = (
        Permission.REVIEW,
        Permission.RELEASE_PHONES,
        Permission.CHANGE_MEMBERSHIP,
        Permission.EDIT_OFFERS,
        Permission.CHECK_IN,
        Permission.HANDLE_CLAIMS,
    )
    places = [actor.reach(kind) for kind in kinds]
    offices = sorted(str(pk) for pk in actor.enterprises(Permission.CONFIRM_EMPLOYMENT))
    return remembered(f"{COUNTS}{places}{offices}", seconds=1.0, make=lambda: _count(actor))


def _count(actor: Actor) -> dict[str, int]:
    counts = {}
    if actor.may(Permission.REVIEW):
        counts["desk:review:queue"] = queue(actor).count()
        counts["desk:review:contests"] = contest_queue(actor).count()
        counts["desk:transfers:transfers"] = transfer_queue(actor).count()
    if actor.may(Permission.CHANGE_MEMBERSHIP):
        counts["desk:transfers:filings"] = visible_filings(actor).filter(acknowledged_at=None).count()
    if actor.may(Permission.RELEASE_PHONES):
        counts["desk:review:releases"] = releases(actor).filter(state=ReleaseState.OPEN).count()
    if actor.may(Permission.EDIT_OFFERS):
        counts["desk:draws:draws"] = draws_to_do(actor, now=now())
    if actor.may(Permission.CHECK_IN):
        counts["desk:checkups:routes"] = clashes(actor).count()
    if actor.may(Permission.HANDLE_CLAIMS):
        counts["desk:insurance:claims"] = claims_to_handle(actor).count()
    if actor.enterprises(Permission.CONFIRM_EMPLOYMENT):
        counts["desk:enterprise:employees"] = applicants(actor, answered=False).count()
    return counts


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give every page of the desk its navigation, account menu and open staff session; nothing to other doors."""
    if not request.path.startswith("/desk/") or not request.user.is_authenticated or not opens_desk(request):
        return {}
    actor = request.actor  # type: ignore[attr-defined]
    permissions, counts = actor.permissions, waiting_counts(actor)
    return {
        "nav": lambda: entries(permissions, counts, request.path),
        "nav_key": (permissions, tuple(counts.items()), _marked(request.path)),
        "home_url": _address("desk:home"),
        "account_name": str(request.user),
        "bell_url": _address("desk:notices:inbox"),
        "bell_count": lambda: unread_count(actor),
        "account_links": (Entry(str(_("My account")), _address("desk:access:me"), "settings"),),
        "sign_out_url": _address("desk:sign_out"),
        "staff_session": open_staff_session(actor, request.now),  # type: ignore[attr-defined]
        "demo": settings.DEMO,
    }
