"""Applying: proof of the phone, one person one application, nothing told to strangers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.access.actors import Actor
from nuanxin.insight.models import TallyDelta
from nuanxin.kernel.refusals import Invalid, NotAllowed, NotFound, TooMany
from nuanxin.members.actions.apply import (
    AlreadyMember,
    OtherPhone,
    Sent,
    confirm_application,
    start_application,
    submit_proved,
)
from nuanxin.members.actions.clockwork import drop_unconfirmed
from nuanxin.members.models import Application, ApplicationAct, Consent, PhoneRelease, TransferRequest
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.members.states import ConsentKind
from nuanxin.organizations.models import Door
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import make_client
from tests.factories.members import make_fields, make_member
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to, texts_to

CONSENTS = [ConsentKind.PROCESSING, ConsentKind.IDENTITY]


def start(actor: Actor, raw: dict[str, Any], **options: Any) -> Sent:
    usual: dict[str, Any] = {"door": "h5", "consents": CONSENTS, "consent_version": CONSENT_VERSION, "now": NOW}
    return start_application(actor=actor, raw=raw, **usual | options)


def confirm(actor: Actor, sent: Sent, phone: str) -> Sent:
    number = sent.application.number
    return confirm_application(actor=actor, number=number, code=code_sent_to(phone), now=NOW + timedelta(minutes=1))


def counted() -> list[int]:
    return [model.objects.count() for model in (Application, ApplicationAct, Consent, AuditEntry, TallyDelta)]


def test_a_courier_is_routed_once_the_phone_is_proved(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    sent = start(nobody, raw)
    assert (sent.application.state, sent.application.union, sent.application.reasons) == ("unconfirmed", None, [])
    assert TallyDelta.objects.count() == 0
    done = confirm(nobody, sent, raw["phone"]).application
    done.refresh_from_db()
    assert (done.state, done.union, done.hops) == ("submitted", tree.couriers, 0)
    assert [step["rule"] for step in done.reasons] == ["no_employer", "industry_federation"]
    assert f"{done.due_at:%Y-%m-%d %H:%M}" == "2026-11-24 09:30"  # next working day at 17:30 in China
    assert [act.act for act in done.acts.all()] == ["submitted"]
    assert sorted(done.consents.values_list("kind", flat=True)) == ["identity", "processing"]
    assert list(TallyDelta.objects.values_list("union_path", "applications")) == [(tree.couriers.path, 1)]
    assert tree.couriers.name in texts_to(raw["phone"])[-1]


def test_the_scanned_union_wins_where_its_rule_covers(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    sent = start(nobody, raw, scanned_code=tree.township.code, door="poster")
    assert confirm(nobody, sent, raw["phone"]).application.union_id == tree.township.pk


def test_a_scanned_code_of_no_union_is_as_good_as_none(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    sent = start(nobody, raw, scanned_code="NOSUCH00")
    assert confirm(nobody, sent, raw["phone"]).application.union_id == tree.couriers.pk


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": ""}, "name", "missing"),
        ({"name": "王" * 51}, "name", "too_long"),
        ({"name": 7}, "name", "wrong_type"),
        ({"name": "王😀"}, "name", "bad_name"),
        ({"name": "王\u202e芳"}, "name", "bad_characters"),
        ({"name": "王\x00芳"}, "name", "bad_characters"),
        ({"name": "王\ud800芳"}, "name", "bad_characters"),
        ({"name": "<b>王芳</b>"}, "name", "bad_name"),
        ({"name": "王'; DROP TABLE x"}, "name", "bad_name"),
        ({"id_number": None}, "id_number", "missing"),
        ({"id_number": "37150219900315000"}, "id_number", "bad_id_format"),
        ({"id_number": "371502199003150011"}, "id_number", "bad_id_check"),
        ({"id_number": "371502209903150012"}, "id_number", "bad_id_birth"),
        ({"id_number": "991502199003150018"}, "id_number", "other_kind"),
        ({"id_number": "011502199003150018"}, "id_number", "bad_id_area"),
        ({"id_number": {"a": 1}}, "id_number", "wrong_type"),
        ({"id_kind": "passport"}, "id_kind", "unknown_choice"),
        ({"phone": "12345678901"}, "phone", "bad_phone"),
        ({"phone": "154" * 400}, "phone", "too_long"),
        ({"occupation_group": "astronaut"}, "occupation_group", "unknown_choice"),
        ({"occupation_group": ""}, "occupation_group", "missing"),
        ({"region_code": "3715"}, "region_code", "region_too_wide"),
        ({"region_code": "37150299"}, "region_code", "bad_region"),
        ({"region_code": "371599"}, "region_code", "unknown_region"),
        ({"employer_credit_code": "91371500MA0000000Y"}, "employer_credit_code", "bad_credit_check"),
        ({"platform": "nosuch"}, "platform", "unknown_choice"),
    ],
)
def test_bad_fields_are_named_and_change_nothing(
    tree: Tree, nobody: Actor, changes: dict[str, Any], field: str, code: str
) -> None:
    before = counted()
    with pytest.raises(Invalid) as refused:
        start(nobody, make_fields(**changes))
    assert [(error.field, error.code) for error in refused.value.errors] == [(field, code)]
    assert counted() == before


def test_all_errors_come_at_once(tree: Tree, nobody: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        start(nobody, {})
    assert [error.field for error in refused.value.errors] == [
        "name",
        "id_number",
        "phone",
        "occupation_group",
        "region_code",
    ]


def test_full_width_and_spaces_are_mended(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    wide = {ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}
    typed = raw | {
        "name": " 王 小　芳 ",
        "phone": f"+86 {raw['phone'][:3]}-{raw['phone'][3:]}".translate(wide),
        "id_number": " ".join(raw["id_number"]).translate(wide),
    }
    application = confirm(nobody, start(nobody, typed), raw["phone"]).application
    assert application.name == "王小芳"
    again = start(nobody, raw, now=NOW + timedelta(minutes=5))
    assert again.application.id_digest == application.id_digest


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"consents": [ConsentKind.PROCESSING]}, "identity"),
        ({"consents": []}, "identity"),
        ({"consent_version": "2020-01-01"}, "consent_version"),
        ({"door": "chimney"}, "door"),
    ],
)
def test_consent_and_door_are_needed(tree: Tree, nobody: Actor, options: dict[str, Any], field: str) -> None:
    before = counted()
    with pytest.raises(Invalid) as refused:
        start(nobody, make_fields(), **options)
    assert refused.value.field == field
    assert counted() == before


def test_a_wrong_code_routes_nothing(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    sent = start(nobody, raw)
    wrong = f"{(int(code_sent_to(raw['phone'])) + 1) % 1000000:06d}"
    with pytest.raises(Invalid) as refused:
        confirm_application(actor=nobody, number=sent.application.number, code=wrong, now=NOW)
    assert refused.value.code == "code_wrong"
    sent.application.refresh_from_db()
    assert sent.application.state == "unconfirmed"


def test_a_second_application_of_the_same_person_is_the_first(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    first = confirm(nobody, start(nobody, raw), raw["phone"])
    later = NOW + timedelta(minutes=5)
    second = start(nobody, raw, now=later)
    done = confirm_application(
        actor=nobody, number=second.application.number, code=code_sent_to(raw["phone"]), now=later
    )
    assert (done.application.pk, done.token) == (first.application.pk, first.token)
    assert Application.objects.count() == 1


def test_the_same_identity_with_another_phone_is_told_whom_to_call(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    confirm(nobody, start(nobody, raw), raw["phone"])
    other = raw | {"phone": make_fields()["phone"]}
    sent = start(nobody, other)
    with pytest.raises(OtherPhone):
        confirm(nobody, sent, other["phone"])
    assert sorted(Application.objects.values_list("state", flat=True)) == ["submitted", "unconfirmed"]


def test_a_member_is_offered_a_transfer_after_proof_only(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    member = make_member(union=tree.township, id_number=raw["id_number"], phone=raw["phone"])
    stranger = make_fields()
    known, unknown = start(nobody, raw), start(nobody, stranger)
    assert (known.application.state, known.application.worker) == (unknown.application.state, None)
    done = confirm(nobody, known, raw["phone"]).application
    assert (done.state, done.union) == ("known_member", None)
    offered = TransferRequest.objects.get(application=done)
    assert (offered.membership, offered.to_union, offered.state) == (member, tree.couriers, "offered")


def test_a_phone_of_another_person_goes_to_the_county(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    holder = make_member(union=tree.township, phone=raw["phone"]).worker
    done = confirm(nobody, start(nobody, raw), raw["phone"]).application
    release = PhoneRelease.objects.get(application=done)
    assert (done.state, release.holder, release.union, release.state) == ("phone_held", holder, tree.county, "open")


def test_unconfirmed_applications_are_gone_after_a_day_and_block_nobody(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    start(nobody, raw)
    assert drop_unconfirmed(now=NOW + timedelta(hours=23)) == 0
    assert drop_unconfirmed(now=NOW + timedelta(hours=24, minutes=1)) == 1
    assert Application.objects.count() == 0


def test_too_many_tries_for_one_identity_are_refused(tree: Tree, nobody: Actor) -> None:
    raw = make_fields()
    for _number in range(5):
        start(nobody, raw | {"phone": make_fields()["phone"]})
    with pytest.raises(TooMany):
        start(nobody, raw | {"phone": make_fields()["phone"]})
    assert Application.objects.count() == 5


def test_a_machine_that_proves_phones_is_answered_at_once(tree: Tree) -> None:
    client, _key = make_client(door=Door.objects.get(pk="gov_app"))
    actor = client_actor(client)
    options: dict[str, Any] = {
        "door": "gov_app",
        "consents": CONSENTS,
        "consent_version": CONSENT_VERSION,
        "client_id": client.pk,
    }
    sent = submit_proved(actor=actor, raw=make_fields(), now=NOW, **options)
    assert (sent.application.state, sent.application.union_id) == ("submitted", tree.couriers.pk)


def test_a_machine_is_told_of_a_member_and_leaves_no_trace(tree: Tree) -> None:
    raw = make_fields()
    make_member(union=tree.township, id_number=raw["id_number"], phone=raw["phone"])
    client, _key = make_client(door=Door.objects.get(pk="gov_app"))
    options: dict[str, Any] = {
        "door": "gov_app",
        "consents": CONSENTS,
        "consent_version": CONSENT_VERSION,
        "client_id": client.pk,
    }
    before = counted()
    with pytest.raises(AlreadyMember):
        submit_proved(actor=client_actor(client), raw=raw, now=NOW, **options)
    assert counted() == before


def test_a_machine_without_the_scope_is_refused(tree: Tree) -> None:
    client, _key = make_client(door=Door.objects.get(pk="gov_app"), scopes=["applications.create"])
    options: dict[str, Any] = {
        "door": "gov_app",
        "consents": CONSENTS,
        "consent_version": CONSENT_VERSION,
        "client_id": client.pk,
    }
    before = counted()
    with pytest.raises(NotAllowed):
        submit_proved(actor=client_actor(client), raw=make_fields(), now=NOW, **options)
    assert counted() == before


def test_a_number_of_nothing_is_not_found(tree: Tree, nobody: Actor) -> None:
    with pytest.raises(NotFound):
        confirm_application(actor=nobody, number="2026112300000000", code="123456", now=NOW)


def client_actor(client: Any) -> Actor:
    return Actor(kind="client", source_id=client.pk, scopes=frozenset(client.scopes), door_code=client.door_id)
