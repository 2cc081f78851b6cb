"""Following an application: by link, by number and phone; mending, withdrawing, printing."""

from __future__ import annotations

import pytest
from django.test import Client

from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application
from nuanxin.members.queries.applications import progress_token
from nuanxin.members.states import ApplicationState
from nuanxin.messages.models import TextMessage
from nuanxin.web.worker.progress.words import _STORIES
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_application, make_id_number
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to


def address_of(application: Application) -> str:
    """Return the address of the progress page."""
    return f"/a/{progress_token(application.pk)}"


def test_every_state_has_words() -> None:
    assert set(_STORIES) == set(ApplicationState)


@pytest.mark.parametrize("state", [s for s in ApplicationState if s != ApplicationState.APPROVED])
def test_every_state_has_a_page(tree: Tree, client: Client, state: str) -> None:
    application = make_application(union=tree.couriers, state=state)
    for language in ("zh-hans", "en"):
        client.cookies["language"] = language
        page = client.get(address_of(application))
        assert page.status_code == 200
        assert application.number in page.content.decode()


def test_a_guessed_or_cut_link_is_not_found(tree: Tree, client: Client) -> None:
    token = progress_token(make_application(union=tree.couriers).pk)
    for wrong in (token[:-1], token + "A", "x", "0" * 32):
        assert client.get(f"/a/{wrong}").status_code == 404
        assert client.post(f"/a/{wrong}/withdraw/").status_code == 404
    assert Application.objects.get().state == "submitted"


def test_the_page_masks_the_person(tree: Tree, client: Client) -> None:
    number = make_id_number()
    application = make_application(union=tree.couriers, id_number=number, phone="15412345678", name="王小芳")
    text = client.get(address_of(application)).content.decode()
    assert number not in text
    assert "15412345678" not in text
    assert "王小芳" not in text


def test_withdrawing_asks_first(tree: Tree, client: Client) -> None:
    application = make_application(union=tree.couriers)
    address = f"{address_of(application)}/withdraw/"
    assert client.get(address).status_code == 200
    application.refresh_from_db()
    assert application.state == "submitted"
    assert client.post(address).status_code == 302
    application.refresh_from_db()
    assert application.state == "withdrawn"
    assert client.post(address).status_code == 409


def test_a_returned_application_is_mended_by_its_applicant(tree: Tree, client: Client) -> None:
    number = make_id_number()
    application = make_application(union=tree.couriers, id_number=number, name="王小方")
    reviewer = actor_for("reviewer", union=tree.couriers)
    decide(actor=reviewer, number=application.number, decision="return", reason="姓名和身份证对不上", now=NOW)
    address = f"{address_of(application)}/correct/"
    page = client.get(address).content.decode()
    assert "姓名和身份证对不上" in page
    assert number not in page
    typed = {"name": "王小芳", "id_number": number[:-1], "occupation_group": "courier", "region_code": "371502001001"}
    assert client.post(address, typed | {"go": "1"}).status_code == 422
    application.refresh_from_db()
    assert (application.state, application.name) == ("returned", "王小方")
    assert client.post(address, typed | {"go": "1", "id_number": number}).status_code == 302
    application.refresh_from_db()
    assert (application.state, application.name) == ("submitted", "王小芳")
    assert client.get(address).status_code == 302


def test_found_again_by_number_and_phone(tree: Tree, client: Client) -> None:
    application = make_application(union=tree.couriers, phone="15412345678")
    asked = {"number": application.number.lower(), "phone": "154 1234 5678"}
    assert "154****5678" in client.post("/progress/", asked).content.decode()
    wrong = client.post("/progress/", asked | {"code": "99999"})
    assert wrong.status_code == 422
    found = client.post("/progress/", asked | {"code": code_sent_to("15412345678")})
    assert found["Location"] == address_of(application)


def test_nothing_is_told_of_other_peoples_applications(tree: Tree, client: Client) -> None:
    application = make_application(union=tree.couriers, phone="15412345678")
    asked = {"number": application.number, "phone": "15499999999"}
    assert client.post("/progress/", asked).status_code == 200
    answer = client.post("/progress/", asked | {"code": code_sent_to("15499999999")})
    assert answer.status_code == 422
    assert tree.couriers.name not in answer.content.decode()


def test_a_bad_number_or_phone_sends_no_code(tree: Tree, client: Client) -> None:
    for asked in ({"number": "", "phone": "15412345678"}, {"number": "2026", "phone": "1"}, {}):
        assert client.post("/progress/", {"x": "1"} | asked).status_code == 422
    assert not TextMessage.objects.exists()


def test_the_forms_can_be_printed_once_sent(tree: Tree, client: Client) -> None:
    sent = make_application(union=tree.couriers)
    for name in ("application", "registration"):
        page = client.get(f"{address_of(sent)}/{name}.pdf")
        assert page.content.startswith(b"%PDF")
        waiting = make_application(state=ApplicationState.UNCONFIRMED)
        assert client.get(f"{address_of(waiting)}/{name}.pdf").status_code == 404
