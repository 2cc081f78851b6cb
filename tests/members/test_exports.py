"""A person gets everything that is held; every personal field is registered."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from nuanxin.access.actions import send_code, trust_device
from nuanxin.access.actions.identities import link_identity
from nuanxin.access.actors import actor_of_key
from nuanxin.access.models import Account
from nuanxin.access.states import CodePurpose
from nuanxin.activities.models import (
    Arrival,
    CalendarFeed,
    CheckResult,
    Companion,
    EventConsent,
    EventPhoto,
    EventPhotoPerson,
)
from nuanxin.benefits.models import Claim, ClaimStep, CouponClash, CouponGift, Insured, PackRight, PolicyRow, Redemption
from nuanxin.bookings.models import Booking, Waiting
from nuanxin.catalog.models import Delivery, Service
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members import retention
from nuanxin.members.actions.cards import issue_code, verify
from nuanxin.members.actions.corrections import correct_name
from nuanxin.members.actions.exports import as_json, export_of_person
from nuanxin.members.actions.memberships import File, suspend
from nuanxin.members.models import (
    ApplicationAct,
    AssuranceProof,
    Card,
    CeremonyGuest,
    Consent,
    Contest,
    DuplicateKey,
    Filing,
    Lapse,
    Membership,
    MembershipEntry,
    Merge,
    PhoneRelease,
    RosterRow,
    TransferAnswer,
    TransferRequest,
    Worker,
    WorkerOccupation,
)
from nuanxin.members.queries.held import PARTS
from nuanxin.messages.actions import notify
from nuanxin.messages.actions.choices import choose_ways, remember_weixin
from nuanxin.organizations.models import Union
from nuanxin.records.models import AuditEntry
from nuanxin.records.retention import ANCHORS, METHODS, register
from nuanxin.regions.models import Region
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories import NOW
from tests.factories.access import actor_for, make_account, make_client, make_device
from tests.factories.catalog import make_service
from tests.factories.cells import make_cell_transfer
from tests.factories.ceremonies import make_ceremony
from tests.factories.credentials import make_credentials
from tests.factories.duplicates import make_duplicate
from tests.factories.filling import fill
from tests.factories.formation import make_offer
from tests.factories.members import make_application, make_id_number, make_member, worker_of
from tests.factories.organizations import Tree, make_tree
from tests.factories.rosters import make_roster

PERSONAL = ("name", "pinyin", "initials", "birth_on", "sex", "employer_name", "reason", "evidence", "reasons")


@pytest.mark.django_db
def test_a_worker_gets_everything_and_nobody_elses() -> None:
    tree, id_number = make_tree(), make_id_number()
    clerk = actor_for("registrar", union=tree.county)
    member = make_member(union=tree.couriers, id_number=id_number, phone="15400000001", name="王小方")
    other = make_member(union=tree.couriers, name="李别人", phone="15400000002")
    sent = make_application(union=tree.couriers, id_number=id_number, phone="15400000001", state="refused")
    Consent.objects.create(application=sent, kind="processing", version="2026-11-01", given_at=NOW)
    me = worker_of(member)
    correct_name(actor=clerk, number=member.number, name="王小芳", evidence="身份证", now=NOW)
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", now=NOW)
    code = issue_code(actor=actor_of_key(make_client()[1], NOW), number=member.number, now=NOW).code
    verify(actor=actor_of_key(make_device(union=tree.city)[1], NOW), code=code, now=NOW)
    assert me.account_id is not None
    notify(account_id=me.account_id, template="membership.suspended", values={"reason": "未缴"}, fact="x", now=NOW)

    export = export_of_person(actor=me, now=NOW)

    assert (export["person"]["id_number"], export["person"]["phone"]) == (id_number, "15400000001")
    assert [row["number"] for row in export["memberships"]] == [member.number]
    assert [row["act"] for row in export["membership_entries"]] == ["admitted", "suspended"]
    assert export["membership_entries"][1]["reason"] == "六个月未缴会费"
    assert [row["answer"] for row in export["card_checks"]] == ["suspended"]
    assert [row["id_number"] for row in export["applications"]] == [id_number]
    assert [row["kind"] for row in export["consents"]] == ["processing"]
    assert len(export["notices"]) == 1
    values = [row["values"] for row in export["audit"] if row["action"] == "members.name_corrected"]
    assert values == [{"before": "王小方", "after": "王小芳", "evidence": "身份证"}]
    assert {"texts", "phone_codes", "trusted_devices", "attachments", "cards"} <= set(export)
    text = as_json(export).decode()
    assert json.loads(text) == json.loads(json.dumps(export, default=str))
    assert other.number not in text
    assert "李别人" not in text
    assert clerk.name not in text
    assert AuditEntry.objects.filter(action="members.exported", subject_id=member.worker_id).count() == 1


@pytest.mark.django_db
def test_nobody_else_gets_it_whatever_the_post() -> None:
    tree = make_tree()
    make_member(union=tree.couriers)
    with pytest.raises(NotSignedIn):
        export_of_person(actor=actor_for("administrator", union=tree.nation), now=NOW)
    assert not AuditEntry.objects.filter(action="members.exported").exists()


#: Secrets of the installation, and what only finds or signs: no use to the person, and a help to a thief.
SECRET = (
    "_digest",
    "_key",
    "sha256",
    "password",
    "terms",
    "session_data",
    "handle",
    "key",
    "sealed_content",
    "snapshot",
)
#: Emptied once the message was sent to the person's own phone; before that, a code in it would help a thief.
ON_ITS_WAY = {
    "notices.TextMessage.sealed_address",
    "notices.TextMessage.sealed_values",
    "notices.TextMessage.sealed_text",
    "members.CellTransfer.sealed_package",
    "members.CellMessage.sealed_body",
    "members.CellClaim.digest",
}
#: Told under another name: unsealed, as words, or by the thing it points at.
TOLD = {
    "sealed_id": "id_number",
    "sealed_phone": "phone",
    "sealed_address": "address",
    "sealed": "values",
    "employer": "employer",
    "employer_name": "employer",
    "account": "account",
    "values": "text",
    "sealed_words": "words",
    "sealed_cells": "cells",
    "sealed_payload": "payload",
    "sealed_values": "values",
    "source_id": "source",
}


#: Found by a moment, and shared with nobody: the answer to a repeated request is gone within two days.
NOT_EXPORTED = {"records.IdempotencyKey"}


@pytest.fixture
def export() -> dict[str, Any]:
    """Return the export of somebody of whom every table of the register holds something."""
    tree = make_tree()
    clerk = actor_for("registrar", union=tree.county)
    member = make_member(union=tree.couriers, phone="15400000001", employer_name="张记")
    me, card = worker_of(member), member.cards.get()
    account = member.worker.account
    assert account is not None
    application = make_application(union=tree.couriers, worker=member.worker, state="refused", closed_at=NOW)
    act = {"application": application, "at": NOW, "union": tree.couriers}
    ApplicationAct.objects.create(act="refused", reason="未能核实", **act)
    sealed = PersonKey(application.sealed_key).seal("我在这里上班")
    asked = {"asked_at": NOW, "due_at": NOW}
    contest = Contest.objects.create(
        application=application, kind="refusal", sealed_words=sealed, against=tree.couriers, union=tree.county, **asked
    )
    Lapse.objects.create(application=application, contest=contest, union=tree.county, limit_at=NOW, at=NOW)
    moved = {"membership": member, "application": application, "from_union": tree.couriers, "to_union": tree.village}
    transfer = TransferRequest.objects.create(reasons=[{"rule": "region"}], offered_at=NOW, **moved)
    TransferAnswer.objects.create(request=transfer, side="new", answer="refused", reason="不在本地", at=NOW)
    entry = MembershipEntry.objects.get(membership=member)
    twin = make_member(union=tree.couriers)
    pair = make_duplicate(member, twin, union=tree.county)
    DuplicateKey.objects.create(worker=member.worker, reads="fang wang xiao", birth_on=member.worker.birth_on)
    Merge.objects.create(
        duplicate=pair, kept=member.worker, dropped=twin.worker, union=tree.county, merged_at=NOW, reason="同一人"
    )
    make_cell_transfer(member)
    Filing.objects.create(entry=entry, union=tree.county, remark="已备案", filed_at=NOW)
    held = {"holder": member.worker, "application": application, "phone_digest": member.worker.phone_digest}
    PhoneRelease.objects.create(union=tree.county, reason="号码转让", **held, **asked)
    AssuranceProof.objects.create(
        worker=member.worker, at=NOW, act="raised", level="seen", source="desk", evidence="身份证原件"
    )
    WorkerOccupation.objects.create(worker=member.worker, group_id="courier", valid_from=NOW.date())
    _keep_of_other_doors(tree, member)
    Card.objects.filter(pk=card.pk).update(printed_at=NOW)
    issue_code(actor=actor_of_key(make_client()[1], NOW), number=member.number, now=NOW)
    (offline,) = make_credentials(me, now=NOW)
    verify(actor=actor_of_key(make_device(union=tree.city)[1], NOW), code=offline.code_at(NOW), now=NOW)
    file = File("证明.pdf", b"%PDF-1.4 proof")
    suspend(actor=clerk, number=member.number, reason="六个月未缴会费", file=file, now=NOW)
    notify(account_id=account.pk, template="membership.suspended", values={"reason": "未缴"}, fact="x", now=NOW)
    send_code(purpose=CodePurpose.SIGN_IN, phone="15400000001", now=NOW)
    choose_ways(actor=me, chosen={"progress": ["sms"]}, now=NOW)
    remember_weixin(account_id=account.pk, openid="openid-1", now=NOW)
    trust_device(account=account, now=NOW, label="我的手机")
    link_identity(actor=me, account=account, platform="weixin", digests=[b"someone"], now=NOW)
    Client().force_login(account, backend=PHONE_CODE)
    return export_of_person(actor=me, now=timezone.now())


def _keep_of_other_doors(tree: Tree, member: Membership) -> None:
    """Keep a row of a roster, a guest's place, what a licensing office told of the member, and what services hold."""
    _keep_of_services(tree, member)
    worker, roster = member.worker, make_roster(union=tree.couriers)
    digests = {"id_digest": bytes(worker.id_digest), "phone_digest": bytes(worker.phone_digest or b"")}
    cells = PersonKey(roster.sealed_key).seal("王小芳\x1f15400000001")
    RosterRow.objects.create(
        roster=roster, line=2, outcome="member", union=tree.couriers, membership=member, sealed_cells=cells, **digests
    )
    ceremony = make_ceremony(union=tree.couriers)
    CeremonyGuest.objects.create(
        ceremony=ceremony, position=90, name="王小芳", phone_digest=worker.phone_digest, added_at=NOW
    )
    make_offer(union=tree.couriers, **digests)


