"""The offline card: credentials for a member's phone, codes that were signed there, and reports of counters offline."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Scope
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Busy
from nuanxin.kernel.rows import insert
from nuanxin.kernel.signing import SigningKey, signing_keys
from nuanxin.members.models import CardCheck, Credential
from nuanxin.members.queries.cards import BEARER_COLUMNS, TOLD_COLUMNS, Bearer, bearer_of
from nuanxin.members.queries.credentials import OwnCard, badges, issued, own_card
from nuanxin.members.rules.cards import CodeState, answer_to
from nuanxin.members.rules.credentials import (
    MOST_PER_DAY,
    CredentialsUsedUp,
    Judgment,
    Malformed,
    OfflineCode,
    Seen,
    Wish,
    day_of,
    encode,
    expires_at,
    is_forgotten,
    judge_signatures,
    judge_time,
    read_wishes,
    settle,
    signed_text,
    surname_bytes,
    unpack,
)
from nuanxin.members.rules.reports import Report, listed_by, read_reports
from nuanxin.members.states import STANDING_ACTS, CardAnswer, Withdrawn

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership

_COLLISIONS = 3


@dataclass(frozen=True, slots=True)
class IssuedCredential:
    """One credential as the phone keeps it: the key it sent, and the signed head of every code."""

    day: int
    sent: str
    head: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A report of an offline counter that the registry contradicts."""

    sent_id: UUID
    told: CardAnswer
    answer: CardAnswer


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a counter's reports: those it may forget, those that cannot be used, and the contradictions."""

    taken: list[UUID]
    refused: list[str]
    clashes: list[Clash]


@transaction.atomic
def issue_credentials(*, actor: Actor, keys: Any, now: datetime) -> list[IssuedCredential]:
    """Sign credentials for keys that a member's own phone has made. The card is held meanwhile, so that a card
    replaced or a member suspended at the same moment finds them.

    :param keys: a list of {"day": number, "key": base64url of a point}, each key for one credential.
    :raises NotSignedIn, NotAllowed, NotFound, MembershipHasEnded, CardNotActive: as `own_card`.
    :raises Invalid: a key or a day that cannot be; CredentialsUsedUp: more than a card gets for a day.
    """
    card = own_card(actor, hold=True)
    wishes = read_wishes(keys, now=now)
    out = issued(card.card_id, now)
    asked = Counter(wish.day for wish in wishes)
    if any(out.get(day, (0, 0))[1] + count > MOST_PER_DAY for day, count in asked.items()):
        raise CredentialsUsedUp
    signer = signing_keys().current(now)
    for _try in range(_COLLISIONS):
        made = _sign(card, wishes, {day: out.get(day, (0, 0))[1] for day in asked}, signer, now)
        try:
            with transaction.atomic():
                insert(*(row for row, _issued in made))
        except IntegrityError:
            continue
        return [given for _row, given in made]
    raise Busy("no_credential", _("No credential could be made just now. Please try again."))


def _sign(
    card: OwnCard, wishes: list[Wish], serials: dict[int, int], signer: SigningKey, now: datetime
) -> list[tuple[Credential, IssuedCredential]]:
    badge, surname, made = badges().get(card.group_code, 0), surname_bytes(card.name), []
    for wish in wishes:
        serials[wish.day] += 1
        handle = os.urandom(6)
        signed = signed_text(signer.key_id, wish.day, handle, badge, surname, wish.key)
        head = signed[3:] + signer.private.sign(signed)
        row = Credential(
            card_id=card.card_id,
            handle=handle,
            day=day_of(wish.day),
            serial=serials[wish.day],
            issued_at=now,
            expires_at=expires_at(wish.day),
        )
        made.append((row, IssuedCredential(wish.day, wish.sent, encode(head))))
    return made


def withdraw_credentials(membership: Membership, why: Withdrawn) -> None:
    """Put the credentials that are out on the revocation list, in the transaction of the act that is the reason.

    A membership that goes on again takes those back that were withdrawn because it rested.
    """
    rows = Credential.objects.filter(card__membership=membership)
    if why == Withdrawn.NO:
        rows.filter(withdrawn=Withdrawn.SUSPENDED).update(withdrawn=why)
    elif why == Withdrawn.SUSPENDED:
        rows.filter(withdrawn=Withdrawn.NO).update(withdrawn=why)
    else:
        rows.exclude(withdrawn=Withdrawn.ENDED).update(withdrawn=why)


#: Finds the bearer, and accepts the minute of a fresh code once: the unique row decides between counters.
_ACCEPT = f"""
WITH found AS (
  SELECT k.id AS credential_id, c.revoked_at, {BEARER_COLUMNS}
    FROM members_credential k JOIN members_card c ON c.id = k.card_id
    JOIN members_membership m ON m.id = c.membership_id JOIN members_worker w ON w.id = m.worker_id
   WHERE k.handle = %(handle)s
), accepted AS (
  INSERT INTO members_credentialuse (id, credential_id, minute, source_id, first_at)
  SELECT %(id)s, credential_id, %(minute)s, %(source)s, %(now)s FROM found WHERE %(fresh)s
  ON CONFLICT (credential_id, minute) DO NOTHING RETURNING id
)
SELECT found.credential_id, (SELECT count(*) FROM accepted), {TOLD_COLUMNS} FROM found
"""
_SEEN = "SELECT first_at, source_id FROM members_credentialuse WHERE credential_id = %s AND minute = %s"


