"""What the city did for people this year: one row per person and time served, as the year's services really go."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from demo.services import SERVICES, Made
from nuanxin.catalog.states import CORRECTION
from nuanxin.kernel.clock import ZONE, WorkingCalendar
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from datetime import date

    from demo.enterprises import Firms
    from demo.loading import Row
    from demo.members import Members

#: Services of one season: first and last month.
_SEASONS = {"summer_drinks": (6, 9), "scholarship": (7, 9), "recuperation": (4, 10), "skill_contest": (4, 11)}
#: How a delivery usually comes about.
_SOURCES = {"book": "booking", "scan": "scan", "by_itself": "policy"}
#: One in so many was written down wrongly and taken back.
_WRONG = 900


class Deliveries:
    """Makes the year's deliveries: to people who were members on that day and may have the service."""

    def __init__(self, members: Members, firms: Firms, scale: float) -> None:
        self.members, self.firms, self.seed, self.scale = members, firms, members.seed, scale
        self.rows: list[Row] = []
        self._calendar = WorkingCalendar()
        self._served: dict[tuple[str, Any], int] = defaultdict(int)
        self._days = self._weighed()

    def give(self) -> None:
        """Make them all, in no order of time."""
        people = self._people()
        begins = [membership["began_on"] for _worker, membership in people]
        for made in SERVICES:
            for _nth in range(max(2, round(made.times * self.scale))):
                day = self._day(made)
                if made.firms:
                    self._to_firm(made, day)
                else:
                    self._to_person(made, day, people, bisect_right(begins, day))

    def _people(self) -> list[tuple[Row, Row]]:
        """Return everybody who is a member still, in the order in which they joined."""
        rows = self.members.rows
        pairs = zip(rows.workers, rows.memberships, strict=True)
        active = [pair for pair in pairs if pair[1].get("state") == MembershipState.ACTIVE]
        return sorted(active, key=lambda pair: pair[1]["began_on"])

    def _weighed(self) -> tuple[list[date], list[float]]:
        """Return the days of this year before today, and how busy they are."""
        today = self.seed.today
        first = today.replace(month=1, day=1)
        days = [first + timedelta(days=n) for n in range(max(1, (today - first).days))]
        weights = [1.0 if self._calendar.is_working(day) else 0.35 for day in days]
        return days, list(accumulate(weights))

    def _day(self, made: Made) -> date:
        days, weights = self._days
        first, last = _SEASONS.get(made.code, (1, 12))
        for _try in range(40):
            day = self.seed.random.choices(days, cum_weights=weights)[0]
            if first <= day.month <= last:
                return day
        return days[-1]

    def _to_person(self, made: Made, day: date, people: list[tuple[Row, Row]], joined: int) -> None:
        for _try in range(30):
            if not joined:
                return
            worker, membership = people[int(self.seed.random.random() * joined)]
            if self._may(made, worker, membership, day):
                break
        else:
            return
        self._served[made.code, worker["id"]] += 1
        self._row(made, day, membership["union_id"], worker_id=worker["id"], group_code=worker["occupation_group_id"])

    def _may(self, made: Made, worker: Row, membership: Row, day: date) -> bool:
        """Answer whether the checks that the demo's services use let somebody through."""
        for check in made.checks:
            match check["check"]:
                case "group" if worker["occupation_group_id"] not in check["groups"]:
                    return False
                case "sex" if worker["sex"] != check["is"]:
                    return False
                case "age" if day.year - worker["birth_on"].year <= check["least"]:
                    return False
                case "member_for" if (day - membership["began_on"]).days < check["days"]:
                    return False
                case "not_served" if self._served[made.code, worker["id"]] >= check["most"]:
                    return False
                case _:
                    pass
        return True

    def _to_firm(self, made: Made, day: date) -> None:
        firm = self.seed.one(self.firms.rows)
        self._row(made, day, self.members.tree.city.id, enterprise_id=firm["id"], group_code="")

    def _row(self, made: Made, day: date, union_id: Any, **subject: Any) -> None:
        seed = self.seed
        at = datetime.combine(day, time(8), tzinfo=ZONE) + timedelta(seconds=int(seed.random.random() * 36_000))
        spread = 1 if made.way in ("by_itself", "book") else 0.7 + 0.6 * seed.random.random()
        cost = Decimal(round(made.cost * spread))
        row: Row = {
            "id": seed.id_at(at),
            "service_id": made.code,
            "union_id": union_id,
            "day": day,
            "at": at,
            "cost": cost,
            "source_kind": _SOURCES.get(made.way, "visit"),
            "source_id": f"{made.code}-{len(self.rows)}",
            **subject,
        }
        self.rows.append(row)
        if len(self.rows) % _WRONG == 0:
            self._take_back(row, at + timedelta(hours=2))

    def _take_back(self, row: Row, at: datetime) -> None:
        entry = row | {
            "id": self.seed.id_at(at),
            "at": at,
            "times": -1,
            "cost": -row["cost"],
            "source_kind": CORRECTION,
            "source_id": str(row["id"]),
            "corrects_id": row["id"],
            "reason": "扫码登记重复，本人未到场",
        }
        self.rows.append(entry)
