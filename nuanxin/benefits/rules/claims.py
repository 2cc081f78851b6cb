"""What a claim on an insurance may say, and who may do what with it. Pure."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.rules.insurance import amount
from nuanxin.benefits.states.insurance import ClaimAct, ClaimState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text, compact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

    from nuanxin.kernel.clock import WorkingCalendar

#: How long whoever has a claim may keep it: the dated rule, and whether it counts working days.
TIMES: Final = {
    ClaimState.SENT: ("benefits.claim_forward_days", True),
    ClaimState.RETURNED: ("benefits.claim_add_days", False),
    ClaimState.FORWARDED: ("benefits.claim_decide_days", False),
    ClaimState.APPROVED: ("benefits.claim_pay_days", False),
}
#: Where an act leads; more documents lead back to the union when it had asked for them.
_LEADS: Final = {
    ClaimAct.MADE: ClaimState.SENT,
    ClaimAct.RETURNED: ClaimState.RETURNED,
    ClaimAct.FORWARDED: ClaimState.FORWARDED,
    ClaimAct.APPROVED: ClaimState.APPROVED,
}
MOST_WORDS: Final = 1000
#: Files of one claim at most.
MOST_FILES: Final = 12
_ACCOUNT: Final = re.compile(r"[0-9]{12,30}")


def has_stood_since(steps: Iterable[tuple[str, datetime]]) -> datetime | None:
    """Return since when a claim is where it is.

    :param steps: acts and their moments, the oldest first.
    """
    state, since = "", None
    for act, at in steps:
        leads = _LEADS.get(ClaimAct(act), state)
        if act == ClaimAct.ADDED and state == ClaimState.RETURNED:
            leads = ClaimState.SENT
        if leads != state:
            state, since = leads, at
    return since


def due_on(state: str, since: datetime, days: int, calendar: WorkingCalendar) -> date:
    """Return the last day on which whoever has a claim should have done the next thing.

    Source: insurance law, article 23 (decided within thirty days, paid within ten); the union's time is its own.
    """
    if TIMES[ClaimState(state)][1]:
        return local_day(calendar.due(since, days))
    return local_day(since) + timedelta(days=days)


def check_files(count: int, *, before: int = 0) -> None:
    """Refuse none, and more than a claim holds.

    :param count: of the files that are given now; `before` of those given earlier.
    :raises Invalid: so.
    """
    if not count:
        raise Invalid("no_documents", _("Please add at least one photo or PDF that shows it."), field="documents")
    if before + count > MOST_FILES:
        raise Invalid("too_many", _("A claim holds twelve files at most."), field="documents")


def words_of(value: object, *, field: str = "words") -> str:
    """Return what was written, or refuse nothing.

    :raises Invalid: empty, too long, or with signs that cannot be kept.
    """
    text = check_text(value, field=field, most=MOST_WORDS)
    if not text:
        raise Invalid("missing", _("Please say in a few words what happened."), field=field)
    return text


def bank_account(value: object) -> str:
    """Return the number of a bank account: 12 to 30 digits, spaces dropped.

    :raises Invalid: no such number.
    """
    text = compact(check_text(value, field="account", most=60))
    if not _ACCOUNT.fullmatch(text):
        raise Invalid("bad_account", _("Please write the number of your own bank card: digits only."), field="account")
    return text


def check_event(happened_on: date, *, cover_from: date, cover_until: date, today: date) -> None:
    """Refuse a day on which nothing was covered.

    :raises Invalid: before the cover began, after it ended, or not come yet.
    """
    if happened_on > today:
        raise Invalid("in_the_future", _("This day has not come yet."), field="happened_on")
    if not cover_from <= happened_on <= cover_until:
        raise Invalid(
            "not_covered",
            _("The insurance did not cover that day. It runs from %(first)s to %(last)s.")
            % {"first": cover_from.isoformat(), "last": cover_until.isoformat()},
            field="happened_on",
        )


def asked_amount(value: object, *, most: Decimal) -> Decimal:
    """Return the amount that is asked for.

    :raises Invalid: no amount, or more than the sum insured.
    """
    asked = amount(value, field="asked")
    if asked > most:
        raise Invalid(
            "above_sum", _("The insurance pays %(most)s yuan at most.") % {"most": f"{most:,.2f}"}, field="asked"
        )
    return asked


def approved_amount(value: object, *, asked: Decimal) -> Decimal:
    """Return what the insurer approves.

    :raises Invalid: no amount, or more than was asked for.
    """
    approved = amount(value, field="amount")
    if approved > asked:
        raise Invalid("above_asked", _("More than was asked for cannot be approved."), field="amount")
    return approved


def paid_amount(value: object, *, approved: Decimal) -> Decimal:
    """Return what was paid.

    :raises Invalid: no amount, or more than was approved.
    """
    paid = amount(value, field="amount")
    if paid > approved:
        raise Invalid("above_approved", _("More than was approved cannot be paid."), field="amount")
    return paid
