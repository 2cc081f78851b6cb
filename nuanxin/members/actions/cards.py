"""Cards: short codes for members, answers for counters, and cards on paper."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actors import CARD_CHECKERS, Keyholder
from nuanxin.access.rules.keys import key_digest
from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Busy, Invalid, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import PersonKey, digest
from nuanxin.kernel.states import Moved
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.credentials import check_offline, withdraw_credentials
from nuanxin.members.actions.telling import tell_member
from nuanxin.members.models import Card, CardCheck, CardCode
from nuanxin.members.queries.cards import (
    ASKING,
    BEARER_COLUMNS,
    BEARER_TABLES,
    GUESSES,
    TOLD_COLUMNS,
    Bearer,
    bearer_of,
    live_card,
    printed_bearer,
)
from nuanxin.members.queries.memberships import get_member, get_own_or_visible
from nuanxin.members.rules.cards import (
    GUESS_WINDOW,
    MOST_GUESSES,
    TELLING,
    CodesGuessed,
    CodeState,
    MembershipHasEnded,
    answer_to,
    expires,
    is_static,
    new_code,
    new_static_code,
    parse_code,
    surname_of,
)
from nuanxin.members.rules.credentials import Malformed, is_offline
from nuanxin.members.states import CardAnswer, MembershipState, Withdrawn
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership, Worker

_COLLISIONS = 5


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """A short code, told once."""

    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Checked:
    """What a counter is told: an answer, and of a person no more than surname, badge and union."""

    answer: CardAnswer
    surname: str = ""
    badge: str = ""
    badge_name: str = ""
    badge_name_en: str = ""
    badge_icon: str = ""
    union_name: str = ""
    union_name_en: str = ""
    #: By how many minutes two clocks differ, when that is the answer.
    skew: int = 0
    #: The question as it was counted, and whose code it was, for what follows at the same counter; told to nobody.
    check_id: UUID | None = None
    worker: Worker | None = None


@dataclass(frozen=True, slots=True)
class PrintedCard:
    """A card for paper with its static code, told once."""

    membership: Membership
    code: str
    printed_at: datetime


_INSERT_CODE = """
INSERT INTO members_cardcode (id, card_id, code_digest, issued_at, expires_at)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT (code_digest) DO NOTHING
"""


@transaction.atomic
def issue_code(*, actor: Actor, number: str, now: datetime) -> IssuedCode:
    """Make a ten-digit code for a member's card, good for one use within a minute. Two statements.

    Asked for by the member, or by a machine whose key may ask on a member's behalf; never by a cadre.

    :param number: the member number.
    :raises NotFound: no such member, or another one than the worker who asks.
    :raises NotAllowed: a cadre, or a key without the scope.
    :raises MembershipHasEnded: no longer a member.
    """
    if actor.kind != "worker":
        actor.require_scope(Scope.ISSUE_CODES)
    card_id, worker_id, state = live_card(number)
    if actor.kind == "worker" and actor.worker_id != worker_id:
        raise NotFound
    if state == MembershipState.ENDED:
        raise MembershipHasEnded
    expires_at = expires(now)
    with connection.cursor() as cursor:
        for _try in range(_COLLISIONS):
            code = new_code()
            cursor.execute(_INSERT_CODE, [new_id(), card_id, digest("card-code", code), now, expires_at])
            if cursor.rowcount:
                return IssuedCode(code, expires_at)
    raise Busy("no_code", _("No code could be made just now. Please try again."))


def verify(*, actor: Actor | Keyholder, code: str, now: datetime) -> Checked:
    """Answer a counter what stands behind a code, use an online code up, and count the question.

    One statement for a good ten-digit code, which is a transaction by itself; two for a printed one, three for a spent
    or unknown one: each path writes by one statement only. A code signed offline is checked in a transaction.

    :param actor: who asks; for a key that nobody has looked up, a ten-digit code's own statement does that too.
    :param code: as scanned or typed; see `parse_code`, and `rules.credentials` for codes that a phone signed offline.
    :raises NotAllowed: no partner device, and no key that may check cards.
    :raises Invalid: nothing that could be a code: cut, or with a wrong check character.
    :raises CodesGuessed: this source asked for too many unknown codes lately.
    """
    if isinstance(actor, Keyholder):
        if (digits := _ten_digits(code)) and (checked := _check_online(actor, digits, now)):
            return checked
        actor = actor.actor()
    actor.require_scope(Scope.VERIFY_CARDS)
    if is_offline(code):
        return _check_signed(actor, code, now)
    code = parse_code(code)
    if is_static(code):
        return _check_static(actor, code, now)
    answered = _check_online(actor, code, now)
    assert answered
    return answered


def _ten_digits(code: str) -> str | None:
    """Return an online code in regular form; what is wrong with another one is not told before it is known who asks."""
    if is_offline(code):
        return None
    try:
        parsed = parse_code(code)
    except Invalid:
        return None
    return None if is_static(parsed) else parsed


@transaction.atomic
def _check_signed(actor: Actor, code: str, now: datetime) -> Checked:
    try:
        judgment, bearer = check_offline(actor, code, now)
    except Malformed as error:
        raise Invalid("bad_code", _("The code was cut. Please scan it again."), field="code") from error
    counted = _count(actor.source_id, actor.account_id, judgment.answer, bearer, now)
    return _told(judgment.answer, bearer, check_id=counted, skew=judgment.skew)


def _check_static(actor: Actor, code: str, now: datetime) -> Checked:
    tried, bearer = printed_bearer(static_digest=digest("card-static", code), source_id=actor.source_id, now=now)
    if tried >= MOST_GUESSES:
        raise CodesGuessed
    answer = CardAnswer.UNKNOWN
    if bearer is not None:
        answer = answer_to(CodeState(bearer.membership_state, bearer.is_revoked))
    counted = _count(actor.source_id, actor.account_id, answer, bearer, now)
    return _told(answer, bearer, check_id=counted)


#: What `answer_to` says of each standing, for the statement that uses a code and counts the question at once.
_ANSWER = " ".join(
    f"WHEN found.state = '{state.value}' AND found.is_revoked IS {str(revoked).upper()} "
    f"THEN '{answer_to(CodeState(state, revoked)).value}'"
    for state in MembershipState
    for revoked in (False, True)
)
#: One conditional UPDATE decides who uses the code; nothing is used up for a source that guesses, or for nobody.
_USE_CODE = f"""
WITH asking AS ({{asking}}),
guesses AS ({GUESSES}),
found AS (
  UPDATE members_cardcode k SET used_at = %(now)s
    FROM asking, {BEARER_TABLES}
   WHERE k.code_digest = %(digest)s AND k.used_at IS NULL AND k.expires_at > %(now)s AND c.id = k.card_id
     AND (SELECT tried FROM guesses) < {MOST_GUESSES}
  RETURNING {BEARER_COLUMNS}
),
counted AS (
  INSERT INTO members_cardcheck (id, at, source_id, account_id, membership_id, answer, told)
  SELECT %(id)s, %(now)s, asking.id, {{account}}, membership_id, CASE {_ANSWER} END, '' FROM found, asking
)
SELECT asking.id, guesses.tried, {TOLD_COLUMNS} FROM asking, guesses LEFT JOIN found ON true
"""
_USE_CODE_OF_ACTOR = _USE_CODE.format(asking=ASKING, account="%(account)s")
_USE_CODE_OF_KEY = _USE_CODE.format(asking=CARD_CHECKERS, account="NULL")


def _check_online(asking: Actor | Keyholder, code: str, now: datetime) -> Checked | None:
    """Use a code up and count the question; None, and nothing done, for a key that may not check cards."""
    code_digest = digest("card-code", code)
    values: dict[str, Any] = {"digest": code_digest, "now": now, "since": now - GUESS_WINDOW, "id": new_id()}
    account_id = None
    if isinstance(asking, Keyholder):
        statement = _USE_CODE_OF_KEY
        values["key"] = key_digest(asking.key)
    else:
        statement = _USE_CODE_OF_ACTOR
        account_id = asking.account_id
        values |= {"source": asking.source_id, "account": account_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    if isinstance(asking, Keyholder):
        asking.asked = True
    source_id, tried, *columns = row
    if tried >= MOST_GUESSES:
        raise CodesGuessed
    bearer = bearer_of(columns)
    if bearer is not None:
        standing = CodeState(bearer.membership_state, bearer.is_revoked)
        return _told(answer_to(standing), bearer, check_id=values["id"])
    answer = _spent(code_digest)
    _count(source_id, account_id, answer, None, now)
    return Checked(answer)


def _count(
    source_id: UUID | None, account_id: UUID | None, answer: CardAnswer, bearer: Bearer | None, now: datetime
) -> UUID:
    check = CardCheck(
        at=now,
        source_id=source_id,
        account_id=account_id,
        membership_id=bearer.membership_id if bearer else None,
        answer=answer.value,
    )
    insert(check)
    return check.pk


def _told(answer: CardAnswer, bearer: Bearer | None, *, check_id: UUID, skew: int = 0) -> Checked:
    if bearer is None or answer not in TELLING:
        return Checked(answer, skew=skew)
    return Checked(
        answer,
        surname_of(bearer.name),
        bearer.badge,
        bearer.badge_name,
        bearer.badge_name_en,
        bearer.badge_icon,
        bearer.union_name,
        bearer.union_name_en,
        check_id=check_id,
        worker=bearer.worker(),
    )


def _spent(code_digest: bytes) -> CardAnswer:
    """Name why a code could not be used."""
    row = CardCode.objects.filter(code_digest=code_digest).values_list("used_at").first()
    if row is None:
        return answer_to(None)
    return answer_to(CodeState("", is_revoked=False, is_used=row[0] is not None, is_expired=row[0] is None))


@transaction.atomic
def replace_card(*, actor: Actor, number: str, reason: str, now: datetime) -> Card:
    """Declare a card lost and give the member a new one: the old one, on paper or shown, works nowhere from now on.

    By the member, or by a cadre who issues cards there.

    :raises NotFound: no such member, or not to be seen.
    :raises MembershipHasEnded: no longer a member.
    """
    membership = _for_cards(actor, number)
    reason = check_text(reason, field="reason", most=100)
    card = _renew(membership, reason or "lost", now)
    record(
        actor,
        "members.card_replaced",
        membership,
        now=now,
        union_path=membership.union.path,
        personal={"reason": reason},
        key=PersonKey(membership.worker.sealed_key),
        number=membership.number,
    )
    tell_member(membership.worker, "card.replaced", union_id=membership.union_id, now=now)
    return card


@transaction.atomic
def print_card(*, actor: Actor, number: str, now: datetime) -> PrintedCard:
    """Give a member a card on paper; its static code is told this once and kept as a digest only.

    A card that was printed before is replaced, so that at most one piece of paper is good.

    :raises NotFound: no such member, or not to be seen.
    :raises NotAllowed: the post does not include issuing cards.
    :raises MembershipHasEnded: no longer a member.
    :raises Moved: two printed at once; the other one's paper is good.
    """
    membership = get_member(actor, number)
    actor.require(Permission.ISSUE_CARDS, at=membership.union)
    if membership.state == MembershipState.ENDED:
        raise MembershipHasEnded
    code = new_static_code()
    changes = {"static_digest": digest("card-static", code), "printed_at": now}
    fresh = Card.objects.filter(membership=membership, revoked_at=None, static_digest=None)
    if not fresh.update(**changes):
        _renew(membership, "printed again", now)
        if not fresh.update(**changes):
            raise Moved(membership.state)
    record(
        actor, "members.card_printed", membership, now=now, union_path=membership.union.path, number=membership.number
    )
    return PrintedCard(membership, code, now)


def _for_cards(actor: Actor, number: str) -> Membership:
    membership = get_own_or_visible(actor, number)
    if membership.worker_id != actor.worker_id:
        actor.require(Permission.ISSUE_CARDS, at=membership.union)
    if membership.state == MembershipState.ENDED:
        raise MembershipHasEnded
    return membership


def _renew(membership: Membership, reason: str, now: datetime) -> Card:
    """Revoke the live card and make a new one; the row that was live is the turnstile for two at once."""
    live = Card.objects.filter(membership=membership, revoked_at=None)
    if not live.update(revoked_at=now, revoked_reason=reason):
        raise Moved(membership.state)
    withdraw_credentials(membership, Withdrawn.REVOKED)
    card = Card(membership=membership, issued_at=now)
    card.save(force_insert=True)
    return card
