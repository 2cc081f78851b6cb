"""Which records are compared at all: pairs whose names sound alike and whose births are a slip of the pen apart.

Set-wise and by one index; nothing that is sealed is opened here. For the search of the registry only, never for a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection

from nuanxin.kernel.documents import CITIZEN_NUMBERS
from nuanxin.kernel.identifiers import to_18
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.rules.duplicates import Facts, common_path, upper_paths
from nuanxin.members.states import MembershipState, ReleaseState
from nuanxin.organizations.models import Union
from nuanxin.organizations.states import UnionKind, UnionLevel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from uuid import UUID

#: Levels of the unions that decide.
DECIDING = (UnionLevel.COUNTY, UnionLevel.CITY, UnionLevel.PROVINCE, UnionLevel.NATION)
#: Length of a sealed resident ID number of 15 digits: kind, nonce, number, tag.
OLD_SEALED = 1 + 12 + 15 + 16


class Pair(NamedTuple):
    """Two people, the lower id first, and how many people have a name that sounds like theirs.

    Ids are texts here: a search passes a hundred thousand of them to and fro.
    """

    one: str
    other: str
    namesakes: int


class Sealed:
    """One person as compared: everything but what is sealed, and how that is opened, once for all comparisons."""

    __slots__ = ("_key", "_number", "_phone", "_sealed", "facts", "id")

    def __init__(self, pk: str, facts: Facts, key: bytes, number: bytes, phone: bytes) -> None:
        self.id, self.facts = pk, facts
        self._sealed, self._key = (number, phone), PersonKey(key)
        self._number: str | None = None
        self._phone: str | None = None

    @property
    def number(self) -> str:
        """Return the document number: for the length of one search, never for a page."""
        if self._number is None:
            self._number = self._key.unseal(self._sealed[0])
        return self._number

    @property
    def phone(self) -> str:
        """Return the phone: for the length of one search, never for a page."""
        if self._phone is None:
            self._phone = self._key.unseal(self._sealed[1])
        return self._phone

    def opened(self) -> Facts:
        """Return the facts with document number and phone."""
        known = self.facts
        return Facts(
            known.name, known.birth_on, known.sex, known.id_kind, self.number, self.phone, known.phones,
            known.employer, known.region, known.group,
        )  # fmt: skip


#: Whoever is compared, with the parts of the birth date; and the pairs: the same birth, or one part of it differs by
#: one digit or by the order of its two digits, or day and month are exchanged.
_PAIRS = """
WITH people AS MATERIALIZED (
  SELECT worker_id AS id, reads, birth_on,
         extract(year FROM birth_on)::int AS y, extract(month FROM birth_on)::int AS m,
         extract(day FROM birth_on)::int AS d, count(*) OVER (PARTITION BY reads)::int AS n
    FROM members_duplicatekey WHERE {whom}
), found AS (
  SELECT a.id AS a, b.id AS b, a.n FROM people a JOIN people b
      ON a.reads = b.reads AND a.birth_on = b.birth_on AND {sides}
  UNION ALL
  SELECT a.id, b.id, a.n FROM people a JOIN people b ON a.reads = b.reads AND a.y = b.y AND a.m = b.m AND a.d <> b.d
     AND {sides} AND (a.d / 10 = b.d / 10 OR a.d %% 10 = b.d %% 10 OR (a.d / 10 = b.d %% 10 AND a.d %% 10 = b.d / 10))
  UNION ALL
  SELECT a.id, b.id, a.n FROM people a JOIN people b ON a.reads = b.reads AND a.y = b.y AND a.d = b.d AND a.m <> b.m
     AND {sides} AND (a.m / 10 = b.m / 10 OR a.m %% 10 = b.m %% 10 OR (a.m / 10 = b.m %% 10 AND a.m %% 10 = b.m / 10))
  UNION ALL
  SELECT a.id, b.id, a.n FROM people a JOIN people b ON a.reads = b.reads AND a.m = b.m AND a.d = b.d AND a.y <> b.y
     AND {sides} AND (a.y / 10 = b.y / 10 OR a.y %% 100 = b.y %% 100
                      OR (a.y / 100 = b.y / 100 AND (a.y %% 10 = b.y %% 10 OR a.y / 10 %% 10 = b.y %% 10)))
  UNION ALL
  SELECT a.id, b.id, a.n FROM people a JOIN people b ON a.reads = b.reads AND a.y = b.y AND a.m = b.d AND a.d = b.m
     AND a.m <> a.d AND {sides}
)
SELECT least(a, b)::text, greatest(a, b)::text, max(n)::int FROM found GROUP BY 1, 2
"""
_OF_RANGE = _PAIRS.format(whom="reads > %(after)s AND reads <= %(upto)s", sides="a.id < b.id")
_OF_SOME = _PAIRS.format(
    whom="reads IN (SELECT reads FROM members_duplicatekey WHERE worker_id = ANY(%(some)s::uuid[]))",
    sides="a.id <> b.id AND a.id = ANY(%(some)s::uuid[])",
)
_FACTS = """
SELECT id::text, name, birth_on, sex, id_kind, sealed_key, sealed_id, sealed_phone, phone_digest,
       coalesce(employer_id::text, employer_name), region_id, occupation_group_id
  FROM members_worker WHERE id = ANY(%s::uuid[]) AND erased_at IS NULL AND merged_into_id IS NULL
