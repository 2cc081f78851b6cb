"""Joining on the phone: three steps without a line of JavaScript, refused kindly, nothing lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from stdnum.cn import uscc

from nuanxin.members.models import Application, ApplicationDraft, PhoneRelease, TransferRequest
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.messages.models import TextMessage
from tests.factories import NOW
from tests.factories.members import make_fields, make_member, make_worker
from tests.factories.organizations import Tree, make_enterprise, national
from tests.factories.regions import make_liaocheng_regions
from tests.factories.texts import code_sent_to
from tests.web.worker.conftest import a_minute_later

#: Well-formed, and nobody's.
CREDIT_CODE = "91371502MA0000000" + uscc.calc_check_digit("91371502MA0000000")
PERSON = ("name", "id_number", "phone")
PLACE = ("occupation_group", "region_code", "employer_name", "employer_credit_code", "platform")
AGREED = {"pledge": "on", "processing": "on", "identity": "on", "consent_version": CONSENT_VERSION}


def fill_in(client: Client, fields: dict[str, Any]) -> None:
    """Go through steps 1 and 2."""
    first = client.post("/join/", {name: fields[name] for name in PERSON})
    assert (first.status_code, first["Location"]) == (302, "/join/place/")
    second = client.post("/join/place/", {name: fields.get(name, "") for name in PLACE} | {"go": "1"})
    assert (second.status_code, second["Location"]) == (302, "/join/send/")


def send(client: Client, fields: dict[str, Any]) -> str:
    """Go through all steps up to the page that asks for the code; return its address."""
    fill_in(client, fields)
    third = client.post("/join/send/", AGREED)
    assert third.status_code == 302
    return str(third["Location"])


def join(client: Client, fields: dict[str, Any]) -> str:
    """Join to the end; return the address of the progress page."""
    address = send(client, fields)
    done = client.post(address, {"code": code_sent_to(fields["phone"])})
    assert done.status_code == 302
    return str(done["Location"])


def test_a_courier_joins_in_three_steps(tree: Tree, client: Client) -> None:
    fields = make_fields()
    page = client.get(join(client, fields))
    application = Application.objects.get()
    assert (application.state, application.union_id, application.door_id) == ("submitted", tree.couriers.pk, "h5")
    assert f"您的申请已送到 {tree.couriers.name}" in page.content.decode()
    assert sorted(application.consents.values_list("kind", flat=True)) == ["identity", "processing"]
    assert not ApplicationDraft.objects.exists()


def test_a_scanned_poster_is_remembered_and_names_the_door(tree: Tree, client: Client) -> None:
    assert tree.township.name in client.get(f"/u/{tree.township.code.lower()}").content.decode()
    join(client, make_fields(occupation_group="security_guard"))
    application = Application.objects.get()
    assert (application.door_id, application.scanned_union_id) == ("poster", tree.township.pk)


def test_an_unknown_or_closed_poster_stops_nobody(tree: Tree, client: Client) -> None:
    type(tree.village).objects.filter(pk=tree.village.pk).update(closed_at=tree.village.created_at)
    for code in ("NOSUCH00", tree.village.code, "x" * 300):
        page = client.get(f"/u/{code}")
        assert page.status_code == 404
        assert "/join/" in page.content.decode()
    join(client, make_fields())
    assert Application.objects.get().door_id == "h5"


def test_all_errors_of_a_step_come_at_once_and_what_was_typed_stays(tree: Tree, client: Client) -> None:
    page = client.post("/join/", {"name": "小芳9", "id_number": "371502199003150011", "phone": "12345"})
    text = page.content.decode()
    assert page.status_code == 422
    assert text.count('class="invalid-feedback"') == 3
    assert all(typed in text for typed in ("小芳9", "371502199003150011", "12345"))
    assert "小芳9" in client.get("/join/").content.decode()
    assert not Application.objects.exists()


def test_the_place_must_be_complete(tree: Tree, client: Client) -> None:
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    page = client.post("/join/place/", {"go": "1", "region_code": "37", "platform": "nosuch"})
    assert page.status_code == 422
    assert {"region_code", "occupation_group", "platform"} <= set(page.context["form"].errors)


@pytest.mark.parametrize("bad", ["\0", "💩", "\u202e", "<script>alert(1)</script>", "'; DROP TABLE x", "好" * 5000])
def test_strange_input_is_refused_at_the_field_and_never_breaks(tree: Tree, client: Client, bad: str) -> None:
    for name in PERSON:
        page = client.post("/join/", make_fields() | {name: bad})
        assert page.status_code == 422, name
        assert name in page.context["form"].errors
        assert "<script>alert" not in page.content.decode()
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    for name in ("occupation_group", "region_code", "platform", "employer_credit_code"):
        assert client.post("/join/place/", fields | {name: bad, "go": "1"}).status_code == 422, name
    assert client.get("/join/place/", {"q": bad, "at": bad, "after": bad}).status_code == 200
    assert client.get("/join/place/employers/", {"employer_name": bad, "region_code": bad}).status_code == 200
    assert not Application.objects.exists()


def test_where_no_union_is_yet_the_step_says_so(client: Client, db: None) -> None:
    make_liaocheng_regions()
    national()
    type(national()).objects.update(closed_at=NOW)
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    page = client.post("/join/place/", {name: fields.get(name, "") for name in PLACE} | {"go": "1"})
    assert page.status_code == 422
    assert "region_code" in page.context["form"].errors


def test_steps_cannot_be_skipped(tree: Tree, client: Client) -> None:
    assert client.get("/join/place/")["Location"] == "/join/"
    assert client.get("/join/send/")["Location"] == "/join/"
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    assert client.get("/join/send/")["Location"] == "/join/place/"


def test_choosing_an_area_without_javascript_loses_nothing(tree: Tree, client: Client) -> None:
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    chosen = client.post("/join/place/", {"region_code": ["", "371502001"], "occupation_group": "courier"})
    assert chosen.status_code == 302
    text = client.get("/join/place/").content.decode()
    assert "东昌府区古楼街道" in text
    assert 'value="courier" checked' in text
    assert "古城社区" in client.get("/join/place/?at=371502001").content.decode()
    assert "古楼街道" in client.get("/join/place/?q=gulou").content.decode()


def test_the_picker_opens_where_one_probably_works(tree: Tree, client: Client) -> None:
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    here = [choice.name for choice in client.get("/join/place/").context["children"]]
    assert here == ["东昌府区", "茌平区"]
    client.get(f"/u/{tree.township.code}")
    here = [choice.name for choice in client.get("/join/place/").context["children"]]
    assert here == ["古城社区居委会", "湖南社区居委会"]


def test_a_registered_employer_is_suggested_and_decides_the_union(tree: Tree, client: Client) -> None:
    firm = make_enterprise(name="古楼快运有限公司", credit_code=CREDIT_CODE, union=tree.township)
    assert firm.credit_code in client.get("/join/place/employers/?employer_name=古楼").content.decode()
    fields = make_fields(employer_name="古楼快运", employer_credit_code=firm.credit_code)
    fill_in(client, fields)
    assert tree.township.name in client.get("/join/send/").content.decode()


def test_nothing_is_sent_without_the_needed_consents(tree: Tree, client: Client) -> None:
    fill_in(client, make_fields())
    for missing in ("pledge", "processing", "identity"):
        page = client.post("/join/send/", {name: value for name, value in AGREED.items() if name != missing})
        assert page.status_code == 422
        assert missing in page.context["form"].errors
    assert client.post("/join/send/", AGREED | {"consent_version": "2020-01-01"}).status_code == 422
    assert not Application.objects.exists()
    assert not TextMessage.objects.exists()


def test_sent_twice_is_one_application_and_one_code(tree: Tree, client: Client) -> None:
    address = send(client, make_fields())
    again = client.post("/join/send/", AGREED)
    assert again["Location"] == address
    assert (Application.objects.count(), TextMessage.objects.count()) == (1, 1)


def test_a_wrong_code_leaves_the_application_where_it_was(tree: Tree, client: Client) -> None:
    fields = make_fields()
    address = send(client, fields)
    wrong = "000000" if code_sent_to(fields["phone"]) != "000000" else "111111"
    for typed in (wrong, "", "abc", "１２"):
        assert client.post(address, {"code": typed}).status_code == 422
    assert Application.objects.get().state == "unconfirmed"
    assert client.post(address, {"code": code_sent_to(fields["phone"])}).status_code == 302


def test_a_new_code_too_soon_is_explained(tree: Tree, client: Client) -> None:
    address = send(client, make_fields())
    page = client.post(f"{address}resend/", follow=True)
    assert "alert-warning" in page.content.decode()
    assert TextMessage.objects.count() == 1
    a_minute_later()
    assert "alert-success" in client.post(f"{address}resend/", follow=True).content.decode()
    assert TextMessage.objects.count() == 2


def test_an_expired_draft_is_explained(tree: Tree, client: Client) -> None:
    fields = make_fields()
    client.post("/join/", {name: fields[name] for name in PERSON})
    draft = ApplicationDraft.objects.get()
    ApplicationDraft.objects.update(saved_at=draft.saved_at - timedelta(days=2))
    text = client.get("/join/").content.decode()
    assert "已经超过一天" in text
    assert fields["id_number"] not in text


def test_the_answer_is_the_same_for_known_and_unknown_people(tree: Tree, client: Client) -> None:
    """Until the phone is proved, nothing tells whether an ID or a phone is known."""
    known = make_fields()
    make_member(union=tree.couriers, id_number=known["id_number"], phone=known["phone"])
    pages = []
    for fields in (known, make_fields()):
        browser = Client()
        page = browser.get(send(browser, fields))
        text = page.content.decode()
        pages.append((page.status_code, text.count("<"), "alert" in text))
    assert pages[0] == pages[1]


def test_a_known_member_is_offered_a_transfer_and_may_say_no(tree: Tree, client: Client) -> None:
    fields = make_fields()
    make_member(union=tree.township, id_number=fields["id_number"], phone=fields["phone"])
    address = join(client, fields)
    text = client.get(address).content.decode()
    assert tree.township.name in text
    assert tree.couriers.name in text
    client.post(f"{address}/transfer/", {"answer": "no"})
    assert TransferRequest.objects.get().state == "declined"
    assert client.post(f"{address}/transfer/", {"answer": "yes"}).status_code == 409
    assert TransferRequest.objects.get().state == "declined"


def test_a_held_phone_goes_to_the_county_with_its_contact(tree: Tree, client: Client) -> None:
    fields = make_fields()
    make_worker(phone=fields["phone"])
    text = client.get(join(client, fields)).content.decode()
    assert PhoneRelease.objects.get().union_id == tree.county.pk
    assert tree.county.name in text
    assert "还登记在别人名下" in text


def test_personal_pages_are_never_stored(tree: Tree, client: Client) -> None:
    address = join(client, make_fields())
    for path in ("/", "/join/", address, "/progress/", "/sign-in/"):
        assert "no-store" in client.get(path)["Cache-Control"], path
