"""What the applicant and the employer's people office do to an application that was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from nuanxin.access.states import Permission
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.documents import NOT_ASKED, Identity
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.kernel.states import Moved, move
from nuanxin.members.actions.admission import approve_if_proved
from nuanxin.members.actions.contests import drop_contests
from nuanxin.members.actions.settle import limit, minding_closed, settle
from nuanxin.members.actions.telling import tell_applicant
from nuanxin.members.models import Application, ApplicationAct
from nuanxin.members.queries.applications import get_of_enterprise
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.rules.applicants import check_fields
from nuanxin.members.rules.review import is_waiting
from nuanxin.members.states import (
    APPLICATION_MOVES,
    OPEN,
    Act,
    ApplicationState,
    EmployerSays,
)
from nuanxin.organizations.queries.enterprises import find_employer
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def withdraw_application(*, actor: Actor, application: Application, now: datetime) -> Application:
    """Withdraw an open application. The door has proved that it is the applicant's own, by link, code or key.

    :raises Moved: it is closed already.
    """
    move(application, APPLICATION_MOVES, ApplicationState.WITHDRAWN, closed_at=now, due_at=None)
    _write_act(actor, application, Act.WITHDRAWN, now=now)
    drop_contests(application, now=now)
    tell_applicant(application, Act.WITHDRAWN, union_name=_union_name(application), now=now)
    return application


@transaction.atomic
def correct_application(
    *, actor: Actor, application: Application, raw: Mapping[str, Any], now: datetime
) -> Application:
    """Send a returned application again with mended fields; the phone stays, it was proved.

    It goes back to the union that returned it, or is routed anew where trade, area, employer or platform changed.

    :raises Invalid: fields; all errors at once.
    :raises Moved: it is not waiting for a correction.
    """
    if application.state != ApplicationState.RETURNED:
        raise Moved(application.state)
    day = local_day(now)
    key = PersonKey(application.sealed_key)
    phone = key.unseal(application.sealed_phone)
    fields = check_fields({**raw, "phone": phone}, on=day, groups=open_groups(day), platforms=open_platforms(day))
    employer = find_employer(fields.employer_credit_code) if fields.employer_credit_code else None
    places = {
        "occupation_group_id": fields.occupation_group,
        "region_id": fields.region_code,
        "employer_id": employer.pk if employer else None,
        "employer_name": "" if employer else fields.employer_name or fields.employer_credit_code,
        "platform_id": fields.platform or None,
    }
    changes: dict[str, Any] = {
        **places,
        "name": fields.name,
        **_identity_columns(key, fields.identity),
    }
    before = {"name": application.name, "id_number": key.unseal(application.sealed_id)}
    elsewhere = any(getattr(application, column) != value for column, value in places.items())
    for column, value in changes.items():
        setattr(application, column, value)
    if elsewhere:
        changes["came_at"] = now
        scanned = application.scanned_union.code if application.scanned_union else ""
        settlement = settle(application, scanned_code=scanned, now=now)
        changes |= {"union_id": settlement.route.union.id, "reasons": settlement.route.as_rows()}
    if application.union is None:
        raise NotFound
    changes["due_at"] = limit(application.union, "members.accept_days", now)
    with minding_closed():
        move(application, APPLICATION_MOVES, ApplicationState.SUBMITTED, **changes)
    application = Application.objects.select_related("union").get(pk=application.pk)
    after = {"name": fields.name, "id_number": fields.identity.number}
    _write_act(actor, application, Act.CORRECTED, now=now, personal={"before": before, "after": after})
    tell_applicant(application, ApplicationState.SUBMITTED, union_name=_union_name(application), now=now)
    return application


def _identity_columns(key: PersonKey, identity: Identity) -> dict[str, Any]:
    return {
        "id_kind": identity.kind,
        "sealed_id": key.seal(identity.number),
        "id_digest": id_digest(identity.number, identity.kind),
        **NOT_ASKED,
        **identity.asked,
    }


@transaction.atomic
def say_employment(*, actor: Actor, number: str, works_here: bool, now: datetime) -> Application:
    """Confirm or deny, as the employer's people office, that an applicant works here.

    Where the union's dated rule allows it, a confirmation approves the application at once.

    :raises NotFound: no application of this number names the actor's enterprise.
    :raises Conflict: the application is closed.
    """
    application = get_of_enterprise(actor, number)
    actor.require(Permission.CONFIRM_EMPLOYMENT, at=application.employer)
    says = EmployerSays.CONFIRMED if works_here else EmployerSays.DENIED
    if not Application.objects.filter(pk=application.pk, state__in=OPEN).update(employer_says=says):
        raise Conflict("closed", ApplicationState(application.state).label)
    application.employer_says = says
    _write_act(actor, application, Act.EMPLOYER_CONFIRMED if works_here else Act.EMPLOYER_DENIED, now=now)
    if application.union and is_waiting(application.state):
        approve_if_proved(application, application.union, now=now)
    return application


def _union_name(application: Application) -> str:
    return application.union.name if application.union else ""


def _write_act(
    actor: Actor, application: Application, act: str, *, now: datetime, personal: dict[str, Any] | None = None
) -> None:
    ApplicationAct(
        application=application,
        at=now,
        act=act,
        union_id=application.union_id,
        account_id=actor.account_id,
        post_id=actor.post_id,
    ).save(force_insert=True)
    record(
        actor,
        f"members.application_{act}",
        application,
        now=now,
        union_path=application.union.path if application.union else "",
        personal=personal,
        key=PersonKey(application.sealed_key),
    )
