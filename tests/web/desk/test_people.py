"""Members at the desk."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from python_calamine import CalamineWorkbook

from nuanxin.kernel.remember import forget
from nuanxin.members.models import Card, CeremonyKit, Membership, MembershipEntry
from nuanxin.messages.models import TextMessage
from nuanxin.records.models import AuditEntry
from nuanxin.web.desk.navigation import COUNTS
from tests.factories import NOW
from tests.factories.ceremonies import make_ceremony
from tests.factories.duplicates import make_duplicate
from tests.factories.members import make_id_number, make_member
from tests.factories.organizations import make_enterprise
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from tests.factories.organizations import Tree

PHONE = "15412340091"


@pytest.fixture
def wang(tree: Tree) -> Membership:
    """Make a member of the couriers' federation."""
    firm = make_enterprise(name="聊城通达物流有限公司", union=tree.couriers)
    return make_member(union=tree.couriers, name="王小芳", phone=PHONE, employer=firm)


def listed(client: Any, **query: str) -> str:
    """Return the list, which must come up."""
    response = client.get(reverse("desk:people:members"), query)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, True),
        ({"q": "王小"}, True),
        ({"q": "wangxiao"}, True),
        ({"q": "wxf"}, True),
        ({"q": PHONE}, True),
        ({"q": "1541234"}, False),
        ({"q": "李"}, False),
        ({"union": "东昌府区总工会"}, True),
        ({"union": "DCFKD000"}, True),
        ({"union": "古楼"}, False),
        ({"union": "没有"}, False),
        ({"region": "371502001"}, True),
        ({"region": "东昌府"}, True),
        ({"region": "没有这个地方"}, False),
        ({"employer": "通达"}, True),
        ({"employer": "没有"}, False),
        ({"group": "courier", "state": "active"}, True),
        ({"state": "ended"}, False),
        ({"q": "x" * 60}, False),
    ],
)
def test_members_are_found_and_masked(tree: Tree, wang: Membership, query: dict[str, str], found: bool) -> None:
    text = listed(cadre("registrar", union=tree.city), **query)
    assert (wang.number in text) is found
    assert "王小芳</a>" not in text


def test_the_list_costs_the_same_for_one_and_for_three(
    tree: Tree, wang: Membership, django_assert_num_queries: Any
) -> None:
    client = cadre("leader", union=tree.city)
    assert client.get(reverse("desk:people:members")).status_code == 403
    client = cadre("organizer", union=tree.city)
    listed(client)
    forget(COUNTS)
    with django_assert_num_queries(LIST_STATEMENTS):
        listed(client)
    make_member(union=tree.township)
    make_member(union=tree.village)
    forget(COUNTS)
    with django_assert_num_queries(LIST_STATEMENTS):
        assert listed(client).count('th scope="row"') == 3


#: Session with its account, posts, about how many fit, who fits, members.
LIST_STATEMENTS = 6


def test_each_tab_comes_up_and_the_name_is_full_for_those_who_act(tree: Tree, wang: Membership) -> None:
    address = reverse("desk:people:member", args=[wang.number])
    registrar, organizer = cadre("registrar", union=tree.county), cadre("organizer", union=tree.county)
    for tab in ("standing", "card", "applications", "checks", "nonsense"):
        assert "王小芳" in registrar.get(address, {"tab": tab}).content.decode()
    text = organizer.get(address).content.decode()
    assert "王*芳" in text
    assert "王小芳" not in text
    assert reverse("desk:people:act", args=[wang.number, "suspend"]) not in text
    assert registrar.get(address, {"tab": "record"}).status_code == 403
    administrator = cadre("administrator", union=tree.county)
    assert "审计" in administrator.get(address, {"tab": "record"}).content.decode()


def test_further_tabs_show_what_the_post_includes(tree: Tree, wang: Membership) -> None:
    address = reverse("desk:people:member", args=[wang.number])
    registrar, reviewer = cadre("registrar", union=tree.county), cadre("reviewer", union=tree.county)
    other = make_member(union=tree.couriers, name="王晓芳", phone="15412340092")
    pair = make_duplicate(wang, other, union=tree.county)
    ceremony = make_ceremony(union=tree.county, title="骑手入会日")
    CeremonyKit.objects.create(ceremony=ceremony, membership=wang, at=NOW)

    assert "还没有发送过通知" in registrar.get(address, {"tab": "notices"}).content.decode()
    registrar.post(reverse("desk:people:act", args=[wang.number, "suspend"]), {"reason": "本人外出务工"})
    told = registrar.get(address, {"tab": "notices"}).content.decode()
    assert "短信" in told
    assert "外出务工" not in told

    assert (
        reverse("desk:duplicates:pair", args=[pair.pk])
        in registrar.get(address, {"tab": "duplicates"}).content.decode()
    )
    with_kit = reviewer.get(address, {"tab": "ceremonies"}).content.decode()
    assert "骑手入会日" in with_kit
    assert "礼包已发放" in with_kit

    assert registrar.get(address, {"tab": "ceremonies"}).status_code == 403
    for tab in ("notices", "duplicates", "record"):
        assert reviewer.get(address, {"tab": tab}).status_code == 403
        assert f"?tab={tab}" not in reviewer.get(address).content.decode()


