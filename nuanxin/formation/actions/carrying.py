"""Carrying a message out: an enterprise is invited, or a worker gets an application that is filled in already."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from nuanxin.formation.actions.invitations import invite
from nuanxin.formation.actions.offers import offer_application
from nuanxin.formation.actions.steps import note
from nuanxin.formation.models import PermitMessage
from nuanxin.formation.queries.invitations import has_people_office
from nuanxin.formation.rules.permits import acting_union, problems_of, read_paper
from nuanxin.formation.states import Fate, MessageState, StepKind, Wanted
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, FieldError, Invalid, NotFound, Refusal
from nuanxin.kernel.secrets import unseal
from nuanxin.members.models import Application
from nuanxin.members.queries.explain import explain_route
from nuanxin.members.queries.persons import id_digest, phone_digest, standing
from nuanxin.members.rules.applicants import check_fields
from nuanxin.members.states import OPEN
from nuanxin.organizations.actions import create_enterprise, edit_enterprise
from nuanxin.organizations.models import Enterprise, Union
from nuanxin.organizations.queries.atlas import atlas_for
from nuanxin.organizations.queries.enterprises import covering_unions, find_employer
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.formation.models import Invitation, Offer
    from nuanxin.formation.rules.permits import Paper
    from nuanxin.kernel.actor import Actor

_LANGUAGES = ("zh-hans", "en")
#: The door of what machines send that have none of their own.
_ANY_DOOR = "api"
_FILLED = ("headcount", "contact", "contact_phone")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message."""

    fate: Fate
    union: Union | None = None
    enterprise: Enterprise | None = None
    invitation: Invitation | None = None
    offer: Offer | None = None