def _keep_of_services(tree: Tree, member: Membership) -> None:
    """Keep one of everything that services hold of the member, a check-up report with it."""
    key = PersonKey(member.worker.sealed_key)
    known: dict[Any, Any] = {Worker: member.worker, Membership: member, Union: tree.couriers, Account: make_account()}
    known |= {Service: make_service(union=tree.city), Region: member.worker.region}
    words = {"sealed_words": key.seal("摔倒")}
    for model, given in (
        (Booking, {"number": "B1"}),
        (Waiting, {}),
        (Delivery, {"worker": member.worker}),
        (Insured, {"name": member.worker.name, "sealed_id": member.worker.sealed_id}),
        (Claim, words | {"sealed_account": key.seal("6222")}),
        (ClaimStep, words),
        (CheckResult, {"sealed_report": key.seal_bytes(b"%PDF-1.7 \xff"), "sealed_finding": key.seal("ok")}),
        (Companion, {"sealed_name": key.seal("张"), "sealed_relation": key.seal("子")}),
        (Arrival, {"worker": member.worker}),
        (PackRight, {}),
        (Redemption, {}),
        (CouponGift, {}),
        (CouponClash, {"worker": member.worker}),
        (CalendarFeed, {}),
        (EventConsent, {}),
        (EventPhoto, {}),
    ):
        row = fill(model, known, **given)
        if model is Insured:
            fill(PolicyRow, known, insured=row)
    EventPhotoPerson.objects.create(photo=known[EventPhoto], consent=known[EventConsent])