def test_what_other_unions_told_and_decide_stays_with_them(tree: Tree, wang: Membership) -> None:
    administrator = cadre("administrator", union=tree.county)
    administrator.post(reverse("desk:people:act", args=[wang.number, "suspend"]), {"reason": "本人外出务工"})
    make_duplicate(wang, make_member(union=tree.couriers, name="王晓芳", phone="15412340092"), union=tree.city)
    make_ceremony(union=tree.city, title="全市入会日").kits.create(membership=wang, at=NOW)
    TextMessage.objects.update(union_id=tree.city.pk)
    pages = {
        tab: administrator.get(reverse("desk:people:member", args=[wang.number]), {"tab": tab}).content.decode()
        for tab in ("notices", "duplicates", "ceremonies")
    }
    assert "还没有发送过通知" in pages["notices"]
    assert "没有第二份档案" in pages["duplicates"]
    assert "全市入会日" not in pages["ceremonies"]


def test_suspending_and_resuming(tree: Tree, wang: Membership) -> None:
    client = cadre("registrar", union=tree.county)
    address = reverse("desk:people:act", args=[wang.number, "suspend"])
    assert "会籍暂停" in client.get(address).content.decode()
    refused = client.post(address, {"reason": "短"})
    assert refused.status_code == 422
    wang.refresh_from_db()
    assert wang.state == "active"
    assert "暂停" in client.post(address, {"reason": "本人外出务工"}, follow=True).content.decode()
    wang.refresh_from_db()
    assert wang.state == "suspended"
    client.post(reverse("desk:people:act", args=[wang.number, "resume"]), {"reason": "本人已返回"})
    wang.refresh_from_db()
    assert wang.state == "active"
    assert MembershipEntry.objects.filter(membership=wang).count() == 3


def test_ending_needs_proof_and_the_file_can_be_read_again(tree: Tree, wang: Membership) -> None:
    client = cadre("registrar", union=tree.county)
    address = reverse("desk:people:act", args=[wang.number, "end"])
    assert client.post(address, {"end_reason": "left"}).status_code == 422
    bad = SimpleUploadedFile("x.exe", b"MZ-not-a-proof")
    assert client.post(address, {"end_reason": "left", "file": bad}).status_code == 422
    wang.refresh_from_db()
    assert wang.state == "active"
    proof = SimpleUploadedFile("退会申请.pdf", b"%PDF-1.7 proof")
    page = client.post(address, {"end_reason": "left", "file": proof}, follow=True).content.decode()
    wang.refresh_from_db()
    assert (wang.state, wang.end_reason) == ("ended", "left")
    link = page.split("files/")[1].split('"')[0]
    found = client.get(f"/desk/people/{wang.number}/files/{link}")
    assert (found.content, found["Content-Disposition"]) == (b"%PDF-1.7 proof", "attachment")
    assert cadre("reviewer", union=tree.county).get(f"/desk/people/{wang.number}/files/{link}").status_code == 403
    other = make_member(union=tree.couriers)
    assert client.get(f"/desk/people/{other.number}/files/{link}").status_code == 404


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("name", {"name": "王晓芳"}),
        ("name", {"name": "王小芳", "evidence": "出示身份证"}),
        ("name", {"name": "", "evidence": "出示身份证"}),
        ("phone", {"phone": "123", "evidence": "本人到窗口"}),
        ("phone", {"phone": "15499990000"}),
        ("suspend", {}),
        ("suspend", {"reason": "本人外出务工", "effective_on": "2999-01-01"}),
        ("end", {"end_reason": "promoted", "evidence": "出示身份证"}),
        ("replace-card", {}),
    ],
)
def test_what_is_wrong_changes_nothing(tree: Tree, wang: Membership, verb: str, data: dict[str, str]) -> None:
    client = cadre("registrar", union=tree.county)
    answer = client.post(reverse("desk:people:act", args=[wang.number, verb]), data)
    assert answer.status_code == 422
    again = Membership.objects.select_related("worker").get()
    assert (again.state, again.worker.name, bytes(again.worker.phone_digest or b"")) == (
        "active",
        "王小芳",
        bytes(wang.worker.phone_digest or b""),
    )
    assert (MembershipEntry.objects.count(), Card.objects.count(), AuditEntry.objects.count()) == (1, 1, 0)


