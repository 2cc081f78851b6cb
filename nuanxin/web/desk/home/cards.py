"""The numbers on top of the home page: the day's applications, members, promptness, and what ends soon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from nuanxin.access.states import Permission
from nuanxin.insight.queries import dashboard, scope_in_reach, union_scope
from nuanxin.insight.queries.statement import ChildPage
from nuanxin.members.queries.reviewing import Waiting, promptness
from nuanxin.web.desk.times import limit_in_words
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor

_SPARK_DAYS = 7


def day_cards(actor: Actor, waiting: Waiting | None, now: datetime) -> list[dict[str, Any]]:
    """Return the cards that this actor may see: tallies with one permission, the queue with another."""
    cards: list[dict[str, Any]] = []
    code = scope_in_reach(actor) if actor.may(Permission.VIEW_TALLIES) else None
    if code:
        cards += _tallied(actor, code, now)
    if waiting is not None:
        cards += [_prompt(actor, now), _soon(waiting, now)]
    return cards


def _tallied(actor: Actor, code: str, now: datetime) -> list[dict[str, Any]]:
    scope = union_scope(actor, code)
    found = dashboard(actor, scope, now=now, page=ChildPage(limit=1))
    # Somebody who acts in several places is told which one is counted.
    place = f" · {local_name(scope)}" if len(actor.reach(Permission.VIEW_TALLIES)) > 1 else ""
    url = reverse("desk:insight:union", args=[code])
    grown = found.today.active
    return [
        {
            "label": _("Applications today"),
            "value": f"{found.today.applications:,}",
            "unit": _("cases"),
            "note": _("the last seven days") + place,
            "trend": [day.sums.applications for day in found.trend[-_SPARK_DAYS:]],
            "url": url,
        },
        {
            "label": _("Active members"),
            "value": f"{found.active:,}",
            "unit": _("persons"),
            "note": _("since yesterday %(change)s") % {"change": f"{grown:+,}"} + place,
            "url": url,
        },
    ]


def _prompt(actor: Actor, now: datetime) -> dict[str, Any]:
    found = promptness(actor, now=now)
    return {
        "label": _("Answered the same day"),
        "value": f"{100 * found.answered / found.came:.1f}%" if found.came else "—",
        "numerator": found.answered,
        "denominator": found.came,
        "part_unit": _("cases of today"),
        "at": now,
    }


def _soon(waiting: Waiting, now: datetime) -> dict[str, Any]:
    limit = limit_in_words(waiting.earliest, now)
    return {
        "label": _("Ends today or is late"),
        "value": f"{waiting.soon:,}",
        "unit": _("cases"),
        "late": bool(waiting.soon),
        "note": _("earliest: %(at)s, %(left)s") % {"at": limit.at, "left": limit.left} if limit else _("nothing waits"),
        "url": f"{reverse('desk:review:queue')}?due=today",
    }
