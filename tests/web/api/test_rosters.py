"""Rosters at the door of machines: handed in, seen, enrolled, mended, undone."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from nuanxin.access.states import Scope
from nuanxin.members.actions.rosters import work_off
from nuanxin.members.models import Membership, Roster
from tests.factories.access import make_client, make_post, make_token
from tests.factories.members import make_id_number
from tests.factories.organizations import Tree, make_enterprise
from tests.factories.rosters import make_person, make_xlsx
from tests.web.api.conftest import Caller

pytestmark = pytest.mark.django_db


@pytest.fixture
def registrar(tree: Tree) -> Caller:
    return Caller(make_token(post=make_post(role="registrar", union=tree.city))[1])


def send(caller: Caller, content: bytes, **form: Any) -> Any:
    file = SimpleUploadedFile("花名册.xlsx", content)
    return caller.client.post("/api/v1/rosters", {"file": file, **form}, headers=caller.headers())


def work(roster: dict[str, Any]) -> None:
    work_off(UUID(roster["id"]))


def test_the_whole_way_of_a_roster(tree: Tree, registrar: Caller) -> None:
    wrong = make_person("赵六", id_number=make_id_number()[:-1] + "Z")
    content = make_xlsx([make_person("王小芳"), make_person("李强"), wrong])
    answer = send(registrar, content, union_code=tree.couriers.code, batch="十一月")
    assert answer.status_code == 202, answer.content
    sent = answer.json()
    assert (sent["state"], sent["progress"]) == ("checking", 0.0)
    path = f"/rosters/{sent['id']}"
    work(sent)
    seen = registrar.get(path).json()
    assert (seen["state"], seen["rows"]) == ("checked", 3)
    assert seen["counts"] == {"new": 2, "member": 0, "transfer": 0, "conflict": 0, "error": 1}
    refused = registrar.post(f"{path}/commit", {"partial": False})
    assert (refused.status_code, refused.json()["code"]) == (409, "rows_stopped")
    asked = registrar.post(f"{path}/commit", {"partial": True})
    assert (asked.status_code, asked.json()["state"]) == (202, "committing")
    work(sent)
    assert registrar.get(path).json()["state"] == "done"
    assert Membership.objects.filter(union=tree.couriers, state="active").count() == 2
    batch = registrar.get("/rosters", batch="十一月").json()
    assert (len(batch["items"]), batch["total"]["counts"]["new"]) == (1, 2)
    undone = registrar.post(f"{path}/undo")
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    assert Membership.objects.filter(state="active").count() == 0


def test_rows_to_mend_come_back_as_a_file(tree: Tree, registrar: Caller) -> None:
    wrong = make_person("赵六", id_number=make_id_number()[:-1] + "Z", phone="123")
    sent = send(registrar, make_xlsx([make_person(), wrong]), union_code=tree.couriers.code).json()
    work(sent)
    answer = registrar.get(f"/rosters/{sent['id']}/errors.xlsx")
    assert answer.status_code == 200
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0).to_python()
    )
    assert len(rows) == 2
    assert rows[1][:3] == ["赵六", wrong[1], "123"]
    assert rows[1][-1]


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_file"), (b"%PDF-1.7", "wrong_type"), (b"PK\x03\x04nothing", "damaged")]
)
def test_what_is_no_roster_is_refused_or_fails(tree: Tree, registrar: Caller, content: bytes, code: str) -> None:
    answer = send(registrar, content, union_code=tree.couriers.code)
    if answer.status_code == 422:
        assert answer.json()["code"] == code
        assert Roster.objects.count() == 0
        return
    work(answer.json())
    seen = registrar.get(f"/rosters/{answer.json()['id']}").json()
    assert (seen["state"], seen["failure"]) == ("failed", code)


def test_who_may_not_hand_in(tree: Tree, registrar: Caller, reviewer: Caller, nobody: Caller, machine: Caller) -> None:
    content = make_xlsx([make_person()])
    assert send(nobody, content, union_code=tree.couriers.code).status_code == 401
    assert send(reviewer, content, union_code=tree.couriers.code).status_code == 403
    assert send(machine, content, union_code=tree.couriers.code).status_code in {202, 403}
    narrow = Caller(make_client(scopes=[Scope.READ_TALLIES])[1])
    assert send(narrow, content, union_code=tree.couriers.code).status_code == 403
    assert send(registrar, content, union_code=tree.province.code).status_code == 404
    assert send(registrar, content, union_code="NOTHING0").status_code == 404
    assert registrar.client.post("/api/v1/rosters", {}, headers=registrar.headers()).status_code == 422
    assert registrar.get(f"/rosters/{uuid4()}").status_code == 404


def test_a_machine_sees_what_it_handed_in_and_nothing_else(tree: Tree, registrar: Caller) -> None:
    own = Caller(make_client(scopes=[Scope.ENROLL_ROSTERS])[1])
    other = Caller(make_client(scopes=[Scope.ENROLL_ROSTERS])[1])
    firm = make_enterprise(credit_code="91371502MA3C5G0X4Y", union=tree.couriers)
    sent = send(own, make_xlsx([make_person()]), union_code=tree.couriers.code, employer_credit_code=firm.credit_code)
    assert sent.status_code == 202
    path = f"/rosters/{sent.json()['id']}"
    work(sent.json())
    assert own.get(path).json()["counts"]["new"] == 1
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/commit", {"partial": True}).status_code == 404
    assert registrar.get(path).status_code == 200
    own.post(f"{path}/commit")
    work(sent.json())
    assert Membership.objects.get().worker.employer_id == firm.pk


def test_a_body_over_the_limit_is_refused_unread(tree: Tree, registrar: Caller) -> None:
    content = b"PK\x03\x04" + bytes(33 * 1024 * 1024)
    assert send(registrar, content, union_code=tree.couriers.code).status_code == 413
    assert Roster.objects.count() == 0
