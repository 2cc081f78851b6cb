"""Applying: by anybody with a phone, or through a machine whose door proves phones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.codes import check_code, send_code
from nuanxin.access.states import CodePurpose, Scope
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import application_number, new_id
from nuanxin.kernel.refusals import Busy, Conflict, Invalid, NotFound
from nuanxin.kernel.rows import insert, pipelined
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import move
from nuanxin.members.actions.drafts import drop_applications
from nuanxin.members.actions.settle import Settlement, UnionClosed, carry_out, minding_closed, settle
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, Consent
from nuanxin.members.queries.applications import progress_digest, progress_token
from nuanxin.members.queries.persons import id_digest, phone_digest
from nuanxin.members.rules.applicants import Fields, check_consents, check_fields
from nuanxin.members.states import APPLICATION_MOVES, OPEN, ApplicationState
from nuanxin.organizations.queries.enterprises import find_employer
from nuanxin.organizations.queries.lists import open_doors, open_groups, open_platforms
from nuanxin.organizations.queries.unions import public_union
from nuanxin.records.actions import record
from nuanxin.regions.queries import get_region

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Sent:
    """An application that was taken in, with the secret of its progress link."""

    application: Application
    token: str


class AlreadyMember(Conflict):
    """The identity belongs to a member: joining again is refused, moving is offered."""

    def __init__(self) -> None:
        super().__init__(
            "already_member",
            _("This person is a member already. Offer a transfer in the app, or at the union's counter."),
        )


class OtherPhone(Conflict):
    """The person has an open application with another phone."""

    def __init__(self) -> None:
        super().__init__(
            "already_applied",
            _("There is an open application for this ID with another phone. Please call the county union or 12351."),
        )


@transaction.atomic
def start_application(
    *,
    actor: Actor,
    raw: Mapping[str, Any],
    door: str,
    scanned_code: str = "",
    consents: Collection[str],
    consent_version: str,
    client_id: UUID | None = None,
    opened_at: datetime | None = None,
    now: datetime,
) -> Sent:
    """Take in an application whose phone is not proved yet, and send the code that proves it.

    It is with no union, blocks nobody and is gone after a day. The answer is the same whether or not the ID or the
    phone is known: nothing is looked up but how often this was tried.

    :param raw: the fields as typed; see `check_fields`.
    :param opened_at: when the first page was opened, where that is known.
    :raises Invalid: fields, door or consents; all field errors at once.
    :raises TooMany: this phone or this identity was tried too often within a day.
    """
    fields = _checked(raw, door, now)
    check_consents(consents, consent_version)
    _check_region(fields.region_code)
    application = _build(fields, door=door, scanned_code=scanned_code, client_id=client_id, now=now)
    application.state, application.opened_at = ApplicationState.UNCONFIRMED, opened_at
    insert(application)
    _keep_consents(application, consents, consent_version, now)
    tried = {"applications_phone": fields.phone, "applications_identity": fields.identity.number}
    send_code(purpose=CodePurpose.APPLICATION, phone=fields.phone, subject_id=application.id, also=tried, now=now)
    record(actor, "members.application_started", application, now=now, door=door)
    return Sent(application, progress_token(application.id))


@transaction.atomic
def resend_code(*, actor: Actor, number: str, now: datetime) -> None:
    """Send a fresh code for an unconfirmed application; refuses when codes were sent too often."""
    application = _unconfirmed(number)
    phone = PersonKey(application.sealed_key).unseal(application.sealed_phone)
    send_code(purpose=CodePurpose.APPLICATION, phone=phone, subject_id=application.id, now=now)


def confirm_application(*, actor: Actor, number: str, code: str, now: datetime) -> Sent:
    """Prove the phone of an application and send it on its way.

    :returns: the application, or the open one that the same person sent before with the same phone.
    :raises Invalid: a wrong, used or expired code.
    :raises OtherPhone: the person has an open application with another phone.
    """
    application = _unconfirmed(number)
    check_code(
        purpose=CodePurpose.APPLICATION,
        phone=PersonKey(application.sealed_key).unseal(application.sealed_phone),
        subject_id=application.id,
        code=code,
        now=now,
    )

    def write(settlement: Settlement) -> None:
        move(application, APPLICATION_MOVES, settlement.state, **settlement.changes(now))
        _finish(actor, application, settlement, now=now)

    done = _send(application, write, scanned_code=_scanned_code(application), now=now)
    return Sent(done, progress_token(done.id))


def submit_proved(
    *,
    actor: Actor,
    raw: Mapping[str, Any],
    door: str,
    scanned_code: str = "",
    consents: Collection[str],
    consent_version: str,
    client_id: UUID,
    now: datetime,
) -> Sent:
    """Take in an application from a machine whose door proves phones, and route it at once.

    :raises AlreadyMember: the identity is a member's.
    :raises Invalid: fields, door or consents.
    """
    actor.require_scope(Scope.PROVE_PHONES)
    fields = _checked(raw, door, now)
    check_consents(consents, consent_version)
    application = _build(fields, door=door, scanned_code=scanned_code, client_id=client_id, now=now)

    def write(settlement: Settlement) -> None:
        if settlement.state == ApplicationState.KNOWN_MEMBER:
            raise AlreadyMember
        application.state = settlement.state
        for name, value in settlement.changes(now).items():
            setattr(application, name, value)
        with pipelined():
            insert(application)
            _keep_consents(application, consents, consent_version, now)
            _finish(actor, application, settlement, now=now)

    done = _send(application, write, scanned_code=scanned_code, now=now)
    return Sent(done, progress_token(done.id))


def _send(
    application: Application, write: Callable[[Settlement], None], *, scanned_code: str, now: datetime
) -> Application:
    """Settle an application and write it; return it, or the open one that the same person sent before.

    A union that closes between the two is as good as none: the application is settled anew.
    """
    for _try in range(_MOST_ROUTES):
        try:
            with transaction.atomic(), minding_closed():
                write(settle(application, scanned_code=scanned_code, now=now))
        except UnionClosed:
            continue
        except IntegrityError as error:
            return _earlier(application, error)
        return application
    raise Busy("unions_closing", _("Several unions are just being closed. Please send it again in a minute."))


#: How often an application is routed anew when each time the union closes meanwhile.
_MOST_ROUTES = 5


def _finish(actor: Actor, application: Application, settlement: Settlement, *, now: datetime) -> None:
    carry_out(actor, application, settlement, now=now)
    record(
        actor,
        f"members.application_{settlement.state}",
        application,
        now=now,
        union_path=settlement.route.union.path,
        union=settlement.route.union.code,
        door=application.door_id,
    )
    tell_applicant(application, settlement.state, union_name=settlement.route.union.name, now=now)


def _checked(raw: Mapping[str, Any], door: str, now: datetime) -> Fields:
    day = local_day(now)
    if door not in open_doors(day):
        raise Invalid("unknown_door", _("This way in is not open."), field="door")
    return check_fields(raw, on=day, groups=open_groups(day), platforms=open_platforms(day))


def _build(fields: Fields, *, door: str, scanned_code: str, client_id: UUID | None, now: datetime) -> Application:
    """Make the row, unsaved: personal values sealed under a fresh key of the person's own."""
    employer = find_employer(fields.employer_credit_code) if fields.employer_credit_code else None
    scanned = _scanned(scanned_code)
    key, identity = PersonKey.new(), new_id()
    return Application(
        id=identity,
        number=application_number(local_day(now)),
        door_id=door,
        client_id=client_id,
        scanned_union=scanned,
        sealed_key=key.sealed,
        name=fields.name,
        id_kind=fields.identity.kind,
        sealed_id=key.seal(fields.identity.number),
        id_digest=id_digest(fields.identity.number, fields.identity.kind),
        **fields.identity.asked,
        sealed_phone=key.seal(fields.phone),
        phone_digest=phone_digest(fields.phone),
        occupation_group_id=fields.occupation_group,
        region_id=fields.region_code,
        employer=employer,
        employer_name="" if employer else fields.employer_name or fields.employer_credit_code,
        platform_id=fields.platform or None,
        progress_digest=progress_digest(progress_token(identity)),
        started_at=now,
    )