class _Failed(Invalid):
    """The message cannot be carried out as it stands."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__(errors[0].code, errors[0].message, errors=errors)


@transaction.atomic
def carry_out(*, actor: Actor, message_id: UUID, now: datetime) -> None:
    """Carry a message out that waits for it; one that is done or has failed is left alone.

    Everything or nothing comes of it: what cannot be right leaves only its reasons.

    :param actor: the licensing system, or whoever tries it again.
    :raises NotAllowed: somebody who tries it again may not do what it asks for; the message stays as it was.
    """
    message = PermitMessage.objects.select_for_update(of=("self",)).select_related("source__union").get(pk=message_id)
    if message.state != MessageState.RECEIVED:
        return
    changes: dict[str, Any] = {"attempts": message.attempts + 1, "tried_at": now}
    try:
        with transaction.atomic():
            outcome = _act(actor, message, now)
    except (Invalid, Conflict, NotFound) as refusal:
        problems = _in_words(refusal)
        changes |= {"state": MessageState.FAILED, "problems": problems}
        note(message, StepKind.FAILED, said=problems[0]["code"], now=now)
    else:
        changes |= {"state": MessageState.DONE, "fate": outcome.fate, "problems": []}
        changes |= {"enterprise": outcome.enterprise, "invitation": outcome.invitation, "offer": outcome.offer}
        if outcome.union is not None:
            changes["union"] = outcome.union
        note(message, StepKind.DONE, said=outcome.fate, now=now)
    PermitMessage.objects.filter(pk=message.pk, state=MessageState.RECEIVED).update(**changes)
    path = (changes.get("union") or message.source.union).path
    told = str(changes.get("fate") or changes["problems"][0]["code"])
    record(actor, "formation.permit_carried_out", message, now=now, union_path=path, came_of_it=told)


def _in_words(refusal: Refusal) -> list[dict[str, str]]:
    errors = refusal.errors or (FieldError("", refusal.code, refusal.message),)
    found = []
    for error in errors:
        told = {"field": error.field, "code": error.code}
        for language in _LANGUAGES:
            with override(language):
                told[language] = str(error.message)
        found.append(told)
    return found


def paper_of(message: PermitMessage) -> Paper:
    """Return what a message says, unsealed."""
    body = json.loads(unseal(message.sealed_payload))
    body["at"] = datetime.fromisoformat(body["at"])
    return read_paper(body, now=message.received_at)


def _act(actor: Actor, message: PermitMessage, now: datetime) -> Outcome:
    paper = paper_of(message)
    later = PermitMessage.objects.filter(
        paper_digest=message.paper_digest, occurred_at__gt=message.occurred_at, state=MessageState.DONE
    )
    if later.exclude(pk=message.pk).exists():
        return Outcome(Fate.OVERTAKEN)
    if paper.is_of_enterprise:
        return _of_enterprise(actor, message, paper, now)
    return _of_person(message, paper, now)


def _check_area(union: Union, region_code: str, field: str) -> None:
    if not region_code.startswith(union.region_id or ""):
        raise _Failed(
            [FieldError(field, "outside_area", _("This place lies outside the area of this licensing system."))]
        )


def _of_enterprise(actor: Actor, message: PermitMessage, paper: Paper, now: datetime) -> Outcome:
    enterprise = _enterprise(actor, message, paper, now)
    on = local_day(now)
    covering = covering_unions([enterprise.pk], on=on)
    if covering and has_people_office(enterprise, now=now):
        return Outcome(Fate.AT_WORK, covering[0], enterprise)
    union = covering[0] if covering else _federation(enterprise.region_id, on)
    invitation = invite(
        actor=actor,
        enterprise=enterprise,
        union=union,
        wanted=Wanted.ENROLL if covering else Wanted.FORM,
        permit_type=paper.type,
        now=now,
    )
    if not invitation.is_new:
        return Outcome(Fate.INVITED_BEFORE, union, enterprise, invitation.row)
    return Outcome(Fate.ASKED_TO_ENROLL if covering else Fate.INVITED, union, enterprise, invitation.row)


def _federation(region_code: str, on: Any) -> Union:
    found = acting_union(atlas_for([region_code], on=on).unions.values(), region_code)
    if found is None:
        raise _Failed(
            [FieldError("enterprise.region_code", "no_federation", _("No federation answers for this place yet."))]
        )
    return Union.objects.get(pk=found.id)


def _enterprise(actor: Actor, message: PermitMessage, paper: Paper, now: datetime) -> Enterprise:
    """Return the enterprise of the register with the credit code, or enter it; what was empty is filled in."""
    told = paper.subject
    fields = {name: told.get(name) for name in ("name", "credit_code", *_FILLED)} | {"region": told.get("region_code")}
    code = "".join(str(told.get("credit_code") or "").split()).upper()
    if not code:
        raise _Failed([FieldError("enterprise.credit_code", "missing", _("Please write the credit code."))])
    known = find_employer(code)
    if known is None:
        _check_area(message.source.union, str(fields["region"] or ""), "enterprise.region_code")
        try:
            with transaction.atomic():
                return create_enterprise(actor=actor, fields=fields, now=now)
        except Conflict as refusal:
            known = find_employer(code)
            if known is None:
                raise _Failed([_renamed(error) for error in refusal.errors]) from None
        except Invalid as refusal:
            raise _Failed([_renamed(error) for error in refusal.errors]) from None
    _check_area(message.source.union, known.region_id, "enterprise.credit_code")
    missing = {name: told[name] for name in _FILLED if told.get(name) and not getattr(known, name)}
    if not missing:
        return known
    try:
        return edit_enterprise(actor=actor, enterprise=known, fields=missing, now=now)
    except Invalid as refusal:
        raise _Failed([_renamed(error) for error in refusal.errors]) from None


def _renamed(error: FieldError) -> FieldError:
    name = "region_code" if error.field == "region" else error.field
    said = _("There is no place with this code.") if error.code == "unknown_region" else error.message
    return FieldError(f"enterprise.{name}", error.code, said)


def _of_person(message: PermitMessage, paper: Paper, now: datetime) -> Outcome:
    on = local_day(now)
    try:
        fields = check_fields(paper.subject, on=on, groups=open_groups(on), platforms=open_platforms(on))
        _check_area(message.source.union, fields.region_code, "region_code")
        route = explain_route(paper.subject, now=now)
    except Invalid as refusal:
        errors = problems_of(refusal.errors, "person")
        raise _Failed(errors or [FieldError("person", refusal.code, refusal.message)]) from None
    union = Union.objects.get(pk=route.union.id)
    of_id = id_digest(fields.identity.number, fields.identity.kind)
    if standing(of_id=of_id, of_phone=phone_digest(fields.phone)).membership is not None:
        return Outcome(Fate.MEMBER_ALREADY, union)
    if Application.objects.filter(id_digest=of_id, state__in=OPEN).exists():
        return Outcome(Fate.APPLIED_ALREADY, union)
    made = offer_application(
        fields=fields, union=union, door_id=message.source.client.door_id or _ANY_DOOR, permit_type=paper.type, now=now
    )
    return Outcome(Fate.OFFERED if made.is_new else Fate.OFFERED_BEFORE, union, offer=made.row)
