"""Collective joining ceremonies: planned, opened, joined by one code, kits handed out once each, closed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import application_number, random_letters
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.secrets import digest
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text
from nuanxin.members.actions.events import KitHandedOut
from nuanxin.members.actions.review import decide_many
from nuanxin.members.models import Card, CardCode, Ceremony, CeremonyGuest, CeremonyJoining, CeremonyKit, Membership
from nuanxin.members.queries.ceremonies import waiting_numbers
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.rules.cards import is_static, parse_code
from nuanxin.members.rules.ceremonies import CEREMONY_MOVES, CODE_LETTERS, read_guests
from nuanxin.members.states import CeremonyState, Decision, MembershipState
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.review import Outcome
    from nuanxin.members.models import Application
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class Handed:
    """A kit that was handed out, and to whom."""

    kit: CeremonyKit
    membership: Membership


@transaction.atomic
def plan_ceremony(
    *,
    actor: Actor,
    union: Union,
    title: object,
    place: object,
    starts_at: datetime,
    presided_by: object,
    shows_names: bool = False,
    guests: object = "",
    now: datetime,
) -> Ceremony:
    """Plan a ceremony of a union, with the people who are expected.

    :param guests: a line each: the name, and if known the phone.
    :raises NotAllowed: without `members.review` at the union.
    :raises Invalid: something is missing, or a line of the list cannot be read.
    """
    actor.require(Permission.REVIEW, at=union)
    ceremony = Ceremony(
        number=application_number(local_day(now)),
        union=union,
        title=_needed(title, "title", 100),
        place=_needed(place, "place", 200),
        starts_at=starts_at,
        presided_by=_needed(presided_by, "presided_by", 100),
        state=CeremonyState.PLANNED,
        code=random_letters(CODE_LETTERS),
        shows_names=shows_names,
        created_by_id=actor.account_id,
    )
    expected = read_guests(guests)
    ceremony.save(force_insert=True)
    CeremonyGuest.objects.bulk_create(
        CeremonyGuest(
            ceremony=ceremony,
            position=position,
            name=guest.name,
            phone_digest=phone_digest(guest.phone) if guest.phone else b"",
            added_at=now,
        )
        for position, guest in enumerate(expected, start=1)
    )
    record(actor, "members.ceremony_planned", ceremony, now=now, union_path=union.path, expected=len(expected))
    return ceremony


def _needed(value: object, field: str, most: int) -> str:
    text = check_text(value, field=field, most=most)
    if not text:
        raise Invalid("missing", _("Please fill this in."), field=field)
    return text


@transaction.atomic
def open_ceremony(*, actor: Actor, ceremony: Ceremony, now: datetime) -> None:
    """Let people join by the ceremony's code from now on.

    :raises Moved: it is open already, or over.
    """
    actor.require(Permission.REVIEW, at=ceremony.union)
    move(ceremony, CEREMONY_MOVES, CeremonyState.OPEN, opened_at=now)
    record(actor, "members.ceremony_opened", ceremony, now=now, union_path=ceremony.union.path)


@transaction.atomic
def close_ceremony(*, actor: Actor, ceremony: Ceremony, now: datetime) -> None:
    """End a ceremony: its code leads to the union's ordinary poster from now on, and its minutes are final.

    :raises Moved: it was not open.
    """
    actor.require(Permission.REVIEW, at=ceremony.union)
    move(ceremony, CEREMONY_MOVES, CeremonyState.CLOSED, closed_at=now)
    record(actor, "members.ceremony_closed", ceremony, now=now, union_path=ceremony.union.path)


@transaction.atomic
def note_joining(*, ceremony: Ceremony, application: Application, now: datetime) -> bool:
    """Count an application, whose phone was just proved, for the ceremony by whose code it came; once.

    :returns: whether it was new; False also when the ceremony closed meanwhile: the application itself stands.
    """
    # The ceremony cannot close between: whoever closes it waits for this row.
    if not Ceremony.objects.select_for_update().filter(pk=ceremony.pk, state=CeremonyState.OPEN).exists():
        return False
    row = CeremonyJoining(ceremony=ceremony, application=application, at=now)
    CeremonyJoining.objects.bulk_create([row], ignore_conflicts=True)
    return CeremonyJoining.objects.filter(pk=row.pk).exists()


def approve_present(*, actor: Actor, ceremony: Ceremony, now: datetime) -> list[Outcome]:
    """Approve everybody who joined by the code and waits, each by itself; say of each how it came out.

    An application that went to another union waits there: the actor decides where that union is in reach.
    """
    actor.require(Permission.REVIEW, at=ceremony.union)
    return decide_many(actor=actor, numbers=waiting_numbers(ceremony), decision=Decision.APPROVE, now=now)


@transaction.atomic
def hand_out_kit(*, actor: Actor, ceremony: Ceremony, code: object, now: datetime) -> Handed:
    """Hand a welcome kit to the member whose card code was scanned; once a ceremony. A shown code is used up by it.

    :raises Conflict: the ceremony is not open, or this member has a kit already.
    :raises Invalid: no code of a card, one that is old or used, or of somebody who is no member of this union.
    """
    actor.require(Permission.REVIEW, at=ceremony.union)
    if ceremony.state != CeremonyState.OPEN:
        raise Conflict("not_open", _("Kits are handed out while the ceremony is open."))
    membership = bearer_of(check_text(code, field="code", most=300), now)
    if membership.state != MembershipState.ACTIVE or not membership.union.path.startswith(ceremony.union.path):
        raise Invalid("not_a_member", _("This card is not of a member of this union."), field="code")
    kit = CeremonyKit(ceremony=ceremony, membership=membership, at=now, handed_by_id=actor.account_id)
    try:
        with transaction.atomic():
            kit.save(force_insert=True)
    except IntegrityError as error:
        if "ceremony_kit_once" not in str(error):
            raise
        raise Conflict("kit_handed_out", _("This member has a kit from this ceremony already."), field="code") from None
    record(actor, "members.kit_handed_out", kit, now=now, union_path=ceremony.union.path, ceremony=ceremony.number)
    announce(KitHandedOut(membership.pk, membership.worker_id, now))
    return Handed(kit, membership)


def bearer_of(typed: str, now: datetime) -> Membership:
    """Return whose card a code shows: one on the phone, used up by this, or one printed on paper.

    :raises Invalid: old, used, or of no card.
    """
    code = parse_code(typed)
    if is_static(code):
        card = Card.objects.filter(static_digest=digest("card-static", code), revoked_at=None).first()
    else:
        rows = CardCode.objects.filter(code_digest=digest("card-code", code), used_at=None, expires_at__gt=now)
        used = rows.filter(card__revoked_at=None)
        pk = used.values_list("card_id", flat=True).first()
        card = Card.objects.filter(pk=pk).first() if pk and rows.update(used_at=now) else None
    if card is None:
        raise Invalid(
            "unknown_code", _("This code is old, used, or of no card. Please show a fresh one."), field="code"
        )
    return Membership.objects.select_related("union", "worker").get(pk=card.membership_id)