def _check_region(code: str) -> None:
    try:
        get_region(code)
    except NotFound:
        raise Invalid("unknown_region", _("There is no such area. Please choose again."), field="region_code") from None


def _scanned(code: str) -> Any:
    """Return the union of a scanned code; a code of no open union is as good as none: nobody falls through."""
    try:
        return public_union(code) if code else None
    except NotFound:
        return None


def _scanned_code(application: Application) -> str:
    return application.scanned_union.code if application.scanned_union else ""


def _keep_consents(application: Application, kinds: Collection[str], version: str, now: datetime) -> None:
    insert(*(Consent(application=application, kind=kind, version=version, given_at=now) for kind in sorted(set(kinds))))


def _unconfirmed(number: str) -> Application:
    found = (
        Application.objects.select_related("scanned_union")
        .filter(number=number, state=ApplicationState.UNCONFIRMED)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _earlier(application: Application, error: IntegrityError) -> Application:
    """Return the open application that the same person sent before: one person, one application.

    :raises OtherPhone: it carries another phone, so this may not be the same person.
    """
    if "application_one_open" not in str(error):
        raise error
    earlier = Application.objects.select_related("union").get(id_digest=application.id_digest, state__in=OPEN)
    if bytes(earlier.phone_digest) != bytes(application.phone_digest):
        raise OtherPhone from None
    drop_applications([application.pk])
    return earlier