"""
#: The union of the membership in force, or of the last one.
_UNIONS = """
SELECT DISTINCT ON (m.worker_id) m.worker_id::text, u.path FROM members_membership m
  JOIN organizations_union u ON u.id = m.union_id
 WHERE m.worker_id = ANY(%s::uuid[]) ORDER BY m.worker_id, (m.state = %s), m.id DESC
"""
#: A number that the county took from one person, and that another person holds now.
_BY_PHONE = """
SELECT least(r.holder_id, w.id)::text, greatest(r.holder_id, w.id)::text FROM members_phonerelease r
  JOIN members_worker w ON w.phone_digest = r.phone_digest AND w.id <> r.holder_id AND w.merged_into_id IS NULL
  JOIN members_duplicatekey k ON k.worker_id = r.holder_id
 WHERE r.state = %(state)s
   AND (%(some)s::uuid[] IS NULL OR w.id = ANY(%(some)s::uuid[]) OR r.holder_id = ANY(%(some)s::uuid[]))
"""


def pairs_of_range(after: str, upto: str) -> list[Pair]:
    """Return the pairs of everybody whose syllables stand after one text and not after another."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '96MB'")
        # by name alone, as the planner would, a common name is compared with itself a million times
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")
        cursor.execute(_OF_RANGE, {"after": after, "upto": upto})
        found = [Pair(*row) for row in cursor.fetchall()]
        cursor.execute("SET LOCAL enable_nestloop = on")
        cursor.execute("SET LOCAL enable_mergejoin = on")
    return found


def pairs_of(some: Sequence[str]) -> list[Pair]:
    """Return the pairs of some people with anybody."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_SOME, {"some": ids(some)})
        return [Pair(*row) for row in cursor.fetchall()]


def pairs_by_phone(some: Sequence[str] | None) -> list[Pair]:
    """Return the pairs of whom one holds a number that was the other's; of everybody when `some` is None."""
    with connection.cursor() as cursor:
        cursor.execute(_BY_PHONE, {"state": ReleaseState.RELEASED, "some": None if some is None else ids(some)})
        return [Pair(one, other, 1) for one, other in cursor.fetchall()]


