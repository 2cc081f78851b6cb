"""Inviting an enterprise to form a union and enroll its people; its answer, and what that opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import create_cadre_account, grant_post
from nuanxin.access.actors import system
from nuanxin.access.models import Role
from nuanxin.access.states import Permission
from nuanxin.formation.models import Invitation
from nuanxin.formation.queries.invitations import code_digest, formers_of, has_people_office, token_digest
from nuanxin.formation.rules.permits import WAITS
from nuanxin.formation.states import INVITATION_MOVES, OPEN_INVITATIONS, InvitationState
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.ids import application_number, random_letters, secret_token
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.secrets import seal
from nuanxin.kernel.states import move
from nuanxin.kernel.text import check_text, person_name
from nuanxin.messages.actions import notify, send_text
from nuanxin.organizations.actions import edit_enterprise, register_contact
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actions.accounts import NewSignIn
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Enterprise, Union

#: Letters of the code that is typed where the link cannot be followed.
_CODE_LETTERS = 10
_OVER = _("This invitation has been answered, or its time ran out. Please call the union or 12351.")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation, and whether it was made just now."""

    row: Invitation
    is_new: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of an invitation that was accepted: the people office's sign-in, where it was opened at once."""

    invitation: Invitation
    sign_in: NewSignIn | None


def invite(
    *, actor: Actor, enterprise: Enterprise, union: Union, wanted: str, permit_type: str, now: datetime
) -> Invited:
    """Invite an enterprise, tell the cadres who answer for it, and text its contact. Part of carrying a message out.

    An enterprise has one open invitation at a time: a second one is the first.

    :raises NotFound: the enterprise is out of the actor's reach.
    """
    actor.require(Permission.EDIT_ENTERPRISES, at=enterprise)
    token, code = secret_token(), random_letters(_CODE_LETTERS)
    phone = _mobile(enterprise)
    row = Invitation(
        number=application_number(local_day(now)),
        enterprise=enterprise,
        union=union,
        wanted=wanted,
        state=InvitationState.SENT,
        permit_type=permit_type,
        token_digest=token_digest(token),
        sealed_token=seal(token),
        code_digest=code_digest(code),
        sealed_code=seal(code),
        was_texted=bool(phone),
        sent_at=now,
        lapses_at=now + WAITS,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "invitation_one_open" not in str(error):
            raise
        return Invited(Invitation.objects.get(enterprise=enterprise, state__in=OPEN_INVITATIONS), is_new=False)
    if phone:
        send_text(
            phone=phone,
            template=f"invitation.{wanted}",
            values={
                "union": union.name,
                "enterprise": enterprise.name,
                "link": f"{settings.NUANXIN_BASE_URL}/i/{token}/",
            },
            union_id=union.pk,
            link="/",
            now=now,
        )
    record(actor, "formation.enterprise_invited", row, now=now, union_path=union.path, wanted=wanted)
    _tell_cadres(row, "formation.invited" if phone else "formation.to_call", now=now)
    return Invited(row, is_new=True)


def _mobile(enterprise: Enterprise) -> str:
    try:
        return parse_phone(enterprise.contact_phone) if enterprise.contact_phone else ""
    except Invalid:
        return ""


def _tell_cadres(invitation: Invitation, template: str, *, now: datetime) -> None:
    """Tell those who form unions there, or at the nearest union above."""
    for account in sorted(formers_of(invitation.union, now=now)):
        notify(
            account_id=account,
            template=template,
            values={"number": invitation.number, "enterprise": invitation.enterprise.name},
            fact=f"{template}:{invitation.number}",
            link=f"/desk/formation/invitations/{invitation.number}/",
            union_id=invitation.union_id,
            now=now,
        )


def note_opened(*, invitation: Invitation, now: datetime) -> None:
    """Write down that the enterprise has looked at its invitation."""
    rows = Invitation.objects.filter(pk=invitation.pk, state=InvitationState.SENT)
    rows.update(state=InvitationState.OPENED, opened_at=now)


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, contact: object, contact_phone: object, headcount: object, by_link: bool, now: datetime
) -> Accepted:
    """Accept an invitation for the enterprise: whoever has its secret answers for it. The union is told.

    Whoever followed the link that was texted to the phone of the licensing register holds that phone: the people
    office's sign-in is opened at once. By the typed code it is the cadre who opens it; see `open_people_office`.

    :param by_link: whether the secret link was followed.
    :raises Conflict: it was answered before, or its time ran out.
    :raises Invalid: no name, a phone that is no mobile number, a headcount that is none.
    """
    _check_open(invitation, now)
    name, phone = person_name(contact, field="contact"), parse_phone(contact_phone, field="contact_phone")
    move(invitation, INVITATION_MOVES, InvitationState.ACCEPTED, answered_at=now)
    who = system()
    register_contact(actor=who, enterprise=invitation.enterprise, contact=name, contact_phone=phone, now=now)
    if headcount not in (None, ""):
        edit_enterprise(actor=who, enterprise=invitation.enterprise, fields={"headcount": headcount}, now=now)
    record(who, "formation.invitation_accepted", invitation, now=now, union_path=invitation.union.path, by_link=by_link)
    _tell_cadres(invitation, f"formation.accepted_{invitation.wanted}.waiting", now=now)
    opens = by_link and invitation.was_texted and not has_people_office(invitation.enterprise, now=now)
    return Accepted(invitation, _open(who, invitation, name, now) if opens else None)