def left_out(export: dict[str, Any]) -> list[str]:
    """Return the tables of the register of which an export says nothing, and the fields, secrets apart."""
    further: dict[str, list[dict[str, object]]] = {}
    for row in export["further"]:
        further.setdefault(row["data"], []).append(row)
    missing = []
    for line in register():
        if not line.found_by or line.model in NOT_EXPORTED:
            continue
        part = export.get(PARTS[line.model]) if line.model in PARTS else further.get(line.model)
        rows = [part] if isinstance(part, dict) else part
        if not rows:
            missing.append(line.model)
            continue
        keys = set().union(*(row.keys() for row in rows))
        for name in line.names:
            known = TOLD.get(name, name)
            if not _is_secret(name) and not {known, f"{known}_id", name.removeprefix("sealed_")} & keys:
                missing.append(f"{line.model}.{name}")
    return sorted({*missing} - ON_ITS_WAY)


@pytest.mark.django_db
def test_no_table_of_the_register_is_left_out_and_no_field_but_secrets(export: dict[str, Any]) -> None:
    assert left_out(export) == []
    assert export["contests"][0]["words"] == "我在这里上班"
    assert [(row["union_name"], row["contest_kind"]) for row in export["lapses"]] == [("东昌府区总工会", "refusal")]
    assert [row["minute"] for row in export["credential_uses"]] == [NOW.hour * 60 + NOW.minute]
    assert json.loads(as_json(export))
    (report,) = [each for each in export["further"] if each["data"] == "activities.CheckResult"]
    assert (base64.b64decode(report["report"]), report["finding"]) == (b"%PDF-1.7 \xff", "ok")
    (row,) = [each for each in export["further"] if each["data"] == "members.RosterRow"]
    assert row["cells"] == "王小芳 | 15400000001"


