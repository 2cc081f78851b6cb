"""Every address of every door × nobody, a worker, another union's cadre, the same union without the verb, the right
person; safe and unsafe methods. The table is `matrix.py`; an address that it does not name fails here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django import DjangoDbBlocker

from nuanxin.access.actors import anonymous
from nuanxin.access.models import Absence, Post, Role
from nuanxin.access.states import Permission
from nuanxin.formation.actions.receiving import receive_permit
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.memberships import File
from nuanxin.members.models import Contest, Filing, PhoneRelease, TransferRequest
from nuanxin.members.queries.applications import progress_token
from nuanxin.organizations.models import Door, OccupationSet
from nuanxin.records.models import Attachment
from nuanxin.web.kit.sessions import PHONE_CODE
from nuanxin.wiring import connect
from tests.factories import NOW
from tests.factories.access import make_account, make_client, make_device, make_post, make_roles, make_token, sign_in
from tests.factories.catalog import make_delivery, make_service, make_target
from tests.factories.ceremonies import make_ceremony
from tests.factories.coupons import coupon_things
from tests.factories.draws import make_draw
from tests.factories.duplicates import make_duplicate
from tests.factories.formation import make_source, permit_of
from tests.factories.members import make_application, make_member, worker_of
from tests.factories.notices import make_chat, make_text
from tests.factories.organizations import make_admission_rule, make_enterprise, make_tree, make_union
from tests.factories.partners import partner_things
from tests.factories.rosters import make_roster
from tests.house.cases import Case
from tests.house.matrix import CASES
from tests.web.api.rows import written

PEOPLE = ("nobody", "worker", "stranger", "without", "right")
_serial = count(1)


def addresses(at: Any = None, space: str = "") -> Iterator[str]:
    """Yield the full name of every address of ours."""
    for pattern in (at or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            assert isinstance(pattern, URLPattern)
            yield f"{space}{pattern.name}"


def test_every_address_is_in_the_table_and_the_table_names_no_other() -> None:
    assert sorted(set(addresses())) == sorted(CASES)


@dataclass
class World:
    """One city with a thing of each kind, and people around it."""

    city: Any
    root: Any
    firm: Any
    other: Any
    member_row: Any
    union: str
    enterprise: UUID
    application: str
    member: str
    token: str
    rule: UUID
    occupation_set: str
    account: UUID
    post: UUID
    absence: UUID
    client: UUID
    client_key: str
    other_key: str
    blind_key: str
    device: UUID
    release: UUID
    contest: UUID
    contest_file: UUID
    roster: UUID
    transfer: UUID
    filing: UUID
    duplicate: UUID
    permit: UUID
    ceremony: str
    invitation: str
    text: UUID
    chat: UUID
    nothing: UUID
    door: str
    partner: UUID
    contract: UUID
    partner_place: UUID
    partner_device: UUID
    partner_staff: UUID
    stock: UUID
    coupon_kind: UUID
    coupon_gift: UUID
    coupon_clash: UUID
    redemption: UUID
    settlement: str
    service: str
    target: UUID
    delivery: UUID
    lottery: str


def _contest(application: Any, decides: Any) -> Contest:
    """Contest the routing, with a file; the union that decides is given: nobody has a post there yet."""
    contest = contest_application(
        actor=anonymous(),
        application=application,
        kind="routing",
        words="我不在这个工会的范围",
        file=File("a.pdf", b"%PDF-1.7 proof"),
        now=NOW,
    )
    Contest.objects.filter(pk=contest.pk).update(union=decides)
    return contest


def _moves(member: Any, tree: Any) -> dict[str, Any]:
    """Ask for a transfer within the city, and report an act to the county."""
    transfer = TransferRequest.objects.create(
        membership=member,
        from_union=tree.couriers,
        to_union=tree.township,
        state="requested",
        offered_at=NOW,
        due_at=NOW + timedelta(days=3650),
    )
    filing = Filing.objects.create(entry=member.entries.get(), union=tree.county, filed_at=NOW)
    return {"transfer": transfer.pk, "filing": filing.pk}


def _release(member: Any, tree: Any) -> PhoneRelease:
    """Ask for a phone that the member holds."""
    held = make_application(state="phone_held", due_at=NOW + timedelta(days=3))
    return PhoneRelease.objects.create(
        application=held,
        holder=member.worker,
        phone_digest=held.phone_digest,
        union=tree.county,
        asked_at=NOW,
        due_at=NOW + timedelta(days=3),
    )


def _formation(tree: Any) -> dict[str, Any]:
    """Keep a message of a licensing system that failed, and one that invited a firm."""
    source = make_source(union=tree.city)
    failed = receive_permit(source=source, body=permit_of(region_code="371599"), now=NOW)
    done = receive_permit(source=source, body=permit_of(), now=NOW)
    assert done.invitation is not None
    ceremony = make_ceremony(union=tree.couriers, state="open")
    return {"ceremony": ceremony.number, "permit": failed.pk, "invitation": done.invitation.number}


def _city_door(tree: Any) -> str:
    names = {"code": "city_app", "kind": "gov_app", "name": "市", "name_en": "City"}
    return str(Door.objects.create(**names, union=tree.city, opened_on="2026-01-01").pk)


def _told(tree: Any) -> dict[str, Any]:
    """Fail to send a text, and name a chat of cadres."""
    text = make_text(state="failed", attempts=5, union_id=tree.couriers.pk)
    return {"text": text.pk, "chat": make_chat(union=tree.couriers).pk}


def _served(tree: Any, member: Any) -> dict[str, Any]:
    """Serve the member once by a service of the city, which has a target for it."""
    service = make_service(union=tree.city)
    target = make_target(union=tree.city, service=service)
    return {"service": service.pk, "target": target.pk, "delivery": make_delivery(service, member)}


def _absence(post: Post) -> Absence:
    return Absence.objects.create(
        post=post, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=3650), delegate=make_account()
    )


def _roles() -> None:
    make_roles()
    Role.objects.create(code="everything", name="全部", name_en="Everything", permissions=list(Permission.values))


def _build() -> World:
    connect()
    _roles()
    tree = make_tree()
    firm = make_enterprise(region="371502", union=tree.couriers)
    other = make_union(parent=tree.nation, region="110101", name="东城区总工会")
    door = Door.objects.get(pk="gov_app")
    client, key = make_client(door=door)
    application = make_application(union=tree.couriers, employer=firm, client_id=client.pk, door="gov_app")
    application.consents.create(kind="employer", version="1", given_at=NOW)
    member = make_member(union=tree.couriers)
    worker_of(member)
    contest = _contest(application, tree.city)
    post = make_post(role="reviewer", union=tree.couriers)
    return World(
        city=tree.city,
        root=tree.nation,
        door=_city_door(tree),
        firm=firm,
        other=other,
        member_row=member,
        union=tree.couriers.code,
        enterprise=firm.pk,
        application=application.number,
        member=member.number,
        token=progress_token(application.id),
        rule=make_admission_rule(union=tree.couriers).pk,
        occupation_set=OccupationSet.objects.first().pk,  # type: ignore[union-attr]
        account=post.account_id,
        post=post.pk,
        absence=_absence(post).pk,
        client=client.pk,
        client_key=key,
        other_key=make_client(door=Door.objects.get(pk="counter"))[1],
        blind_key=make_client(door=door, scopes=["tallies.read"])[1],
        device=make_device(union=tree.city)[0].pk,
        release=_release(member, tree).pk,
        contest=contest.pk,
        **_moves(member, tree),
        contest_file=Attachment.objects.get(subject_id=contest.pk).pk,
        roster=make_roster(union=tree.couriers).pk,
        duplicate=make_duplicate(member, make_member(union=tree.township), union=tree.county).pk,
        **_formation(tree),
        **_served(tree, member),
        **(partner_things(tree.city) | coupon_things(tree.city, member)),
        **_told(tree),
        lottery=make_draw(union=tree.city).offer.number,
        nothing=uuid4(),
    )


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Build the world once, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _build()
        transaction.set_rollback(True)


@pytest.fixture
def world(standing: World, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Undo what the right person did, after each address."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield standing
        transaction.set_rollback(True)
    cache.clear()


def _post(world: World, at: str, permissions: list[str], *, elsewhere: bool) -> Post:
    role = Role.objects.create(code=f"role{next(_serial)}", name="岗", name_en="Post", permissions=permissions)
    if at == "enterprise":
        return make_post(role=role.code, enterprise=make_enterprise(region="110101") if elsewhere else world.firm)
    return make_post(role=role.code, union=world.other if elsewhere else world.root if at == "root" else world.city)


def _worker(member: Any) -> Client:
    client = Client(raise_request_exception=False)
    worker_of(member)
    client.force_login(member.worker.account, backend=PHONE_CODE)
    return client


def _caller(world: World, name: str, case: Case, person: str) -> tuple[Client, dict[str, str]]:
    """Return the browser or the key of one of the five people."""
    client = Client(raise_request_exception=False)
    if person == "nobody":
        return client, {}
    if person == "worker" or (case.at == "worker" and person == "right"):
        own = case.at == "worker"
        return _worker(world.member_row if own else make_member(union=world.other, region="110101001001")), {}
    if case.at == "machine" and (person != "stranger" or case.stranger == 404):
        key = {"stranger": world.other_key, "without": world.blind_key, "right": world.client_key}[person]
        return client, {"Authorization": f"Bearer {key}"}
    permissions = [each for each in Permission.values if person != "without" or each not in (case.verb, case.also)]
    post = _post(world, case.at, permissions, elsewhere=person == "stranger" and case.at != "machine")
    if name.startswith("api:"):
        return client, {"Authorization": f"Bearer {make_token(post=post)[1]}"}
    sign_in(client, post.account)
    return client, {}


#: How a door answers who may not: nobody at all, a worker, and a cadre without the verb.
_REFUSALS = {"desk": (302, 302, 403), "worker": (302, 200, 302), "api": (401, 403, 403)}


def refusal(name: str, case: Case, person: str) -> int | None:
    """Return the status with which a person is turned away, or None when the address is open to them."""
    if case.at == "anybody" or person == "right":
        return None
    nobody, worker, without = _REFUSALS[name.split(":", 1)[0]]
    usual = {
        "nobody": nobody,
        "worker": worker,
        "stranger": 404 if case.things else 200,
        "without": without if case.verb or case.at == "machine" else 200,
    }[person]
    found: int | None = getattr(case, person)
    status = usual if found is None else found
    return None if status == 200 else status


@pytest.mark.parametrize("name", sorted(CASES))
def test_permission_matrix(world: World, name: str) -> None:
    case = CASES[name]
    things = {part: thing(world) if callable(thing) else thing for part, thing in case.things.items()}
    address = reverse(name, kwargs=things) + case.query
    for person in PEOPLE:
        client, headers = _caller(world, name, case, person)
        turned_away = refusal(name, case, person)
        for method in case.methods.split() if case.shared else ("GET", "POST"):
            where = f"{person}: {method} {address}"
            before = written()
            with transaction.atomic():
                answer = _ask(client, name, case, method, address, headers)
                if turned_away is not None:
                    assert written() == before, where
                transaction.set_rollback(True)
            assert answer.status_code < 500 or name == "open:readyz", where
            if turned_away is not None:
                allowed = {turned_away} if method in case.methods.split() else {turned_away, 405}
                assert answer.status_code in allowed, (where, answer.status_code)
                if answer.status_code == 302:
                    assert _is_sign_in(answer) or name == "worker:messages_read", (where, answer.url)
            elif method in case.methods.split():
                _check_let_in(case, person, method, answer, where)


def _ask(client: Client, name: str, case: Case, method: str, address: str, headers: dict[str, str]) -> Any:
    if method == "GET":
        return client.get(address, headers=headers)
    if name.startswith("api:"):
        given = headers | {"Idempotency-Key": "a"}
        return client.post(address, case.body, content_type="application/json", headers=given)
    return client.post(address, case.body, headers=headers)


def _is_sign_in(answer: Any) -> bool:
    return str(answer.headers["Location"]).startswith(("/desk/sign-in/", "/sign-in/"))


def _check_let_in(case: Case, person: str, method: str, answer: Any, where: str) -> None:
    if method == "GET":
        assert answer.status_code in (case.get if isinstance(case.get, tuple) else (case.get,)), (
            where,
            answer.status_code,
        )
    elif person == "right" and case.right:
        assert answer.status_code in case.right, (where, answer.status_code)
    elif case.at != "anybody":
        assert answer.status_code not in {401, 403, 404, 405}, (where, answer.status_code)
        assert answer.status_code != 302 or not _is_sign_in(answer) or "sign" in where, where


def test_a_change_would_be_seen(world: World) -> None:
    """The control: what the right person does shows in the count that a refusal must leave alone."""
    case = CASES["api:decision"]
    client, headers = _caller(world, "api:decision", case, "right")
    before = written()
    with transaction.atomic():
        answer = _ask(
            client, "api:decision", case, "POST", f"/api/v1/applications/{world.application}/decision", headers
        )
        changed = {name for name, times in written().items() if times != before.get(name, 0)}
        transaction.set_rollback(True)
    assert answer.status_code == 200
    assert changed >= {"members_application", "members_membership", "records_auditentry"}
