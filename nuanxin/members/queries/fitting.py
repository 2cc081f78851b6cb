"""Pages of the memberships that fit, newest first, without reading all that fit where that is many."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from psycopg import sql

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.members.models import Membership

#: Up to so many that fit are counted one by one; of more a page says so.
MOST_COUNTED = 5000
#: How many memberships next to the page are walked through before all that fit are sorted.
WALK = 20_000
#: From how many on, by the planner's word, a page is looked for by walking before any are counted; and how many times
#: over the walk must be expected to fill the page. What the planner says of a word that is in no list of its frequent
#: ones is a guess: where any of several words will do, guesses add up, and twice as much must be expected.
MANY, SURELY = 3000, 1.3
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
    """The statement of who fits, and from where in the order of ids a page of them is wanted.

    Everything that is asked for stands in the statement: prepared for anything, it would be planned for nothing.
    """

    statement: str
    #: Condition of what lies beyond the key, and the order away from it.
    beyond: str
    order: str

    @classmethod
    def of(cls, rows: QuerySet[Membership], key: UUID | None, backwards: bool) -> Fitting | None:
        """Return the statement of rows, put in words once for whatever is asked of it; None where nobody can fit.

        :param key: the page begins beyond this id: below it, or above it if `backwards`; None for the newest.
        """
        try:
            statement, params = rows.order_by().values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return None
        statement %= tuple(_literal(value) for value in params)
        if key is None:
            return cls(statement, "", "DESC")
        return cls(statement, f"WHERE id {'>' if backwards else '<'} {_literal(key)}", "ASC" if backwards else "DESC")

    def page(self, most: int) -> tuple[list[UUID], Tally]:
        """Return the ids next to the key, at most so many, in the order away from it; and how many fit in all."""
        likely, everybody = self._estimate()
        wanted = SURELY * most * (2 if "&&" in self.statement else 1)
        is_likely = likely >= MANY and likely * WALK >= wanted * everybody
        if is_likely:
            found = self._walked(most)
            if len(found) == most:
                return found, Tally(likely, about=True)
        found, count = self._counted(most)
        if count <= MOST_COUNTED:
            return found, Tally(count)
        if not is_likely:
            found = self._walked(most)
        if len(found) < most and not self._walks_to_the_end():
            found = self._sorted(most)
        return found, Tally(MOST_COUNTED, more=True)

    def _estimate(self) -> tuple[int, int]:
        """Return how many the planner takes to fit, and how many there are: it knows the frequent terms."""
        told = _rows(
            f"EXPLAIN (FORMAT JSON) SELECT id, '' FROM ({self.statement}) fit(id) "
            f"UNION ALL SELECT id, {_ALONE} FROM {_TABLE}"
        )[0][0]
        plan = json.loads(told) if isinstance(told, str) else told
        likely, everybody = (int(part["Plan Rows"]) for part in plan[0]["Plan"]["Plans"])
        return likely, everybody

    def _counted(self, most: int) -> tuple[list[UUID], int]:
        """Return a page of those that are counted, and how many they are: one more than the most where there are more.

        The page is right only if there are no more.
        """
        count, _alone, found = _rows(
            f"WITH fit(id) AS MATERIALIZED ({self.statement} LIMIT {MOST_COUNTED + 1}) "
            f"SELECT (SELECT count(*) FROM fit), {_ALONE}, "
            f"ARRAY(SELECT id FROM fit {self.beyond} ORDER BY id {self.order} LIMIT {most})"
        )[0]
        return found, count

    def _walked(self, most: int) -> list[UUID]:
        """Walk through the memberships next to the key until a page is full, or the walk is over."""
        near = f"FROM (SELECT * {self._near} LIMIT {WALK}) {_TABLE}"
        statement = self.statement.replace(f"FROM {_TABLE}", near, 1)
        return [row[0] for row in _rows(f"{statement} ORDER BY {_TABLE}.id {self.order} LIMIT {most}")]

    def _walks_to_the_end(self) -> bool:
        return not _rows(f"SELECT id {self._near} OFFSET {WALK} LIMIT 1")

    @property
    def _near(self) -> str:
        return f"FROM {_TABLE} {self.beyond} ORDER BY id {self.order}"

    def _sorted(self, most: int) -> list[UUID]:
        """Sort all that fit: by the id as text, or the index of ids might be walked all through in search of them."""
        found = _rows(
            f"SELECT id FROM ({self.statement}) fit(id), (SELECT {_ALONE}) alone {self.beyond} "
            f"ORDER BY id::text {self.order} LIMIT {most}"
        )
        return [row[0] for row in found]


def _literal(value: Any) -> str:
    """Write a value as it stands in a statement, quoted by the driver."""
    connection.ensure_connection()
    return sql.Literal(value).as_string(connection.connection)


def _rows(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found: list[Any] = cursor.fetchall()
    return found