def check_offline(actor: Actor, text: str, now: datetime) -> tuple[Judgment, Bearer | None]:
    """Answer what stands behind a code that a phone signed by itself, and accept its minute once for all counters.

    Two signatures, and one statement for a code that was not seen before, two otherwise.

    :raises Malformed: the code was cut.
    """
    code = unpack(text)
    refused = judge_signatures(code, signing_keys().believed(now))
    if refused is not None:
        return (Judgment(CardAnswer.FORGED) if refused.answer == CardAnswer.UNKNOWN_KEY else refused), None
    timing = judge_time(code, now)
    bearer, seen = _accept(actor, code, fresh=timing is None, now=now)
    if bearer is None:
        return timing or Judgment(CardAnswer.ENDED), None
    standing = answer_to(CodeState(bearer.membership_state, bearer.is_revoked))
    listed = None if standing == CardAnswer.VALID else standing
    return settle(timing, listed=listed, seen=seen, now=now), bearer


def _accept(actor: Actor, code: OfflineCode, *, fresh: bool, now: datetime) -> tuple[Bearer | None, Seen | None]:
    values: dict[str, Any] = {
        "handle": code.handle,
        "id": new_id(),
        "minute": code.minute,
        "source": actor.source_id,
        "now": now,
        "fresh": fresh,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPT, values)
        row = cursor.fetchone()
        if row is None:
            return None, None
        credential_id, accepted, *columns = row
        bearer = bearer_of(columns)
        if accepted:
            return bearer, None
        cursor.execute(_SEEN, [credential_id, code.minute])
        before = cursor.fetchone()
    return bearer, Seen(before[0], before[1] == actor.source_id) if before else None


@transaction.atomic
def take_checks(*, actor: Actor, checks: Any, now: datetime) -> Taken:
    """Take over what a counter answered without a network: judged again as of then, kept once, contradictions told.

    :param checks: a list of {"id": UUID, "at": ISO moment, "code": text, "answer": word}.
    :raises NotAllowed: no partner device, and no key that may check cards.
    :raises Invalid: no list, or too many at once. A report that cannot be used is named in `refused`, not stored.
    """
    actor.require_scope(Scope.VERIFY_CARDS)
    reports, refused = read_reports(checks, now=now)
    known = set(
        CardCheck.objects.filter(
            source_id=actor.source_id, sent_id__in=[report.sent_id for report in reports]
        ).values_list("sent_id", flat=True)
    )
    taken, clashes = [], []
    # By the code: two counters that saw the same codes in another order never wait for each other in a ring.
    for report in sorted(reports, key=lambda report: (report.code, report.at)):
        if report.sent_id not in known:
            try:
                clash = _take(actor, report, now)
            except Malformed:
                refused.append(str(report.sent_id))
                continue
            clashes += [clash] if clash else []
            known.add(report.sent_id)
        taken.append(report.sent_id)
    return Taken(taken, refused, clashes)


_STORE = """
INSERT INTO members_cardcheck (id, at, source_id, account_id, membership_id, answer, told, sent_id, reported_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (source_id, sent_id) WHERE sent_id IS NOT NULL DO NOTHING
"""


def answer_then(actor: Actor, report: Report, now: datetime) -> tuple[CardAnswer, Bearer | None]:
    """Return what the registry would have answered at the hour of a report, and who showed the code.

    :raises Malformed: the code was cut.
    """
    judgment, bearer = check_offline(actor, report.code, report.at)
    answer = judgment.answer
    if answer in _ABOUT_STANDING:
        if bearer is not None:
            answer = _standing_then(bearer, report)
        elif is_forgotten(unpack(report.code).day, now):
            answer = report.told  # whose it was is not known any more: nothing contradicts the counter
    return answer, bearer


def _take(actor: Actor, report: Report, now: datetime) -> Clash | None:
    answer, bearer = answer_then(actor, report, now)
    membership_id = bearer.membership_id if bearer else None
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            [
                new_id(),
                report.at,
                actor.source_id,
                actor.account_id,
                membership_id,
                answer,
                report.told,
                report.sent_id,
                now,
            ],
        )
    if report.told == CardAnswer.VALID and answer not in _GOOD:
        return Clash(report.sent_id, report.told, answer)
    return None


#: A counter without a network knows no retained ones: it says valid, and is not contradicted for it.
_GOOD = frozenset({CardAnswer.VALID, CardAnswer.RETAINED})
_ABOUT_STANDING = _GOOD | {CardAnswer.SUSPENDED, CardAnswer.ENDED, CardAnswer.REVOKED}
_THEN_SQL = """
SELECT (SELECT e.act FROM members_membershipentry e
         WHERE e.membership_id = m.id AND e.at <= %(at)s AND e.act = ANY(%(acts)s)
         ORDER BY e.at DESC, e.id DESC LIMIT 1),
       EXISTS (SELECT 1 FROM members_credential k JOIN members_card c ON c.id = k.card_id
                WHERE k.handle = %(handle)s AND c.revoked_at <= %(at)s)
  FROM members_membership m WHERE m.id = %(membership)s
"""


def _standing_then(bearer: Bearer, report: Report) -> CardAnswer:
    """Return what the registry would have answered when the counter was asked."""
    values: dict[str, Any] = {
        "at": report.at,
        "handle": unpack(report.code).handle,
        "membership": bearer.membership_id,
        "acts": [str(act) for act in STANDING_ACTS],
    }
    with connection.cursor() as cursor:
        cursor.execute(_THEN_SQL, values)
        act, is_revoked = cursor.fetchone()
    return listed_by(act, is_revoked=is_revoked)
