"""Joining with another document: behind one line, without JavaScript, nothing lost on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from nuanxin.members.models import Application
from nuanxin.members.queries.applications import progress_token
from tests.factories.members import make_application, make_fields
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to
from tests.web.worker.test_join import AGREED, PLACE

PAPERS: dict[str, Any] = {"id_kind": "hk_macao_permit", "id_number": "H12345678", "birth_on": "1990-03-15", "sex": "F"}


def test_the_usual_form_has_three_fields_and_one_line_more(client: Client, tree: Tree) -> None:
    page = client.get("/join/").content.decode()
    assert [name for name in ("name", "id_number", "phone") if f'name="{name}"' in page] == [
        "name",
        "id_number",
        "phone",
    ]
    assert 'name="papers"' in page
    assert 'name="id_kind"' not in page


def test_a_permit_holder_joins_and_finds_again_what_was_typed(client: Client, tree: Tree) -> None:
    fields: dict[str, Any] = make_fields(**PAPERS)
    known = {"name": fields["name"], "phone": fields["phone"]}
    turned = client.post("/join/", known | {"id_number": "", "papers": "other"})
    assert turned["Location"] == "/join/"
    page = client.get("/join/").content.decode()
    assert fields["name"] in page
    assert 'name="id_kind"' in page
    refused = client.post("/join/", known | {"paper": "other", "id_number": "H1"})
    assert refused.status_code == 422
    assert {"id_kind"} == set(refused.context["form"].errors)
    refused = client.post("/join/", {"paper": "other", **fields} | {"id_number": "H1", "birth_on": "", "sex": ""})
    assert {"id_number", "birth_on", "sex"} == set(refused.context["form"].errors)
    first = client.post("/join/", {"paper": "other", **fields})
    assert first["Location"] == "/join/place/"
    client.post("/join/place/", {name: fields.get(name, "") for name in PLACE} | {"go": "1"})
    address = client.post("/join/send/", AGREED)["Location"]
    done = client.post(address, {"code": code_sent_to(fields["phone"])})
    application = Application.objects.get()
    assert (application.id_kind, application.birth_on, application.sex) == ("hk_macao_permit", date(1990, 3, 15), "F")
    assert application.state == "submitted"
    shown = client.get(done["Location"]).content.decode()
    assert "H******78" in shown
    assert "H12345678" not in shown


def test_going_back_to_the_resident_id_forgets_the_permit(client: Client, tree: Tree) -> None:
    fields = make_fields(**PAPERS)
    client.post("/join/", {"paper": "other", **fields})
    client.post("/join/", {"paper": "other", **fields, "papers": ""})
    page = client.get("/join/").content.decode()
    assert 'name="id_kind"' not in page
    fields = make_fields()
    assert client.post("/join/", {name: fields[name] for name in ("name", "id_number", "phone")}).status_code == 302


def test_a_returned_application_is_corrected_with_its_own_document(client: Client, tree: Tree) -> None:
    found = make_application(union=tree.couriers, state="returned", **PAPERS)
    address = f"/a/{progress_token(found.pk)}/correct/"
    page = client.get(address).content.decode()
    assert 'value="hk_macao_permit"' in page
    assert "1990-03-15" in page
    fields = make_fields(**PAPERS | {"id_number": "H87654321"})
    assert client.post(address, {**fields, "go": "1"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.id_kind) == ("submitted", "hk_macao_permit")
