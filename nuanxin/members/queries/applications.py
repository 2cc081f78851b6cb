"""Applications as cadres, HR, machines and applicants see them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.kernel.rows import columns, load, width
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Application, ApplicationAct, Consent, Membership, PhoneRelease, TransferRequest
from nuanxin.members.states import WAITING, ApplicationState, ConsentKind
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

RELATED = ("union", "door", "occupation_group", "region", "employer", "platform")


def progress_token(application_id: UUID) -> str:
    """Return the secret of an application's progress link; made again from the key whenever it is needed."""
    return base64.urlsafe_b64encode(digest("progress-link", str(application_id))[:24]).decode()


def progress_digest(token: str) -> bytes:
    """Return what an application keeps of its progress secret."""
    return digest("progress", token)


def visible_applications(actor: Actor) -> QuerySet[Application]:
    """Return the routed applications of the unions where the actor may see people, unconfirmed ones never."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_MEMBERS):
        reach |= Q(union__path__startswith=path)
    return Application.objects.filter(reach).exclude(state=ApplicationState.UNCONFIRMED)


def get_application(actor: Actor, number: str) -> Application:
    """Return one application that the actor may see, with what its page shows; 404 otherwise."""
    return _one(visible_applications(actor), number=number)


def get_to_decide(actor: Actor, number: str) -> Application:
    """Return one application that the actor may see with its union and no more: for deciding; 404 otherwise."""
    reach = [f"{path}%" for path in actor.reach(Permission.VIEW_MEMBERS)]
    with connection.cursor() as cursor:
        cursor.execute(_TO_DECIDE, [number, ApplicationState.UNCONFIRMED, reach])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    edge = width(Application)
    application = load(Application, row[:edge])
    application.union = load(Union, row[edge:])
    return application


#: Written out and prepared once, for every decision asks it (docs/adr/0007-hot-rows.md).
_TO_DECIDE = f"""
SELECT {columns(Application, "a")}, {columns(Union, "u")}
FROM members_application AS a JOIN organizations_union AS u ON u.id = a.union_id
WHERE a.number = %s AND a.state <> %s AND u.path LIKE ANY(%s::text[])
"""


def get_by_token(token: str) -> Application:
    """Return the application of a secret progress link; 404 for any other secret."""
    return _one(Application.objects.all(), progress_digest=progress_digest(token))


def of_machine(actor: Actor) -> QuerySet[Application]:
    """Return what an API client sent, and what other keys of its own door sent before it."""
    own = Q(client_id=actor.source_id)
    if actor.door_code:
        own |= Q(door=actor.door_code, client_id__isnull=False)
    return Application.objects.filter(own)


def get_of_machine(actor: Actor, number: str) -> Application:
    """Return an application that came through an API client's own door; 404 otherwise."""
    return _one(of_machine(actor), number=number)


@dataclass(frozen=True, slots=True)
class ApplicationPage:
    """One page of applications, newest first, and the cursor of the next one."""

    items: list[Application]
    next: str | None


def applications_page(
    rows: QuerySet[Application], *, union_path: str = "", state: str = "", after: str = "", most: int = 50
) -> ApplicationPage:
    """Cut one page out of the applications that an actor may see: newest first, by key.

    :param union_path: only those with this union or one below it.
    :param after: the cursor that the page before gave.
    :raises Invalid: a cursor that makes no sense.
    """
    if union_path:
        rows = rows.filter(union__path__startswith=union_path)
    if state:
        rows = rows.filter(state=state)
    if after:
        try:
            rows = rows.filter(pk__lt=UUID(after))
        except ValueError:
            raise Invalid("bad_cursor", _("This page link is broken. Please start again."), field="cursor") from None
    found = list(_with_member_number(rows).select_related("union").order_by("-pk")[: most + 1])
    return ApplicationPage(found[:most], str(found[most - 1].pk) if len(found) > most else None)


def _with_member_number(rows: QuerySet[Application]) -> QuerySet[Application]:
    number = Membership.objects.filter(application=OuterRef("pk")).values("number")[:1]
    return rows.annotate(member_number=Coalesce(Subquery(number), Value("")))  # type: ignore[no-redef]


def get_of_phone(phone_digest: bytes, number: str) -> Application:
    """Return an application of whoever has just proved its phone; 404 otherwise."""
    return _one(Application.objects.filter(phone_digest=phone_digest), number=number)


def _one(rows: QuerySet[Application], **wanted: object) -> Application:
    found: Application | None = _with_member_number(rows).select_related(*RELATED).filter(**wanted).first()
    if found is None:
        raise NotFound
    return found


def queue(actor: Actor) -> QuerySet[Application]:
    """Return what waits for a decision where the actor may review, soonest due first."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.REVIEW):
        reach |= Q(union__path__startswith=path)
    return Application.objects.filter(reach, state__in=WAITING).order_by("due_at", "pk")


def of_enterprise(actor: Actor) -> QuerySet[Application]:
    """Return the applications that name an enterprise whose people office the actor is, unconfirmed ones never.

    Only of those who agreed that their employer is asked: no employer learns otherwise that somebody joins a union.
    """
    agreed = Consent.objects.filter(application=OuterRef("pk"), kind=ConsentKind.EMPLOYER, withdrawn_at=None)
    return (
        Application.objects.filter(Exists(agreed), employer__in=actor.enterprises(Permission.CONFIRM_EMPLOYMENT))
        .exclude(state=ApplicationState.UNCONFIRMED)
        .order_by("-pk")
    )


def get_of_enterprise(actor: Actor, number: str) -> Application:
    """Return one application that names the actor's own enterprise; 404 otherwise."""
    return _one(of_enterprise(actor), number=number)


def timeline(application: Application) -> QuerySet[ApplicationAct]:
    """Return the acts upon an application, oldest first, with who acted; the caller has fetched what it may see."""
    return (
        ApplicationAct.objects.filter(application=application)
        .select_related("union", "to_union", "account")
        .order_by("at", "pk")
    )


def releases(actor: Actor) -> QuerySet[PhoneRelease]:
    """Return the phone releases of the unions where the actor may decide them, open ones first, soonest due first."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.RELEASE_PHONES):
        reach |= Q(union__path__startswith=path)
    return (
        PhoneRelease.objects.filter(reach)
        .select_related("application__region", "holder", "union", "decided_by")
        .order_by("state", "due_at", "pk")
    )


def get_release(actor: Actor, release_id: UUID) -> PhoneRelease:
    """Return one phone release that the actor may decide; 404 otherwise."""
    found = releases(actor).filter(pk=release_id).first()
    if found is None:
        raise NotFound
    return found


def transfer_of(application: Application) -> TransferRequest | None:
    """Return the transfer that was offered to a known member who applied again."""
    return (
        TransferRequest.objects.select_related("to_union", "membership__union").filter(application=application).first()
    )


def release_of(application: Application) -> PhoneRelease | None:
    """Return the open question about the phone of an application, with the union that looks into it."""
    return PhoneRelease.objects.select_related("union").filter(application=application, decided_at=None).first()
