"""People: applications in a state, members with a card, workers who are signed in."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

from stdnum.cn import ric

from nuanxin.access.actors import Actor, worker_actor
from nuanxin.kernel.identifiers import parse_resident_id
from nuanxin.kernel.ids import application_number, member_number, new_id
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.admission import spell
from nuanxin.members.actions.searching import terms_of
from nuanxin.members.models import Application, Card, Membership, MembershipEntry, Worker
from nuanxin.members.queries.applications import progress_digest, progress_token
from nuanxin.members.queries.persons import id_digest, phone_digest
from nuanxin.members.states import ApplicationState, MembershipAct, MembershipState
from tests.factories import NOW, TODAY
from tests.factories.access import make_account

if TYPE_CHECKING:
    from nuanxin.organizations.models import Enterprise, Union

_serial = count(1)


def make_id_number(
    *, birth_on: date = date(1990, 3, 15), area: str = "371502", woman: bool = False, serial: int | None = None
) -> str:
    """Return a well-formed resident ID number, another one each time."""
    number = serial if serial is not None else next(_serial)
    head = f"{area}{birth_on - timedelta(days=number // 500):%Y%m%d}{number % 500 * 2 + (0 if woman else 1):03d}"
    return head + str(ric.calc_check_digit(head + "0"))


def make_phone() -> str:
    """Return a mobile number that nobody has, another one each time."""
    return f"1545{next(_serial):07d}"


def make_fields(**fields: Any) -> dict[str, Any]:
    """Return what a courier types to join: a new person each time."""
    return {
        "name": "王小芳",
        "id_kind": "resident_id",
        "id_number": make_id_number(),
        "phone": make_phone(),
        "occupation_group": "courier",
        "region_code": "371502001001",
    } | fields


def make_worker(
    *,
    name: str = "王小芳",
    id_number: str | None = None,
    phone: str | None = None,
    group: str = "courier",
    region: str = "371502001001",
    employer: Enterprise | None = None,
    with_account: bool = False,
    **fields: Any,
) -> Worker:
    """Make a person; with an account only when asked."""
    id_number, phone, key = id_number or make_id_number(), phone or make_phone(), PersonKey.new()
    identity = parse_resident_id(id_number, on=TODAY)
    pinyin, initials = spell(name)
    worker = Worker(
        account=make_account(name="") if with_account else None,
        sealed_key=key.sealed,
        name=name,
        pinyin=pinyin,
        initials=initials,
        sealed_id=key.seal(id_number),
        id_digest=id_digest(id_number),
        birth_on=identity.birth_on,
        sex=identity.sex,
        sealed_phone=key.seal(phone),
        phone_digest=phone_digest(phone),
        occupation_group_id=group,
        region_id=region,
        employer=employer,
        **{"created_at": NOW, "assurance": "wellformed", "phone_proved": True} | fields,
    )
    worker.save(force_insert=True)
    return worker


def make_member(
    *,
    union: Union,
    worker: Worker | None = None,
    state: str = MembershipState.ACTIVE,
    began_on: date = TODAY - timedelta(days=100),
    door: str = "h5",
    number: str | None = None,
    **worker_fields: Any,
) -> Membership:
    """Make a member of a union with a live card; further fields are the worker's."""
    worker = worker or make_worker(**worker_fields)
    ended = state == MembershipState.ENDED
    membership = Membership(
        number=number or member_number(worker.region_id),
        worker=worker,
        union=union,
        door_id=door,
        state=state,
        began_on=began_on,
        ended_on=TODAY if ended else None,
        end_reason="left" if ended else "",
        retained_for="unemployed" if state == MembershipState.RETAINED else "",
        terms=terms_of(worker, union_path=union.path, state=state),
    )
    membership.save(force_insert=True)
    MembershipEntry.objects.create(
        membership=membership,
        at=NOW - timedelta(days=100),
        effective_on=began_on,
        act=MembershipAct.ADMITTED,
        union=union,
    )
    Card.objects.create(membership=membership, issued_at=NOW - timedelta(days=100))
    return membership


def make_application(
    *,
    union: Union | None = None,
    state: str = ApplicationState.SUBMITTED,
    name: str = "王小芳",
    id_number: str | None = None,
    phone: str | None = None,
    group: str = "courier",
    region: str = "371502001001",
    door: str = "h5",
    started_at: datetime = NOW,
    due_at: datetime | None = NOW + timedelta(days=1),
    **fields: Any,
) -> Application:
    """Make an application in a state, with the union that has it; without acts and consents."""
    id_number, phone, key, identity = id_number or make_id_number(), phone or make_phone(), PersonKey.new(), new_id()
    waiting = state in {ApplicationState.SUBMITTED, ApplicationState.ACCEPTED, ApplicationState.RETURNED}
    application = Application(
        id=identity,
        number=application_number(started_at.date()),
        state=state,
        door_id=door,
        union=union,
        sealed_key=key.sealed,
        name=name,
        sealed_id=key.seal(id_number),
        id_digest=id_digest(id_number, fields.get("id_kind", "resident_id")),
        sealed_phone=key.seal(phone),
        phone_digest=phone_digest(phone),
        occupation_group_id=group,
        region_id=region,
        progress_digest=progress_digest(progress_token(identity)),
        started_at=started_at,
        confirmed_at=None if state == ApplicationState.UNCONFIRMED else started_at,
        due_at=due_at if waiting else None,
        **fields,
    )
    application.save(force_insert=True)
    return application


def worker_of(membership: Membership) -> Actor:
    """Return the member as actor, signed in; an account is made when there is none."""
    worker = membership.worker
    if worker.account is None:
        worker.account = make_account(name="")
        worker.save(update_fields=["account"])
    return worker_actor(worker.account, worker.pk)
