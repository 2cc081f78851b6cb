"""People by the thousand: persons, memberships, entries and cards, made ready and written together."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import uuid_utils
from django.db import connection

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import luhn_digit
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.admission import spell
from nuanxin.members.actions.events import Where
from nuanxin.members.actions.rosters.copying import NULL, Target, raw, text
from nuanxin.members.models import Card, Membership, MembershipEntry, Worker
from nuanxin.members.queries.rosters_known import taken_numbers
from nuanxin.members.rules.assurance import PHONE_OPEN
from nuanxin.members.rules.terms import terms, words_of
from nuanxin.members.states import MembershipAct, MembershipState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from nuanxin.members.models import Roster
    from nuanxin.members.rules.applicants import Fields

#: The door by which everybody of a roster came.
DOOR = "roster"
#: What is typed on a roster is judged by its form; nobody has proved the phone.
_WELLFORMED = "wellformed"


@dataclass(slots=True)
class Entrant:
    """One person to be enrolled: the row, and where it leads."""

    row_id: UUID
    line: int
    fields: Fields
    employer: UUID | None
    id_digest: bytes
    phone_digest: bytes
    union_id: UUID
    union_path: str
    union_region: str
    #: The person: known from earlier, with the key of then, or new.
    worker_id: str
    sealed_key: bytes = b""
    number: str = ""


_HAS_LEVEL = any(field.name == "assurance" for field in Worker._meta.concrete_fields)
_WORKERS = Target(
    Worker,
    "id sealed_key name pinyin initials id_kind sealed_id id_digest birth_on sex sealed_phone phone_digest "
    "occupation_group_id region_id employer_id employer_name platform_id created_at",
    **({"assurance": _WELLFORMED} if _HAS_LEVEL else {}),
)
_MEMBERSHIPS = Target(
    Membership, "id number worker_id union_id began_on terms", door_id=DOOR, state=MembershipState.ACTIVE
)
_ENTRIES = Target(
    MembershipEntry,
    "id membership_id at effective_on union_id account_id post_id evidence",
    act=MembershipAct.ADMITTED,
)
_CARDS = Target(Card, "id membership_id issued_at")


def write_people(entrants: Sequence[Entrant], now: datetime) -> None:
    """Write the persons whom the registry does not know yet, each with a key of their own.

    :raises IntegrityError: somebody else wrote one of them, or took one of their phones, just before.
    """
    stamp, end = now.isoformat(), _WORKERS.end
    # in one order everywhere, so that two who write the same people wait for each other one way only
    fresh = sorted((each for each in entrants if not each.sealed_key), key=lambda each: each.id_digest)
    _WORKERS.copy(_worker(each, stamp, end) for each in fresh)


def _worker(entrant: Entrant, stamp: str, end: str) -> str:
    it, key = entrant.fields, PersonKey.new()
    identity = it.identity
    pinyin, initials = spell(it.name)
    employer = entrant.employer.hex if entrant.employer else NULL
    named = "" if entrant.employer else text(it.employer_name or it.employer_credit_code)
    birth = identity.birth_on.isoformat() if identity.birth_on else NULL
    return (
        f"{entrant.worker_id}\t{raw(key.sealed)}\t{text(it.name)}\t{text(pinyin)}\t{text(initials)}\t{identity.kind}\t"
        f"{raw(key.seal(identity.number))}\t{raw(entrant.id_digest)}\t{birth}\t{identity.sex}\t"
        f"{raw(key.seal(it.phone))}\t{raw(entrant.phone_digest)}\t{it.occupation_group}\t{it.region_code}\t{employer}\t"
        f"{named}\t{it.platform or NULL}\t{stamp}{end}"
    )


_RENEW = """
UPDATE members_worker SET name = %s, pinyin = %s, initials = %s, sealed_phone = %s, phone_digest = %s,
    occupation_group_id = %s, region_id = %s, employer_id = %s, employer_name = %s, platform_id = %s,
    phone_proved = phone_proved AND phone_digest = %s