def test_correcting_name_and_phone(tree: Tree, wang: Membership) -> None:
    client = cadre("registrar", union=tree.county)
    client.post(reverse("desk:people:act", args=[wang.number, "name"]), {"name": "王晓芳", "evidence": "出示身份证"})
    data = {"phone": "15499990000", "evidence": "本人到窗口"}
    page = client.post(reverse("desk:people:act", args=[wang.number, "phone"]), data, follow=True).content.decode()
    assert "王晓芳" in page
    assert "154****0000" in page


def test_a_card_on_paper_is_shown_once_and_replaces_the_last(tree: Tree, wang: Membership) -> None:
    client = cadre("reviewer", union=tree.county)
    address = reverse("desk:people:print_card", args=[wang.number])
    assert Card.objects.filter(printed_at=None).count() == 1
    assert client.get(address).status_code == 200
    assert Card.objects.filter(printed_at=None).count() == 1
    first = client.post(address)
    assert first["Cache-Control"] == "no-store"
    assert first.content.startswith(b"%PDF")
    client.post(address)
    assert Card.objects.filter(membership=wang).count() == 2
    assert Card.objects.filter(membership=wang, revoked_at=None).count() == 1
    client.post(reverse("desk:people:act", args=[wang.number, "replace-card"]), {"reason": "遗失"})
    assert Card.objects.filter(membership=wang).count() == 3


@pytest.mark.parametrize("verb", ["suspend", "resume", "end", "name", "phone"])
def test_a_reviewer_may_not_change_members(tree: Tree, wang: Membership, verb: str) -> None:
    client = cadre("reviewer", union=tree.county)
    data = {"reason": "本人外出务工", "evidence": "出示身份证", "end_reason": "left", "name": "王晓", "phone": PHONE}
    assert client.get(reverse("desk:people:act", args=[wang.number, verb])).status_code == 403
    assert client.post(reverse("desk:people:act", args=[wang.number, verb]), data).status_code == 403
    assert AuditEntry.objects.count() == 0


def test_for_an_outsider_there_is_nobody(tree: Tree, wang: Membership) -> None:
    client = cadre("registrar", union=tree.township)
    number = wang.number
    for address in (
        reverse("desk:people:member", args=[number]),
        reverse("desk:people:act", args=[number, "suspend"]),
        reverse("desk:people:reveal", args=[number, "id"]),
        reverse("desk:people:print_card", args=[number]),
    ):
        assert client.get(address).status_code == 404
        if "/people/" in address and address != reverse("desk:people:member", args=[number]):
            assert client.post(address, {"reason": "本人外出务工"}).status_code == 404
    assert wang.number not in listed(client)
    assert AuditEntry.objects.count() == 0


def test_an_unknown_act_is_not_found(tree: Tree, wang: Membership) -> None:
    address = reverse("desk:people:act", args=[wang.number, "promote"])
    assert cadre("registrar", union=tree.county).get(address).status_code == 404


def test_a_phone_is_revealed_for_a_reason(tree: Tree, wang: Membership) -> None:
    client = cadre("registrar", union=tree.county)
    address = reverse("desk:people:reveal", args=[wang.number, "phone"])
    assert PHONE not in client.get(address).content.decode()
    assert PHONE in client.post(address, {"reason": "电话通知领取材料"}).content.decode()
    assert AuditEntry.objects.get().action == "members.revealed"


def test_taking_the_list_along_is_recorded_and_masked(tree: Tree, wang: Membership) -> None:
    number = make_id_number()
    make_member(union=tree.township, name="李明", id_number=number)
    client = cadre("registrar", union=tree.county)
    answer = client.post(reverse("desk:people:members_excel") + "?q=王小")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1:3] for row in rows[1:]] == [["王小芳", "154****0091"]]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail["count"], entry.detail["searched"]) == ("members.list_exported", 1, True)
    assert "王小" not in str(entry.detail)
    assert client.get(reverse("desk:people:members_excel")).status_code == 405
    reviewer = cadre("reviewer", union=tree.county)
    assert reviewer.post(reverse("desk:people:members_excel")).status_code == 403
    assert reverse("desk:people:members_excel") not in listed(reviewer)
    assert AuditEntry.objects.count() == 1