def pairs_by_old_number(some: Sequence[str] | None) -> list[Pair]:
    """Return the pairs that have one document number, exactly: one in the form of 15 digits, one in that of 18.

    Both ways: whoever has an old number is looked for in the new form, and the other way round.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id::text, w.sealed_key, w.sealed_id FROM members_duplicatekey k JOIN members_worker w"
            " ON w.id = k.worker_id WHERE k.old_number"
        )
        digests = {id_digest(to_18(PersonKey(key).unseal(number))): pk for pk, key, number in cursor.fetchall()}
        cursor.execute(
            "SELECT id::text, id_digest FROM members_worker WHERE id_digest = ANY(%s) AND merged_into_id IS NULL",
            [list(digests)],
        )
        found = [(digests[bytes(digest)], pk) for pk, digest in cursor.fetchall()]
    wanted = None if some is None else set(some)
    return [
        Pair(min(pair), max(pair), 1) for pair in found if pair[0] != pair[1] and (wanted is None or wanted & set(pair))
    ]


def people(wanted: Iterable[str]) -> dict[str, Sealed]:
    """Return people as they are compared, without whoever was erased or merged."""
    asked = ids(set(wanted))
    before: dict[str, list[bytes]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT holder_id::text, phone_digest FROM members_phonerelease"
            " WHERE holder_id = ANY(%s::uuid[]) AND state = %s",
            [asked, ReleaseState.RELEASED],
        )
        for pk, digest in cursor.fetchall():
            before.setdefault(pk, []).append(bytes(digest))
        cursor.execute(_FACTS, [asked])
        return {row[0]: _sealed(row, before.get(row[0], [])) for row in cursor.fetchall()}


def _sealed(row: Sequence[Any], before: list[bytes]) -> Sealed:
    pk, name, birth_on, sex, kind, key, number, phone, held, employer, region, group = row
    phones = frozenset([*before, bytes(held)] if held else before)
    facts = Facts(name, birth_on, sex, kind, "", "", phones, employer or "", region, group)
    return Sealed(pk, facts, key, number, phone)


def ids(some: Iterable[str]) -> str:
    """Return ids as one array in PostgreSQL's own writing: passing a list of them takes three times as long."""
    return f"{{{','.join(some)}}}"


def is_old(kind: str, sealed_length: int) -> bool:
    """Answer, without opening it, whether a sealed document number is a resident ID of 15 digits."""
    return sealed_length == OLD_SEALED and kind in CITIZEN_NUMBERS


def namesakes(reads: str) -> int:
    """Return how many people of the registry have a name of these syllables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_duplicatekey WHERE reads = %s", [reads])
        return int(cursor.fetchone()[0])


def near(reads: str, birth_on: date | None) -> list[str]:
    """Return who has a name of these syllables and a birth date that is the same or a slip of the pen away."""
    if birth_on is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT worker_id::text, birth_on FROM members_duplicatekey WHERE reads = %s", [reads])
        return [pk for pk, born in cursor.fetchall() if born and _parts_differ(born, birth_on) <= 1]


def _parts_differ(one: date, other: date) -> int:
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return 1
    return (one.year != other.year) + (one.month != other.month) + (one.day != other.day)


class Deciders:
    """Finds the union that decides of two people: the lowest federation, of a county or above, that reaches both."""

    def __init__(self) -> None:
        rows = Union.objects.filter(kind=UnionKind.FEDERATION, level__in=DECIDING, closed_at=None)
        self._by_path: dict[str, UUID] = dict(rows.values_list("path", "pk"))

    def of(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], UUID]:
        """Return the deciding union of each pair; none for somebody who never was a member."""
        pairs = list(pairs)
        with connection.cursor() as cursor:
            cursor.execute(_UNIONS, [ids({pk for pair in pairs for pk in pair}), MembershipState.ENDED])
            paths = dict(cursor.fetchall())
        found = {}
        for one, other in pairs:
            if one in paths and other in paths:
                union = self._above(common_path(paths[one], paths[other]))
                if union:
                    found[one, other] = union
        return found

    def _above(self, path: str) -> UUID | None:
        return next((self._by_path[each] for each in upper_paths(path) if each in self._by_path), None)
