"""Pages of the memberships that fit, newest first, without reading all that fit where that is many."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.members.models import Membership

#: Up to so many that fit are counted one by one; of more a page says so.
MOST_COUNTED = 5000
#: Where the planner takes so many to fit, a page is looked for among the newest first, and they are not counted.
SURELY_MANY = 4000
#: How many memberships next to the page are walked through before all that fit are sorted.
WALK = 20_000
#: Keeps a statement in one process: this function may not run in a parallel one. Starting two more to help for some
#: milliseconds took longer than the work, and took the processors from whoever else asked.
_ALONE = "set_config('nuanxin.alone', '', true)"
_TABLE = '"members_membership"'


@dataclass(frozen=True, slots=True)
class Tally:
    """How many fit: exactly `count`; or more than that; or about so many, by the planner's statistics."""

    count: int = 0
    more: bool = False
    about: bool = False


@dataclass(frozen=True, slots=True)
class Fitting:
    """The statement of who fits, and from where in the order of ids a page of them is wanted."""

    statement: str
    params: tuple[Any, ...]
    key: UUID | None
    backwards: bool

    @classmethod
    def of(cls, rows: QuerySet[Membership], key: UUID | None, backwards: bool) -> Fitting | None:
        """Return the statement of rows, put in words once for whatever is asked of it; None where nobody can fit.

        :param key: the page begins beyond this id: below it, or above it if `backwards`; None for the newest.
        """
        try:
            statement, params = rows.order_by().values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return None
        return cls(statement, tuple(params), key, backwards and key is not None)

    def page(self, most: int) -> tuple[list[UUID], Tally]:
        """Return the ids next to the key, at most so many, in the order away from it; and how many fit in all."""
        likely = self._estimate()
        if likely >= SURELY_MANY:
            found = self._walked(most)
            if len(found) == most:
                return found, Tally(likely, about=True)
        found, count = self._counted(most)
        if count <= MOST_COUNTED:
            return found, Tally(count)
        if likely < SURELY_MANY:
            found = self._walked(most)
        if len(found) < most and not self._walks_to_the_end():
            found = self._sorted(most)
        return found, Tally(MOST_COUNTED, more=True)

    @property
    def _order(self) -> str:
        return "ASC" if self.backwards else "DESC"

    def _beyond(self) -> tuple[str, tuple[Any, ...]]:
        if self.key is None:
            return "", ()
        return f"WHERE id {'>' if self.backwards else '<'} %s", (self.key,)

    def _estimate(self) -> int:
        """Return how many the planner takes to fit; it knows how frequent each of the frequent terms is."""
        told = _rows(f"EXPLAIN (FORMAT JSON) {self.statement}", self.params)[0][0]
        plan = json.loads(told) if isinstance(told, str) else told
        return int(plan[0]["Plan"]["Plan Rows"])

    def _counted(self, most: int) -> tuple[list[UUID], int]:
        """Return a page of those that are counted, and how many they are: one more than the most where there are more.

        The page is right only if there are no more.
        """
        beyond, params = self._beyond()
        count, _alone, found = _rows(
            f"WITH fit(id) AS MATERIALIZED ({self.statement} LIMIT {MOST_COUNTED + 1}) "
            f"SELECT (SELECT count(*) FROM fit), {_ALONE}, "
            f"ARRAY(SELECT id FROM fit {beyond} ORDER BY id {self._order} LIMIT {most})",
            self.params + params,
        )[0]
        return found, count

    def _walked(self, most: int) -> list[UUID]:
        """Walk through the memberships next to the key until a page is full, or the walk is over."""
        near, params = self._near()
        order = f"ORDER BY {_TABLE}.id {self._order} LIMIT {most}"
        statement = self.statement.replace(f"FROM {_TABLE}", f"FROM (SELECT * {near} LIMIT {WALK}) {_TABLE}", 1)
        return [row[0] for row in _rows(f"{statement} {order}", params + self.params)]

    def _walks_to_the_end(self) -> bool:
        near, params = self._near()
        return not _rows(f"SELECT id {near} OFFSET {WALK} LIMIT 1", params)

    def _near(self) -> tuple[str, tuple[Any, ...]]:
        beyond, params = self._beyond()
        return f"FROM {_TABLE} {beyond} ORDER BY id {self._order}", params

    def _sorted(self, most: int) -> list[UUID]:
        """Sort all that fit: by the id as text, or the index of ids might be walked all through in search of them."""
        beyond, params = self._beyond()
        found = _rows(
            f"SELECT id FROM ({self.statement}) fit(id), (SELECT {_ALONE}) alone {beyond} "
            f"ORDER BY id::text {self._order} LIMIT {most}",
            self.params + params,
        )
        return [row[0] for row in found]


def _rows(statement: str, params: tuple[Any, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[Any] = cursor.fetchall()
    return found
