"""What doors say of a draw: its five steps with their hours, its winners share by share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.bookings.rules.draws import reveal_until
from nuanxin.bookings.states import DrawState
from nuanxin.web.kit.offers import in_language

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.bookings.models import Draw

_ORDER = tuple(DrawState)
#: State → tone.
TONES = {DrawState.DRAWN: "good", DrawState.ANNOUNCED: "info"}


def steps(draw: Draw, *, now: datetime) -> list[dict[str, Any]]:
    """Return the steps of a draw as `flow.html` shows them, each with when it was done or by when it will be."""
    offer, reached = draw.offer, _ORDER.index(DrawState(draw.state))
    is_open = draw.state == DrawState.ANNOUNCED and now < offer.closes_at
    rows = [
        (_("Sealed number promised, entries open"), draw.announced_at, True),
        (_("Entries close"), offer.closes_at, not is_open),
        (_("List of tickets published"), draw.frozen_at, draw.frozen_at is not None),
        (_("Public value published and typed by two people"), _valued_at(draw), draw.value_confirmed_at is not None),
        (_("Sealed number revealed"), draw.revealed_at, draw.revealed_at is not None),
        (_("Drawn: winners published"), draw.drawn_at, reached == len(_ORDER) - 1),
    ]
    first = next((nth for nth, row in enumerate(rows) if not row[2]), None)
    return [{"label": label, "at": at, "done": done, "now": nth == first} for nth, (label, at, done) in enumerate(rows)]


def _valued_at(draw: Draw) -> datetime:
    return draw.value_confirmed_at or draw.value_at


def what_next(draw: Draw, *, now: datetime) -> str:
    """Say what comes next and when, for everybody to read."""
    if draw.state == DrawState.ANNOUNCED:
        if now < draw.offer.closes_at:
            return _("Entries are open. When they have closed, the list of tickets is published here.")
        if now < draw.value_at:
            return _("Entries have closed. The list of tickets is published in a moment.")
        return _("The list was not published before the announced hour. Another value and hour will be announced.")
    if draw.state == DrawState.FROZEN and now < draw.value_at:
        return _("The list stands. Nobody can know the public value before its hour.")
    if draw.state in (DrawState.FROZEN, DrawState.VALUED):
        return _("The public value is out. Two people of the union type it here, one after the other.")
    if draw.state == DrawState.CONFIRMED:
        if now < reveal_until(draw.value_at):
            return _("The value is confirmed. The sealed number is revealed in a moment.")
        return _("The sealed number was not revealed in time: the public value alone decides.")
    if draw.state == DrawState.REVEALED:
        return _("Everything is known. The winners are worked out in a moment.")
    return _("The draw is done. Anybody can work it out again: on the public page, or with a short script.")


def winners_by_share(draw: Draw, lines: list[str]) -> list[dict[str, Any]]:
    """Return the winners' tickets, share by share in the order in which the shares were filled."""
    found: dict[str, list[tuple[str, str]]] = {share["code"]: [] for share in draw.shares}
    for line in lines:
        ticket, share, session = line.split(" ")
        found[share].append((ticket, session))
    names = {share["code"]: in_language(share["name"], share["name_en"]) for share in draw.shares}
    return [{"code": code, "name": names[code], "tickets": rows} for code, rows in found.items() if rows]
