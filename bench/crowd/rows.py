"""A stream of people as COPY's text: application, person, membership, entry, card, audit.

What repeats is written once: a row is the values of one person joined by tabs, and the defaults of all other columns.
"""

from __future__ import annotations

import json
import random
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from django.apps import apps
from django.db import models

from bench.crowd.population import SEED, Person, Population
from nuanxin.kernel.secrets import PersonKey, digest
from nuanxin.members.rules.terms import terms, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bench.crowd.province import Province

_COLUMNS = {
    "members.Application": (
        "id number state door_id union_id sealed_key name sealed_id id_digest sealed_phone phone_digest "
        "occupation_group_id region_id employer_id progress_digest started_at confirmed_at due_at closed_at worker_id"
    ),
    "members.Worker": (
        "id sealed_key name pinyin initials sealed_id id_digest birth_on sex sealed_phone phone_digest "
        "occupation_group_id region_id employer_id created_at"
    ),
    "members.Membership": (
        "id number worker_id union_id door_id application_id state began_on ended_on end_reason terms"
    ),
    "members.MembershipEntry": "id membership_id at effective_on act union_id evidence",
    "members.Card": "id membership_id issued_at",
    "records.AuditEntry": "id at action subject_type subject_id union_path actor_kind detail",
}
#: Shares of memberships that are suspended and ended, of refused applications beside the approved ones.
SUSPENDED, ENDED, REFUSED = 0.007, 0.022, 0.06
#: The last ones to come still wait for a decision.
WAITING = 2000
#: Applications and audit entries are kept of the newest so many members: a list of a million is long enough.
IN_BOOKS = 1_000_000


