"""The desk's left navigation, and what every page of the desk shows around its content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from nuanxin.access.queries import open_staff_session
from nuanxin.access.states import Permission
from nuanxin.web.kit.navigation import Entry
from nuanxin.web.kit.sessions import began_with_password

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class NavItem:
    """One task of the desk; shown to those who hold the permission anywhere, or to everybody when it is empty."""

    name: _StrOrPromise
    url_name: str
    icon: str
    permission: str = ""
    heading: _StrOrPromise = ""
    exact: bool = False


ITEMS: list[NavItem] = [
    NavItem(_("Home"), "desk:home", "home", exact=True),
    NavItem(_("Applications"), "desk:review:queue", "checklist", Permission.REVIEW, heading=_("Members")),
    NavItem(_("Members"), "desk:people:members", "users", Permission.VIEW_MEMBERS),
    NavItem(_("Own people"), "desk:people:employees", "user-check", Permission.CONFIRM_EMPLOYMENT),
    NavItem(_("Numbers"), "desk:insight:dashboard", "chart-bar", Permission.VIEW_TALLIES, heading=_("Insight")),
    NavItem(
        _("Unions"), "desk:organizations:unions", "building", Permission.VIEW_ORGANIZATIONS, heading=_("Organizations")
    ),
    NavItem(_("Enterprises"), "desk:organizations:enterprises", "building-skyscraper", Permission.VIEW_ORGANIZATIONS),
    NavItem(_("Posts"), "desk:access:posts", "id-badge-2", Permission.GRANT_POSTS, heading=_("Access")),
    NavItem(_("Accounts"), "desk:access:accounts", "user", Permission.GRANT_POSTS),
    NavItem(_("Absences"), "desk:access:absences", "beach"),
    NavItem(_("Reach further"), "desk:access:staff_session", "lock-open", Permission.REACH_FURTHER),
    NavItem(_("API clients"), "desk:access:clients", "api", Permission.MANAGE_KEYS),
    NavItem(_("Partner devices"), "desk:access:devices", "device-mobile", Permission.MANAGE_KEYS),
    NavItem(_("Audit"), "desk:access:audit", "file-search", Permission.READ_AUDIT),
]


def entries(permissions: frozenset[str]) -> list[Entry]:
    """Return the entries for what somebody may do; a heading stands before the first of its group that is shown."""
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
        shown.append(Entry(str(item.name), address, item.icon, exact=item.exact, heading=heading))
        heading = ""
    return shown


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give every page of the desk its navigation, account menu and open staff session; nothing to other doors."""
    if not request.path.startswith("/desk/") or not request.user.is_authenticated or not began_with_password(request):
        return {}
    actor = request.actor  # type: ignore[attr-defined]
    return {
        "nav": entries(actor.permissions),
        "home_url": reverse("desk:home"),
        "account_name": str(request.user),
        "account_links": [Entry(str(_("My account")), reverse("desk:access:me"), "settings")],
        "sign_out_url": reverse("desk:sign_out"),
        "staff_session": open_staff_session(actor, request.now),  # type: ignore[attr-defined]
        "demo": settings.DEMO,
    }