WHERE id = %s AND erased_at IS NULL
"""


def renew_people(entrants: Sequence[Entrant]) -> None:
    """Write what the roster says of persons known from an earlier membership, under the key that they have.

    :raises IntegrityError: somebody else took one of their phones just before.
    """
    rows = []
    for each in sorted((each for each in entrants if each.sealed_key), key=lambda each: each.worker_id):
        it, (pinyin, initials) = each.fields, spell(each.fields.name)
        phone = PersonKey(each.sealed_key).seal(it.phone)
        named = "" if each.employer else it.employer_name or it.employer_credit_code
        rows.append(
            (it.name, pinyin, initials, phone, each.phone_digest, it.occupation_group, it.region_code, each.employer,
             named, it.platform or None, each.phone_digest, each.worker_id)
        )  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_RENEW, rows)


_TAKE_IN = "SELECT set_config('gin_pending_list_limit', %s, true), set_config('work_mem', '64MB', true)"


def _copy_memberships(lines: Sequence[str]) -> None:
    """Write memberships; the search index takes them in together, with the last one: less than half the work."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_IN, ["64MB"])
        _MEMBERSHIPS.copy(lines[:-1])
        cursor.execute(_TAKE_IN, ["64kB"])
        _MEMBERSHIPS.copy(lines[-1:])


def write_memberships(roster: Roster, entrants: Sequence[Entrant], now: datetime) -> None:
    """Write a membership with its number, the entry that begins it, and a card for each.

    :raises IntegrityError: one of them became a member just before, or a number was taken in this very moment.
    """
    _give_numbers(entrants)
    stamp, day = now.isoformat(), local_day(now).isoformat()
    _copy_memberships([_membership(each, day, _MEMBERSHIPS.end) for each in entrants])
    account = roster.committed_by_id.hex if roster.committed_by_id else NULL
    post = roster.committed_post_id.hex if roster.committed_post_id else NULL
    head = f"\t{stamp}\t{day}\t"
    tail = f"\t{account}\t{post}\t{roster.number}:"
    _ENTRIES.copy(
        f"{_id()}\t{each.row_id.hex}{head}{each.union_id.hex}{tail}{each.line}{_ENTRIES.end}" for each in entrants
    )
    _CARDS.copy(f"{_id()}\t{each.row_id.hex}\t{stamp}{_CARDS.end}" for each in entrants)


def _membership(entrant: Entrant, day: str, end: str) -> str:
    it = entrant.fields
    pinyin, initials = spell(it.name)
    found = terms(
        words_of(
            name=it.name,
            pinyin=pinyin,
            initials=initials,
            phone=it.phone,
            group=it.occupation_group,
            region=it.region_code,
            employer_id=entrant.employer,
            union_path=entrant.union_path,
            state=MembershipState.ACTIVE,
            proved=() if entrant.sealed_key else (PHONE_OPEN,),
        )
    )
    listed = ",".join(map(str, found))
    return (
        f"{entrant.row_id.hex}\t{entrant.number}\t{entrant.worker_id}\t{entrant.union_id.hex}\t{day}\t{{{listed}}}{end}"
    )


def _give_numbers(entrants: Sequence[Entrant]) -> None:
    """Give everybody a number that nobody has: random, so that it tells nothing (`kernel.ids.member_number`)."""
    without = list(entrants)
    given: set[str] = set()
    while without:
        for each in without:
            each.number = _number(each.union_region or each.fields.region_code)
        taken = taken_numbers([each.number for each in without])
        again = []
        for each in without:
            if each.number in taken or each.number in given:
                again.append(each)
            given.add(each.number)
        without = again


def _number(region: str) -> str:
    head = f"{region.ljust(4, '0')[:4]}{secrets.randbelow(1_000_000_000):09d}"
    return head + luhn_digit(head)


def _id() -> str:
    return uuid_utils.uuid7().hex


def places_of(entrants: Sequence[Entrant], now: datetime) -> Counter[Where]:
    """Return how many of these people count where."""
    day = local_day(now)
    alike = Counter((each.union_path, each.fields.region_code, each.fields.occupation_group) for each in entrants)
    return Counter({Where(day, path, region, group, DOOR): count for (path, region, group), count in alike.items()})