class Rows:
    """Writes a crowd into the tables, each through one connection that stays in COPY for a batch."""

    def __init__(self, where: str, province: Province) -> None:
        self.where, self.province = where, province
        self.written = 0
        self.chance = random.Random(SEED + 2)
        self._suffix: dict[str, str] = {}

    def write(self, members: int, *, batch: int) -> Iterator[int]:
        """Write so many people; yield after each batch how many are written."""
        it = self.province
        population = Population(
            places=it.places, firms=it.firms, counties=it.counties, home=it.home, today=it.today
        )  # fmt: skip
        with ExitStack() as stack:
            copies = {name: stack.enter_context(self._copy(stack, name)) for name in _COLUMNS}
            lines: dict[str, list[str]] = {name: [] for name in _COLUMNS}
            for serial, person in enumerate(population.people(members), 1):
                self._person(lines, person, in_books=serial > members - IN_BOOKS, waits=serial > members - WAITING)
                if serial % batch == 0 or serial == members:
                    self._send(copies, lines)
                    yield serial

    def _send(self, copies: dict[str, Any], lines: dict[str, list[str]]) -> None:
        for name, found in lines.items():
            if found:
                copies[name].write("".join(found))
                self.written += len(found)
                found.clear()

    def _copy(self, stack: ExitStack, name: str) -> Any:
        """Begin a COPY as superuser, who is spared the checks of foreign keys."""
        model = apps.get_model(name)
        given = _COLUMNS[name].split()
        rest = [f for f in model._meta.concrete_fields if f.column not in given and not f.primary_key]
        self._suffix[name] = "".join(f"\t{_default(field)}" for field in rest) + "\n"
        columns = ", ".join(f'"{column}"' for column in [*given, *(str(f.column) for f in rest)])
        owner = stack.enter_context(psycopg.connect(self.where))
        owner.execute("SET session_replication_role = replica")
        return owner.cursor().copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN")

    def _add(self, lines: dict[str, list[str]], name: str, *values: object) -> None:
        lines[name].append("\t".join(["\\N" if v is None else str(v) for v in values]) + self._suffix[name])

    def _person(self, lines: dict[str, list[str]], person: Person, *, in_books: bool, waits: bool) -> None:
        key = PersonKey.new()
        sealed = _hex(key.sealed), _hex(key.seal(person.number)), _hex(key.seal(person.phone))
        digests = _hex(digest("id", person.number)), _hex(digest("phone", person.phone))
        refused = in_books and self.chance.random() < REFUSED
        application = _id(person.moment, self.chance) if in_books and person.door != "roster" else None
        if application and refused:
            other = _hex(self.chance.randbytes(32)), _hex(self.chance.randbytes(32))
            self._application(lines, person, _id(person.moment, self.chance), sealed, other, "refused", None)
        if application and waits:
            self._application(lines, person, application, sealed, digests, "submitted", None)
            return
        worker = _id(person.moment, self.chance)
        if application:
            self._application(lines, person, application, sealed, digests, "approved", worker)
        self._add(
            lines, "members.Worker", worker, sealed[0], person.name, person.pinyin, person.initials, sealed[1],
            digests[0], person.birth_on, person.sex, sealed[2], digests[1], person.group, person.region,
            person.firm.id if person.firm else None, person.moment,
        )  # fmt: skip
        self._membership(lines, person, worker, application, in_books)

    def _membership(
        self, lines: dict[str, list[str]], person: Person, worker: str, application: str | None, in_books: bool
    ) -> None:
        fate = self.chance.random()
        state = "ended" if fate < ENDED else "suspended" if fate < ENDED + SUSPENDED else "active"
        ended = person.moment.date() + timedelta(days=20) if state == "ended" else None
        found = terms(
            words_of(
                name=person.name, pinyin=person.pinyin, initials=person.initials, phone=person.phone,
                group=person.group, region=person.region, employer_id=_uuid(person), union_path=person.place.path,
                state=state,
            )
        )  # fmt: skip
        membership, moment = _id(person.moment, self.chance), person.moment
        self._add(
            lines, "members.Membership", membership, person.member_number, worker, person.place.id, person.door,
            application, state, moment.date(), ended, "left" if ended else "", "{" + ",".join(map(str, found)) + "}",
        )  # fmt: skip
        self._add(
            lines, "members.MembershipEntry", _id(moment, self.chance), membership, moment, moment.date(), "admitted",
            person.place.id, "",
        )  # fmt: skip
        self._add(lines, "members.Card", _id(moment, self.chance), membership, moment)
        if in_books:
            detail = json.dumps({"member_number": person.member_number})
            self._add(
                lines, "records.AuditEntry", _id(moment, self.chance), moment, "members.application_approved",
                "application", application or membership, person.place.path, "system", detail,
            )  # fmt: skip

    def _application(
        self,
        lines: dict[str, list[str]],
        person: Person,
        pk: str,
        sealed: tuple[str, str, str],
        digests: tuple[str, str],
        state: str,
        worker: str | None,
    ) -> None:
        moment = person.moment
        closed = None if state == "submitted" else moment + timedelta(hours=5)
        number = f"{moment:%Y%m%d}{pk[-8:].upper()}"
        self._add(
            lines, "members.Application", pk, number, state, person.door, person.place.id, sealed[0], person.name,
            sealed[1], digests[0], sealed[2], digests[1], person.group, person.region,
            person.firm.id if person.firm else None, _hex(self.chance.randbytes(32)), moment, moment,
            None if closed else moment + timedelta(days=5), closed, worker,
        )  # fmt: skip


def _uuid(person: Person) -> Any:
    from uuid import UUID

    return UUID(person.firm.id) if person.firm else None


def _default(field: models.Field[Any, Any]) -> str:
    """Return a column's default as COPY's text."""
    if field.has_default():
        value = field.get_default()
        if isinstance(field, models.JSONField):
            return json.dumps(value)
        if isinstance(value, bool):
            return "t" if value else "f"
        if isinstance(value, bytes):
            return _hex(value)
        return str(value)
    return "\\N" if field.null else ""


def _hex(value: bytes) -> str:
    return "\\\\x" + value.hex()


def _id(moment: datetime, chance: random.Random) -> str:
    """Return a UUIDv7 of a moment (RFC 9562) as 32 digits."""
    bits = chance.getrandbits(74)
    head = (int(moment.timestamp() * 1000) << 80) | (7 << 76) | ((bits >> 62) << 64)
    return f"{head | (2 << 62) | (bits & ((1 << 62) - 1)):032x}"