@pytest.mark.django_db
def test_the_walk_sees_what_is_left_out(export: dict[str, Any]) -> None:
    tables = {line.model for line in register() if line.found_by} - NOT_EXPORTED
    for table in tables:
        part = PARTS.get(table)
        without = {name: value for name, value in export.items() if name != part}
        without["further"] = [row for row in export["further"] if row["data"] != table]
        assert table in left_out(without), table
    for row in export["contests"]:
        del row["words"]
    assert left_out(export) == ["members.Contest.sealed_words"]


def _is_secret(name: str) -> bool:
    return any(part in name for part in SECRET) or name == "group"


#: Called like a person's, but a registry's name and a file's fingerprint.
NO_PERSONS = {("members.Cell", "name"), ("members.Roster", "file_digest")}


def _is_personal(name: str) -> bool:
    return name in PERSONAL or name.startswith("sealed_") or name.endswith(("_digest", "_reason"))


def test_every_personal_field_is_registered_once_and_exists() -> None:
    registered = [(entry.model, name) for entry in retention.FIELDS for name in entry.names]
    assert len(registered) == len(set(registered))
    models = {model._meta.label: model for model in apps.get_app_config("members").get_models()}
    there = {(label, field.name) for label, model in models.items() for field in model._meta.concrete_fields}
    assert set(registered) <= there
    assert {(label, name) for label, name in there if _is_personal(name)} - NO_PERSONS <= set(registered)


def test_the_walk_sees_a_field_that_nobody_registered() -> None:
    assert _is_personal("sealed_bank")
    assert _is_personal("bank_digest")
    assert not _is_personal("number")


def test_every_line_of_the_register_can_be_carried_out() -> None:
    for line in register():
        model = apps.get_model(line.model)
        assert line.erase in METHODS, line
        for name in line.names:
            model._meta.get_field(name)
        for lookup, anchor in line.found_by:
            assert anchor in ANCHORS, line
            model._default_manager.filter(**{f"{lookup}__in": []})  # refuses a path that leads nowhere
        assert line.found_by or line.due or line.model in NOBODYS, f"{line.model} is found by nothing and never ends"


#: What belongs to no worker: contacts at work, cadres' reasons, keys of lists whose rows end by themselves.
NOBODYS = {
    "organizations.Union",
    "organizations.Enterprise",
    "organizations.Partner",
    "organizations.PartnerPlace",
    "access.StaffSession",
    "access.PartnerStaff",
    "access.Absence",
    "members.Roster",
}


#: Sealed, but no person's: what apps and machines sign with, what firms are sent and answer, why a bus did not come.
OF_MACHINES = {
    ("organizations.Door", "sealed_secret"),
    ("formation.PermitSource", "sealed_secret"),
    ("formation.Invitation", "sealed_token"),
    ("formation.Invitation", "sealed_code"),
    ("formation.Invitation", "reason"),
    ("benefits.Insurer", "sealed_secret"),
    ("bookings.Draw", "sealed_seed"),
    ("activities.BusDay", "reason"),
}


def test_nothing_personal_is_unregistered_on_any_floor() -> None:
    listed = {(line.model, name) for line in register() for name in line.names}
    there = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if model.__module__.startswith("nuanxin.")
        for field in model._meta.concrete_fields
        if _is_a_word(field.name)
    }
    assert there - listed - OF_MACHINES == set()


def _is_a_word(name: str) -> bool:
    """Answer whether a field of any floor holds what people say, or what stands for a person."""
    return name.startswith("sealed") or name.endswith(("reason", "evidence", "words", "phone_digest", "id_digest"))
