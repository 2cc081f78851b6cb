"""An application's standing in warm words, and its way as a flow of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.members.states import Act, ApplicationState
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from nuanxin.members.models import Application, ApplicationAct
    from nuanxin.members.queries.contests import Event

S = ApplicationState
#: Acts that are told in the history in words of their own; the reason is added where there is one.
_OPEN_WAY = (S.SUBMITTED, S.ACCEPTED, S.RETURNED)


@dataclass(frozen=True, slots=True)
class Story:
    """What the top of the page says."""

    title: str
    sentence: str
    tone: str
    icon: str


def story(application: Application, *, reason: str, now: datetime) -> Story:
    """Say where an application stands, and what comes next.

    :param reason: what the reviewer wrote last, if anything.
    """
    return _STORIES[ApplicationState(application.state)](application, reason, now)


def _when(due: datetime | None, now: datetime) -> str:
    """Say a limit the way one would tell it: today, tomorrow, or by a date."""
    if due is None:
        return ""
    days = (local_day(due) - local_day(now)).days
    if days < 0:
        return _("the limit was %(due)s; the upper union takes it over") % {"due": date_cn(due)}
    if days == 0:
        return _("you should hear today, by %(due)s") % {"due": date_cn(due)}
    if days == 1:
        return _("you should hear by tomorrow, %(due)s") % {"due": date_cn(due)}
    return _("you should hear by %(due)s") % {"due": date_cn(due)}


def _union(application: Application) -> str:
    return local_name(application.union) if application.union else ""


def _unconfirmed(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("One step is missing: the code we sent to your phone"),
        _("Your application leaves only after the code. Without it, it is deleted after a day."),
        "wait",
        "device-mobile",
    )


def _submitted(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("Your application is with %(union)s") % {"union": _union(application)},
        _("Nothing to do for you now: %(when)s.") % {"when": _when(application.due_at, now)},
        "wait",
        "send",
    )


def _accepted(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("%(union)s is looking at your application") % {"union": _union(application)},
        _("Nothing to do for you now: %(when)s.") % {"when": _when(application.due_at, now)},
        "wait",
        "progress-check",
    )


def _returned(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("One thing needs your help"),
        _("%(union)s writes: “%(reason)s”. Please correct it by %(due)s; nothing else is lost.")
        % {"union": _union(application), "reason": reason, "due": date_cn(application.due_at)},
        "bad",
        "edit",
    )


def _approved(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("Welcome, you are a member of %(union)s!") % {"union": _union(application)},
        _("From today the union stands behind you. Your member card is ready."),
        "good",
        "heart-handshake",
    )


def _refused(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("This time it did not work out"),
        _("The reason: “%(reason)s”. Once that has changed you can apply again.") % {"reason": reason or "—"},
        "bad",
        "message",
    )


def _withdrawn(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("You withdrew this application"),
        _("No harm done: you can apply again at any time."),
        "",
        "arrow-back-up",
    )


def _lapsed(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("This application has ended"),
        _("No correction came in time, so it was closed. You can apply again at any time."),
        "",
        "clock",
    )


def _known_member(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("Good to see you again: you are a member already"),
        _("You need not join twice. If your work has moved, your membership can move with you."),
        "good",
        "arrows-exchange",
    )


def _phone_held(application: Application, reason: str, now: datetime) -> Story:
    return Story(
        _("Your phone number is still in another person's name"),
        _(
            "That happens when a number gets a new owner. The county union checks it and frees the number for you: "
            "%(when)s. Then your application goes on by itself."
        )
        % {"when": _when(application.due_at, now)},
        "wait",
        "device-mobile",
    )


_STORIES: dict[ApplicationState, Callable[[Application, str, datetime], Story]] = {
    S.UNCONFIRMED: _unconfirmed,
    S.SUBMITTED: _submitted,
    S.ACCEPTED: _accepted,
    S.RETURNED: _returned,
    S.APPROVED: _approved,
    S.REFUSED: _refused,
    S.WITHDRAWN: _withdrawn,
    S.LAPSED: _lapsed,
    S.KNOWN_MEMBER: _known_member,
    S.PHONE_HELD: _phone_held,
}


def flow(application: Application, acts: Sequence[ApplicationAct]) -> list[dict[str, Any]]:
    """Return the way of an application: sent, taken up, decided, card; with the times of what is behind it."""
    state = application.state
    if state not in (*_OPEN_WAY, S.APPROVED, S.UNCONFIRMED):
        return []
    taken = next((act.at for act in reversed(acts) if act.act == Act.ACCEPTED), None)
    approved = state == S.APPROVED
    decided_label = _("Correction by you") if state == S.RETURNED else _("Decision of the union committee")
    return [
        _step(_("Filled in"), application.started_at, done=True),
        _step(_("Phone proved, sent to the union"), application.confirmed_at, now=state == S.UNCONFIRMED),
        _step(_("The union takes it up"), taken, done=approved or state == S.RETURNED, now=state == S.SUBMITTED),
        _step(decided_label, application.closed_at if approved else None, now=state in (S.ACCEPTED, S.RETURNED)),
        _step(_("Member card"), application.closed_at if approved else None),
    ]


def _step(label: str, at: datetime | None, *, done: bool = False, now: bool = False) -> dict[str, Any]:
    return {"label": label, "at": at, "done": (done or at is not None) and not now, "now": now}


def last_reason(application: Application, acts: Sequence[ApplicationAct]) -> str:
    """Return what the union wrote when it refused or returned an application, the last time."""
    telling = {S.REFUSED: Act.REFUSED, S.RETURNED: Act.RETURNED}.get(ApplicationState(application.state))
    return next((act.reason for act in reversed(acts) if act.act == telling), "")


def history(events: Sequence[Event], token: str) -> list[dict[str, Any]]:
    """Return what happened so far, newest last, for the applicant: which union, never which cadre."""
    return [
        {
            "text": _act_in_words(event.act),
            "note": _("Reason: %(reason)s") % {"reason": event.act.reason} if event.act.reason else "",
            "words": event.words,
            "files": [(file.name, reverse("worker:application_file", args=[token, file.pk])) for file in event.files],
            "at": event.act.at,
            "now": event is events[-1],
        }
        for event in events
    ]


def _act_in_words(act: ApplicationAct) -> str:
    union, to_union = local_name(act.union), local_name(act.to_union)
    words = {
        Act.SUBMITTED: _("Sent to %(union)s"),
        Act.ACCEPTED: _("%(union)s took it up"),
        Act.APPROVED: _("%(union)s approved it"),
        Act.REFUSED: _("%(union)s refused it"),
        Act.RETURNED: _("%(union)s asked for a correction"),
        Act.CORRECTED: _("You corrected it, and it went to %(union)s again"),
        Act.PASSED_ON: _("%(union)s passed it on to %(to_union)s"),
        Act.ESCALATED: _("Time ran out: it moved up from %(union)s to %(to_union)s"),
        Act.WITHDRAWN: _("You withdrew it"),
        Act.LAPSED: _("Closed, because no correction came in time"),
        Act.PHONE_HELD: _("Your phone number is in another person's name: the county union was asked"),
        Act.PHONE_RELEASED: _("Your phone number is free now"),
        Act.KNOWN_MEMBER: _("You are a member already: moving was offered"),
        Act.EMPLOYER_CONFIRMED: _("Your employer confirmed that you work there"),
        Act.CONTESTED: _("You objected; %(to_union)s was asked"),
        Act.CONTEST_ESCALATED: _("Time ran out: your objection moved up from %(union)s to %(to_union)s"),
        Act.CONTEST_UPHELD: _("%(union)s looked at your objection: it stays as it was"),
        Act.CONTEST_SENT_BACK: _("%(union)s agreed with you: somebody else decides anew"),
        Act.CONTEST_MOVED: _("%(union)s agreed with you and sent it to %(to_union)s"),
        Act.CONTEST_ADMITTED: _("%(union)s agreed with you and admits you itself"),
        Act.CONTEST_DROPPED: _("Your objection ended together with the application"),
        Act.EMPLOYER_DENIED: _("Your employer does not know you: the union will ask you"),
    }
    return words[Act(act.act)] % {"union": union, "to_union": to_union or union}
