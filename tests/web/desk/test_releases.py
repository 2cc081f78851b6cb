"""Phones that another person holds, decided at the desk."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from nuanxin.members.models import Application, ApplicationAct, PhoneRelease
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.states import ApplicationState
from tests.factories.members import make_application, make_member
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree

PHONE = "15412340091"


@pytest.fixture
def asked(tree: Tree, now: datetime) -> PhoneRelease:
    """Make a member who holds a phone, and somebody else who has proved it."""
    holder = make_member(union=tree.township, name="张旧主", phone=PHONE).worker
    application = make_application(state=ApplicationState.PHONE_HELD, name="王小芳", phone=PHONE, started_at=now)
    return PhoneRelease.objects.create(
        application=application,
        holder=holder,
        phone_digest=phone_digest(PHONE),
        union=tree.county,
        asked_at=now,
        due_at=now + timedelta(days=2),
    )


def test_both_sides_are_shown_masked(tree: Tree, asked: PhoneRelease) -> None:
    client = cadre("registrar", union=tree.county)
    for name, arguments in (("releases", []), ("release", [asked.pk])):
        text = client.get(reverse(f"desk:review:{name}", args=arguments)).content.decode()
        assert "王*芳" in text
        assert "张*主" in text
        assert PHONE not in text
        assert "张旧主" not in text


def test_released_the_application_goes_on_its_way(tree: Tree, asked: PhoneRelease) -> None:
    client = cadre("registrar", union=tree.county)
    address = reverse("desk:review:release", args=[asked.pk])
    answer = client.post(address, {"release": "yes", "reason": "原持有人已换号"}, follow=True)
    application = Application.objects.get()
    assert (application.state, application.union) == ("submitted", tree.couriers)
    assert "没有等待办理的" in answer.content.decode()
    again = client.post(address, {"release": "no", "reason": "再试一次看看"})
    assert again.status_code == 409
    application.refresh_from_db()
    assert application.state == "submitted"


@pytest.mark.parametrize("data", [{"release": "yes", "reason": "短"}, {"release": "yes"}, {"reason": "查明了情况"}, {}])
def test_without_a_reason_or_a_choice_nothing_changes(tree: Tree, asked: PhoneRelease, data: dict[str, str]) -> None:
    client = cadre("registrar", union=tree.county)
    answer = client.post(reverse("desk:review:release", args=[asked.pk]), data)
    assert answer.status_code == 422
    asked.refresh_from_db()
    assert (asked.state, ApplicationAct.objects.count()) == ("open", 0)


def test_others_cannot(tree: Tree, asked: PhoneRelease) -> None:
    data = {"release": "yes", "reason": "原持有人已换号"}
    address = reverse("desk:review:release", args=[asked.pk])
    assert cadre("registrar", union=tree.township).post(address, data).status_code == 404
    reviewer = cadre("reviewer", union=tree.county)
    assert reviewer.post(address, data).status_code == 404
    assert reviewer.get(reverse("desk:review:releases")).status_code == 403
    asked.refresh_from_db()
    assert asked.state == "open"


def test_the_list_goes_out_to_excel(tree: Tree, asked: PhoneRelease) -> None:
    answer = cadre("registrar", union=tree.county).get(reverse("desk:review:releases_excel"))
    assert answer["Content-Type"].endswith("sheet")
