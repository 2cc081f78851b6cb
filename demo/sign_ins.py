"""Who may sign in to the demo city, and what each of them should try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from demo.cadres import PASSWORD
from demo.guests import MEMBER
from demo.second_factor import KEY
from nuanxin.access.models import PartnerDevice, Post

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: Sign-in name → what to do with it.
_TASKS: dict[str, _StrOrPromise] = {
    "courier-371502": _("Review what couriers of Dongchangfu District send"),
    "pool-3715": _("Review whom no other union takes"),
    "liaocheng": _("Administer: unions, enterprises, posts, rules"),
    "liaocheng-review": _("Review any application of the city"),
    "liaocheng-registrar": _("Look after memberships: suspend, correct, export"),
    "liaocheng-services": _("Services, yearly targets, what was delivered"),
    "liaocheng-leader": _("See the city's numbers"),
    "liaocheng-audit": _("Read the audit"),
    "shandong": _("See the province's numbers"),
    "county-371502": _("Review and release phones in one district"),
    "hr-own": _("Confirm employees: a firm with its own union"),
    "hr-partner": _("Confirm employees: a platform's partner firm"),
    "hr-none": _("Confirm employees: a firm without a union"),
}


@dataclass(frozen=True)
class SignIn:
    """One way in: who it is, what to do, the name or phone to type, and the password or what stands for it."""

    who: _StrOrPromise
    task: _StrOrPromise
    login: str
    secret: str

    def __str__(self) -> str:
        return f"  {self.login:<18} {self.secret:<20} {self.who} · {self.task}"


def sign_ins() -> list[SignIn]:
    """Return the sign-ins of the city, the ones to try first at the top; none when there is no demo city."""
    posts = {
        post.account.username: post
        for post in Post.objects.filter(account__username__in=_TASKS)
        .select_related("account", "union", "enterprise")
        .order_by("-role")
    }
    if not posts:
        return []
    ids = _("last six of the ID: %(six)s")
    start = SignIn(_("Begin here"), _("A tour of the demo city"), f"{settings.NUANXIN_BASE_URL}/tour", "")
    found = [
        start,
        SignIn(MEMBER.name, _("Courier, member: see the card"), MEMBER.phone, ids % {"six": MEMBER.number[-6:]}),
    ]
    for username, task in _TASKS.items():
        if post := posts.get(username):
            found.append(SignIn(str(post.union or post.enterprise), task, username, PASSWORD))
    found.append(SignIn(_("any authenticator app"), _("Key of the second step, or read the code on /tour"), KEY, ""))
    return found


def free_counters() -> list[str]:
    """Return the numbers of the partner's counters that nobody has enrolled yet."""
    return list(
        PartnerDevice.objects.filter(enrolled_at=None, revoked_at=None, enrollment_digest__isnull=False)
        .order_by("name")
        .values_list("name", flat=True)
    )