def _check_open(invitation: Invitation, now: datetime) -> None:
    if invitation.state not in OPEN_INVITATIONS or invitation.lapses_at <= now:
        raise Conflict("invitation_over", _OVER)


def _open(actor: Actor, invitation: Invitation, name: str, now: datetime) -> NewSignIn:
    enterprise = invitation.enterprise
    username = f"hr-{(enterprise.credit_code or '')[-10:]}-{random_letters(4)}".lower()
    made = create_cadre_account(actor=actor, username=username, name=name, now=now)
    grant_post(actor=actor, account=made.account, role=Role.objects.get(code="hr"), enterprise=enterprise, now=now)
    Invitation.objects.filter(pk=invitation.pk).update(account=made.account)
    invitation.account = made.account
    return made


@transaction.atomic
def open_people_office(*, actor: Actor, invitation: Invitation, now: datetime) -> NewSignIn:
    """Open the sign-in of the people office of an enterprise that accepted; its one-time password is shown this once.

    :raises NotAllowed: without `access.grant_posts` at the enterprise.
    :raises Conflict: it has not accepted, or its people office has a sign-in.
    """
    actor.require(Permission.FORM_UNIONS, at=invitation.union)
    actor.require(Permission.GRANT_POSTS, at=invitation.enterprise)
    if invitation.state != InvitationState.ACCEPTED:
        raise Conflict("not_accepted", _("The enterprise has not accepted the invitation yet."))
    Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if has_people_office(invitation.enterprise, now=now):
        raise Conflict("has_people_office", _("The people office of this enterprise has a sign-in already."))
    made = _open(actor, invitation, invitation.enterprise.contact, now)
    record(actor, "formation.people_office_opened", invitation, now=now, union_path=invitation.union.path)
    return made


@transaction.atomic
def decline_invitation(*, invitation: Invitation, reason: object, now: datetime) -> None:
    """Decline an invitation for the enterprise. The union is told.

    :param reason: why; may be empty.
    :raises Conflict: it was answered before, or its time ran out.
    """
    _check_open(invitation, now)
    said = check_text(reason, field="reason", most=300)
    move(invitation, INVITATION_MOVES, InvitationState.DECLINED, answered_at=now, reason=said)
    record(system(), "formation.invitation_declined", invitation, now=now, union_path=invitation.union.path)
    _tell_cadres(invitation, "formation.declined", now=now)


def lapse_invitations(*, now: datetime) -> int:
    """Let invitations go whose time ran out; return how many."""
    due = Invitation.objects.filter(state__in=OPEN_INVITATIONS, lapses_at__lte=now)
    return due.update(state=InvitationState.LAPSED)
