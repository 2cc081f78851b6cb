"""Numbers of this area in words: units, tones, shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.catalog.queries.counts import Counts
from nuanxin.catalog.states import Standing, Unit

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from nuanxin.catalog.queries.targets import TargetLine

TONES = {
    Standing.DONE: ("good", "circle-check"),
    Standing.AHEAD: ("info", "progress-check"),
    Standing.BEHIND: ("wait", "clock"),
    Standing.OVERDUE: ("bad", "alarm"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """How far something is, for a bar: hundredths that are filled, and hundredths where it should be by now."""

    filled: int
    mark: int


def tone_of(standing: str) -> dict[str, Any]:
    """Return word, tone and icon of how a target stands."""
    tone, icon = TONES[Standing(standing)]
    return {"label": Standing(standing).label, "tone": tone, "icon": icon}


def target_row(line: TargetLine, today: date) -> dict[str, Any]:
    """Return one target as a line of a table."""
    progress, target = line.progress, line.target
    return {
        "target": target,
        "unit": Unit(target.unit).label,
        "progress": progress,
        "state": tone_of(progress.standing),
        "bar": Bar(min(100, int(progress.percent)), min(100, 100 * progress.expected // progress.amount)),
        "late_days": max(0, (today - target.due_on).days) if progress.standing == Standing.OVERDUE else 0,
        "counts": line.counts,
    }


def spent_of(counts: Counts, budget: Decimal | None) -> dict[str, Any]:
    """Return what was spent of a budget, with the share; no share without a budget."""
    share = None if not budget else float(counts.cost / budget)
    return {"cost": counts.cost, "budget": budget, "share": share, "is_over": share is not None and share > 1}


def definitions() -> list[tuple[str, str]]:
    """Return what each number means."""
    return [
        (
            _("Persons"),
            _(
                "Different people served in the year, each once: at the union whose member the person was when first "
                "served. So the unions below add up to the whole."
            ),
        ),
        (
            _("Times"),
            _("Every delivery. What was taken back does not count, in the month for which it had been noted."),
        ),
        (_("Enterprises served"), _("Different enterprises served in the year, each once.")),
        (
            _("Yuan"),
            _("What the deliveries cost; without a cost of its own, what one time of the service usually costs."),
        ),
        (
            _("Where it comes from"),
            _("Every number is counted from deliveries, one row for each person and time. Nobody can type it in."),
        ),
        (
            _("Behind"),
            _("More than ten hundredths of the target are missing against the share of its days that has passed."),
        ),
    ]
