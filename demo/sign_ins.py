"""Who may sign in to the demo city, and what each of them should try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from demo.cadres import PASSWORD
from demo.guests import APPLICANTS, MEMBER
from nuanxin.access.models import Account, PartnerDevice, Post

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: Sign-in name → what to do with it.
_TASKS: dict[str, _StrOrPromise] = {
    "liaocheng": _("Administer: unions, enterprises, posts, rules"),
    "liaocheng-review": _("Review any application of the city"),
    "liaocheng-registrar": _("Look after memberships: suspend, correct, export"),
    "liaocheng-leader": _("See the city's numbers"),
    "liaocheng-audit": _("Read the audit"),
    "shandong": _("See the province's numbers"),
    "county-371502": _("Review and release phones in one district"),
    "hr-own": _("Confirm employees: a firm with its own union"),
    "hr-partner": _("Confirm employees: a platform's partner firm"),
    "hr-none": _("Confirm employees: a firm without a union"),
}
_REVIEWER = _("Review what couriers of Dongchangfu District send")


@dataclass(frozen=True)
class SignIn:
    """One way in: who it is, what to do, the name or phone to type, and the password or what stands for it."""

    who: str
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
    found = [SignIn(MEMBER.name, _("Courier, member: see the card"), MEMBER.phone, ids % {"six": MEMBER.number[-6:]})]
    found += _courier_reviewer()
    for username, task in _TASKS.items():
        if post := posts.get(username):
            found.append(SignIn(str(post.union or post.enterprise), task, username, PASSWORD))
    return found


def _courier_reviewer() -> list[SignIn]:
    account = Account.objects.filter(posts__union__name="东昌府区快递行业工会联合会", username__startswith="u-").first()
    return [SignIn("东昌府区快递行业工会联合会", _REVIEWER, account.username, PASSWORD)] if account else []


def applicants() -> list[dict[str, str]]:
    """Return invented people who may apply: name, ID number, phone."""
    return [{"name": guest.name, "number": guest.number, "phone": guest.phone} for guest in APPLICANTS]


def free_counters() -> list[str]:
    """Return the numbers of the partner's counters that nobody has enrolled yet."""
    return list(
        PartnerDevice.objects.filter(enrolled_at=None, revoked_at=None, enrollment_digest__isnull=False)
        .order_by("name")
        .values_list("name", flat=True)
    )
