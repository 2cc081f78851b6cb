"""What the tour page tells a newcomer: the steps in order, with where to go and as whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from demo.cadres import PASSWORD
from demo.guests import APPLICANTS, COUNTER_CODES, COUNTER_PARTNER, MEMBER, Guest
from demo.second_factor import KEY, code_at
from demo.sign_ins import SignIn, free_counters, sign_ins
from nuanxin.access.models import Post
from nuanxin.kernel.clock import local_day
from nuanxin.members.models import Contest
from nuanxin.members.states import ContestState
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import _StrOrPromise

#: The union whose poster the tour scans.
POSTER_UNION = "东昌府区快递行业工会联合会"


@dataclass(frozen=True)
class Step:
    """One thing to try: what, how, where, and what to type there."""

    title: _StrOrPromise
    text: _StrOrPromise
    icon: str
    url: str = ""
    action: _StrOrPromise = ""
    facts: tuple[tuple[_StrOrPromise, str], ...] = ()


@dataclass(frozen=True)
class Tour:
    """The whole tour."""

    steps: list[Step]
    sign_ins: list[SignIn]
    applicants: tuple[Guest, ...]
    password: str
    poster_url: str
    poster_union: str
    key: str
    code: str


def read_tour(now: datetime) -> Tour | None:
    """Return the tour of the city that stands, or None when there is none."""
    union = Union.objects.filter(name=POSTER_UNION, closed_at=None).first()
    listed = sign_ins()
    if union is None or not listed:
        return None
    poster = f"/u/{union.code}"
    return Tour(
        [*_first_steps(poster), *_further_steps(), *_later_steps(), *_service_steps(), *_own_steps(now)],
        listed[1:],
        APPLICANTS,
        PASSWORD,
        poster,
        union.name,
        KEY,
        code_at(now),
    )


def _first_steps(poster: str) -> list[Step]:
    """Return the steps from the poster to the card."""
    guest, password = APPLICANTS[0], (_("Password"), PASSWORD)
    return [
        Step(
            _("Join with a phone"),
            _("Open what the poster's code opens, and apply as %(name)s: three steps, five fields.")
            % {"name": guest.name},
            "scan",
            poster,
            _("Scan the poster"),
            (
                (_("Name to type"), guest.name),
                (_("ID number to type"), guest.number),
                (_("Phone to type"), guest.phone),
            ),
        ),
        Step(
            _("Read the code of the text message"),
            _("No text message leaves this machine: codes are printed in the window where bin/demo runs."),
            "message",
        ),
        Step(
            _("Review as the union"),
            _("See why the application came here, and approve it."),
            "clipboard-check",
            "/desk/",
            _("Open the desk"),
            ((_("Sign-in name"), "courier-371502"), password),
        ),
        Step(
            _("Show the card"),
            _("Sign in by phone. A new device also asks for the last six characters of the ID. Then ask for a code."),
            "id-badge-2",
            "/",
            _("Open the phone page"),
            ((MEMBER.name, MEMBER.phone), (_("Last six of the ID"), MEMBER.number[-6:])),
        ),
    ]


def _further_steps() -> list[Step]:
    """Return the steps from the counter to the administration."""
    free, password = free_counters(), (_("Password"), PASSWORD)
    return [
        Step(
            _("Check the card at a counter"),
            _("Enroll this browser as a counter of %(partner)s, then type the ten digits of the card.")
            % {"partner": COUNTER_PARTNER},
            "building-hospital",
            f"/counter/enroll/?code={COUNTER_CODES[_number(free)]}" if free else "/counter/",
            _("Open the counter"),
            ((_("Enrollment code"), COUNTER_CODES[_number(free)]),) if free else (),
        ),
        Step(
            _("Confirm as the employer"),
            _("The people office says who works at the firm. This firm's union admits whom it confirms at once."),
            "briefcase",
            "/desk/",
            _("Open the desk"),
            ((_("Sign-in name"), "hr-own"), password),
        ),
        Step(
            _("See the numbers grow"),
            _("57,768 members and the one you just admitted: by union, area, trade, way in and day."),
            "chart-bar",
            "/desk/insight/",
            _("Open the dashboard"),
            ((_("Sign-in name"), "liaocheng-leader"), password),
        ),
        Step(
            _("Run the city"),
            _("Unions, enterprises, posts and dated rules: all of them are rows to edit."),
            "settings",
            "/desk/",
            _("Open the desk"),
            ((_("Sign-in name"), "liaocheng"), password),
        ),
    ]


def _later_steps() -> list[Step]:
    """Return the steps that show a card without a network, objections, limits that passed, and rules that are tried."""
    password = (_("Password"), PASSWORD)
    return [
        Step(
            _("Switch the network off"),
            _(
                "Open the offline code once, then go into airplane mode: the phone still shows it, and an enrolled"
                " counter still judges it."
            ),
            "wifi-off",
            "/card/offline/",
            _("Open the offline code"),
        ),
        *_objections(password),
        Step(
            _("See where limits passed"),
            _("Unions that let the time for an answer run out, the worst first, and each case behind the number."),
            "alarm",
            "/desk/review/lapses/",
            _("Open the list"),
            ((_("Sign-in name"), "liaocheng-review"), password),
        ),
        Step(
            _("Recheck a draw"),
            _("Places of the winter camp were given by lot: work the winners out again in your own browser."),
            "scale",
            "/draws/",
            _("Open the draws"),
        ),
        Step(
            _("Try a rule before it counts"),
            _("Route any case, or send the last month through a draft: you see who would go elsewhere, and why."),
            "route",
            "/desk/routing/",
            _("Open the trials"),
            ((_("Sign-in name"), "county-371502"), password),
        ),
    ]


def _service_steps() -> list[Step]:
    """Return the steps that show what the union does for people: on the phone, and as a leader reads it."""
    return [
        Step(
            _("See what applies to you"),
            _("As the member: services by area, how to get each, and why the others are not open to you."),
            "heart-handshake",
            "/services/",
            _("Open the services"),
            ((MEMBER.name, MEMBER.phone),),
        ),
        Step(
            _("See what the services reached"),
            _("Thirty targets of the year, counted from 33,000 deliveries: nobody can type a number in."),
            "target",
            "/desk/catalog/",
            _("Open what the services reached"),
            ((_("Sign-in name"), "liaocheng-services"), (_("Password"), PASSWORD)),
        ),
    ]


def _own_steps(now: datetime) -> list[Step]:
    """Return the steps that show what is kept of people, and what they may do about it themselves."""
    return [
        Step(
            _("See what was erased, and what is due"),
            _("What is held, why and how long; what tonight's run would erase; and what is gone, never its values."),
            "trash",
            "/desk/erasures/dry-run/",
            _("Open the dry run"),
            (
                (_("Sign-in name"), "liaocheng-audit"),
                (_("Password"), PASSWORD),
                (_("Try also the day"), _month_later(now)),
            ),
        ),
        *_own_affairs(),
    ]


def _own_affairs() -> list[Step]:
    """Return the steps of what everybody decides alone: about data, and about where one is signed in."""
    return [
        Step(
            _("Use your own rights"),
            _("As the member: take your data along, correct it, take a consent back, leave, or have it erased."),
            "shield-lock",
            "/me/rights/",
            _("Open my rights"),
        ),
        Step(
            _("Sign in with a finger, and see where you are signed in"),
            _(
                "At the desk, add a passkey under My account: fingerprint or face in place of password and code."
                " Browsers allow it at localhost and over HTTPS."
            ),
            "fingerprint",
            "/desk/access/me/",
            _("Open my account"),
        ),
    ]


def _objections(password: tuple[_StrOrPromise, str]) -> list[Step]:
    """Return the step of deciding on objections, as the union where most of them wait; none when none waits."""
    waiting = Contest.objects.filter(state=ContestState.OPEN, decided_at=None).values("union")
    busiest = waiting.annotate(count=Count("pk")).order_by("-count", "union").values_list("union", flat=True).first()
    post = Post.objects.filter(union=busiest, role="reviewer", valid_until=None).select_related("account").first()
    if busiest is None or post is None:
        return []
    return [
        Step(
            _("Decide on an objection"),
            _("Applicants who were refused, or sent to a union that does not suit them, ask the union above."),
            "message-report",
            "/desk/review/contests/",
            _("Open the objections"),
            ((_("Sign-in name"), post.account.username), password),
        )
    ]


def _month_later(now: datetime) -> str:
    return f"{local_day(now) + timedelta(days=30):%Y-%m-%d}"


def _number(free: list[str]) -> int:
    """Return which of the counter's codes is the first that still opens one."""
    return int(free[0].split("号")[0]) - 1
