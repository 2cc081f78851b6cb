"""Applying, being decided on, and being told: `/applications`."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Header, Router

from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.members.actions.apply import confirm_application, start_application, submit_proved
from nuanxin.members.actions.changes import withdraw_application
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application
from nuanxin.members.queries.applications import (
    applications_page,
    get_application,
    get_by_token,
    get_of_machine,
    of_machine,
    visible_applications,
)
from nuanxin.members.rules.applicants import NEEDED_CONSENTS, door_of_machine
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries.unions import get_union, public_union
from nuanxin.records.actions import once
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import (
    Answer,
    ApplicationIn,
    ApplicationOut,
    ApplicationPage,
    CodeIn,
    DecisionIn,
    PageSize,
    Text,
)
from nuanxin.web.api.words import answer, application_answer
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.requests import Request

router = Router(tags=["applications"])
_LONGEST_KEY = 200


@router.post(
    "",
    **described(
        "Apply",
        201,
        ApplicationOut,
        who="machine with applications.create or applications.prove_phone; anybody, until the phone is proved",
        problems=(400, 401, 403, 409, 413, 422, 429),
        example="application",
    ),
)
def apply(request: Request, body: ApplicationIn, key: Annotated[str, Header(alias="Idempotency-Key")]) -> HttpResponse:
    """Take in an application.

    From a machine whose door proves phones it is routed at once. From anybody else it is `unconfirmed` until the code
    that was sent to the phone is given to `confirm`; that answer is the same for known and unknown people.
    Sent again with the same Idempotency-Key, the first answer comes again.
    """
    _check_key(key)
    machine = request.actor.kind == "client"
    if not machine:
        count(request, "applications", "applications_unproved", "applications_door", door=str(body.door or ""))
    raw = body.model_dump()
    status, content = once(
        scope=f"client:{request.actor.source_id}" if machine else "public",
        key=key,
        request=raw,
        now=request.now,
        work=lambda: (201, _apply(request, raw)),
    )
    return answer(content, status)


def _check_key(key: str) -> None:
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid("bad_idempotency_key", _("A key has 1 to 200 printable characters."), field="Idempotency-Key")


def _apply(request: Request, raw: dict[str, Any]) -> Answer:
    actor = request.actor
    given = NEEDED_CONSENTS if raw["consents"] is None else raw["consents"]
    told: dict[str, Any] = {
        "actor": actor,
        "raw": raw,
        "scanned_code": raw["union_code"] or "",
        "consents": given,
        "consent_version": raw["consent_version"],
        "now": request.now,
    }
    named_door = raw["door"] or ""
    if actor.kind != "client":
        return application_answer(start_application(door=named_door, **told).application)
    door = door_of_machine(actor.door_code, named_door)
    if Scope.PROVE_PHONES in actor.scopes and actor.source_id is not None:
        sent = submit_proved(door=door, client_id=actor.source_id, **told)
        return application_answer(sent.application, token=sent.token)
    actor.require_scope(Scope.APPLY)
    return application_answer(start_application(door=door, client_id=actor.source_id, **told).application)


@router.get(
    "",
    **described(
        "List applications",
        200,
        ApplicationPage,
        who="reviewer; machine with applications.read, of its own door",
        problems=(400, 401, 403, 404, 422),
        example="application_page",
    ),
)
def list_applications(
    request: Request,
    union: Text | None = None,
    state: ApplicationState | None = None,
    cursor: Text | None = None,
    limit: PageSize = 50,
) -> HttpResponse:
    """Return applications, newest first, of a union with all below it, or of everything in reach."""
    actor = request.actor
    machine = actor.kind == "client"
    if machine:
        actor.require_scope(Scope.READ_APPLICATIONS)
        rows = of_machine(actor)
    else:
        actor.require(Permission.VIEW_MEMBERS)
        rows = visible_applications(actor)
    path = ""
    if union is not None:
        found = public_union(union) if machine else get_union(actor, union, Permission.VIEW_MEMBERS)
        path = found.path
    page = applications_page(rows, union_path=path, state=state or "", after=cursor or "", most=limit)
    items = [application_answer(each, for_reviewer=not machine) for each in page.items]
    return answer({"items": items, "next": page.next})


@router.get(
    "/{number}",
    **described(
        "Look at one application",
        200,
        ApplicationOut,
        who="reviewer; machine with applications.read, of its own door; the applicant by `token`",
        problems=(400, 401, 403, 404, 422),
        example="application",
    ),
)
def look(request: Request, number: Text, token: Text | None = None) -> HttpResponse:
    """Return where one application stands; with the number of the member once it is approved.

    `token` is the last part of the applicant's progress link.
    """
    actor = request.actor
    if token:
        return answer(application_answer(_of_token(request, token, number), token=token))
    if actor.kind == "client":
        actor.require_scope(Scope.READ_APPLICATIONS)
        return answer(application_answer(get_of_machine(actor, number)))
    actor.require(Permission.VIEW_MEMBERS)
    return answer(application_answer(get_application(actor, number), for_reviewer=True))


@router.post(
    "/{number}/confirm",
    **described(
        "Prove the phone",
        200,
        ApplicationOut,
        who="anybody who has the code",
        problems=(400, 401, 404, 409, 413, 422, 429),
        example="application",
    ),
)
def confirm(request: Request, number: Text, body: CodeIn) -> HttpResponse:
    """Prove the phone of an application by the code that was sent to it; from now on it is with a union."""
    count(request, "code_checks")
    sent = confirm_application(actor=request.actor, number=number, code=body.code, now=request.now)
    return answer(application_answer(sent.application, token=sent.token))


@router.post(
    "/{number}/decision",
    **described(
        "Decide",
        200,
        ApplicationOut,
        who="reviewer of the union that has it",
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="approved",
    ),
)
def decision(request: Request, number: Text, body: DecisionIn) -> HttpResponse:
    """Accept, approve, refuse, return for correction, or pass on, as the act of the union that has it.

    Whoever comes second is told with 409 who decided.
    """
    request.actor.require(Permission.REVIEW)
    done = decide(
        actor=request.actor,
        number=number,
        decision=body.decision,
        reason=body.reason,
        to_union=body.to_union or "",
        now=request.now,
    )
    return answer(application_answer(done, for_reviewer=True))


@router.post(
    "/{number}/withdraw",
    **described(
        "Withdraw",
        200,
        ApplicationOut,
        who="machine with applications.create, of its own door; the applicant by `token`",
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="application",
    ),
)
def withdraw(request: Request, number: Text, token: Text | None = None) -> HttpResponse:
    """Withdraw an application on the applicant's behalf."""
    if token:
        application = _of_token(request, token, number)
    else:
        request.actor.require_scope(Scope.APPLY)
        application = get_of_machine(request.actor, number)
    done = withdraw_application(actor=request.actor, application=application, now=request.now)
    return answer(application_answer(done, token=token or ""))


def _of_token(request: Request, token: str, number: str) -> Application:
    try:
        found = get_by_token(token)
        if found.number != number:
            raise NotFound
    except NotFound:
        count(request, "links_unknown")
        raise
    return found
