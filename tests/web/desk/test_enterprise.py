"""The face of an employer's people office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from nuanxin.kernel.remember import forget
from nuanxin.members.models import Application, ApplicationAct, Membership
from nuanxin.organizations.models import Enterprise
from nuanxin.web.desk.navigation import COUNTS
from tests.factories.members import make_application, make_member
from tests.factories.organizations import make_dated_rule, make_enterprise
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree


@pytest.fixture
def firm(tree: Tree) -> Enterprise:
    """Make a firm that the couriers' federation covers."""
    return make_enterprise(name="聊城通达物流有限公司", union=tree.couriers)


def applied(tree: Tree, firm: Enterprise, now: datetime, **fields: Any) -> Application:
    """Make an application that names the firm and allows to ask it."""
    application = make_application(union=tree.couriers, employer=firm, started_at=now, **fields)
    allow(application, now)
    return application


def allow(application: Application, now: datetime) -> None:
    """Let the applicant agree that the employer is asked."""
    application.consents.create(kind="employer", version="2026-11-01", given_at=now)


def test_the_home_of_a_people_office_is_its_own_people(tree: Tree, firm: Enterprise, now: datetime) -> None:
    applied(tree, firm, now, name="王小芳")
    make_member(union=tree.couriers, name="李明", employer=firm)
    make_member(union=tree.couriers, name="外人")
    client = cadre("hr", enterprise=firm)
    home = client.get(reverse("desk:home"))
    assert home.headers["Location"] == reverse("desk:enterprise:employees")
    text = client.get(home.headers["Location"]).content.decode()
    assert "王小芳" in text
    assert "聊城通达物流有限公司" in text
    members = client.get(reverse("desk:enterprise:employees"), {"tab": "members"}).content.decode()
    assert "李明" in members
    assert "外人" not in members
    sheet = client.get(reverse("desk:enterprise:employees_excel"))
    assert sheet["Content-Type"].endswith("sheet")


@pytest.mark.parametrize(("says", "kept"), [("yes", "confirmed"), ("no", "denied")])
def test_an_answer_reaches_the_reviewer(tree: Tree, firm: Enterprise, now: datetime, says: str, kept: str) -> None:
    application = applied(tree, firm, now)
    client = cadre("hr", enterprise=firm)
    address = reverse("desk:enterprise:applicant", args=[application.number])
    assert client.get(address).status_code == 200
    assert client.post(address, {"says": "perhaps"}).status_code == 404
    assert client.post(address, {"says": says}).status_code == 302
    application.refresh_from_db()
    assert application.employer_says == kept
    shown = cadre(union=tree.couriers).get(reverse("desk:review:queue")).content.decode()
    assert ("单位已确认" if says == "yes" else "单位否认在职") in shown


def test_where_the_rule_allows_it_a_confirmation_makes_a_member(tree: Tree, firm: Enterprise, now: datetime) -> None:
    make_dated_rule(name="members.auto_approve", value={"employer_confirmed": True}, union=tree.couriers)
    application = applied(tree, firm, now)
    client = cadre("hr", enterprise=firm)
    client.post(reverse("desk:enterprise:applicant", args=[application.number]), {"says": "yes"})
    assert Membership.objects.get().application == application


def test_several_are_answered_at_once_after_a_preview(tree: Tree, firm: Enterprise, now: datetime) -> None:
    own = [applied(tree, firm, now) for _ in range(2)]
    foreign = applied(tree, make_enterprise(), now)
    client = cadre("hr", enterprise=firm)
    numbers = [each.number for each in (*own, foreign)]
    preview = client.post(reverse("desk:enterprise:preview"), {"says": "yes", "chosen": numbers}).content.decode()
    assert "确认这 2 人在本单位工作" in preview
    assert ApplicationAct.objects.count() == 0
    done = client.post(reverse("desk:enterprise:answer"), {"says": "yes", "chosen": numbers}, follow=True)
    assert "已答复 2 人" in done.content.decode()
    assert foreign.number in done.content.decode()
    assert Application.objects.filter(employer_says="confirmed").count() == 2


def test_without_the_applicants_consent_the_employer_learns_nothing(
    tree: Tree, firm: Enterprise, now: datetime
) -> None:
    application = make_application(union=tree.couriers, employer=firm, name="王小芳", started_at=now)
    client = cadre("hr", enterprise=firm)
    assert "王小芳" not in client.get(reverse("desk:enterprise:employees")).content.decode()
    address = reverse("desk:enterprise:applicant", args=[application.number])
    assert client.get(address).status_code == 404
    assert client.post(address, {"says": "no"}).status_code == 404
    client.post(reverse("desk:enterprise:answer"), {"says": "no", "chosen": [application.number]})
    application.refresh_from_db()
    assert application.employer_says == ""


def test_a_closed_application_is_not_answered(tree: Tree, firm: Enterprise, now: datetime) -> None:
    application = applied(tree, firm, now, state="refused")
    client = cadre("hr", enterprise=firm)
    answer = client.post(reverse("desk:enterprise:applicant", args=[application.number]), {"says": "yes"})
    assert answer.status_code == 409
    application.refresh_from_db()
    assert (application.employer_says, ApplicationAct.objects.count()) == ("", 0)


def test_other_people_are_none_of_its_business(tree: Tree, firm: Enterprise, now: datetime) -> None:
    application = applied(tree, make_enterprise(), now)
    member = make_member(union=tree.couriers)
    client = cadre("hr", enterprise=firm)
    address = reverse("desk:enterprise:applicant", args=[application.number])
    assert client.get(address).status_code == 404
    assert client.post(address, {"says": "yes"}).status_code == 404
    assert client.get(reverse("desk:review:queue")).status_code == 403
    assert client.get(reverse("desk:people:members")).status_code == 403
    assert client.get(reverse("desk:people:member", args=[member.number])).status_code == 404
    reviewer = cadre(union=tree.couriers)
    assert reviewer.get(reverse("desk:enterprise:employees")).status_code == 403
    assert reviewer.post(reverse("desk:enterprise:answer"), {"says": "yes"}).status_code == 403
    assert ApplicationAct.objects.count() == 0


def test_registering_the_contact(tree: Tree, firm: Enterprise) -> None:
    client = cadre("hr", enterprise=firm)
    address = reverse("desk:enterprise:contact", args=[firm.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"contact": "李主任", "contact_phone": "abc"}).status_code == 422
    firm.refresh_from_db()
    assert firm.contact == ""
    assert client.post(address, {"contact": "李主任", "contact_phone": "0635-8241234"}).status_code == 302
    firm.refresh_from_db()
    assert firm.contact == "李主任"
    other = make_enterprise()
    data = {"contact": "李主任", "contact_phone": "0635-8241234"}
    assert client.post(reverse("desk:enterprise:contact", args=[other.pk]), data).status_code == 404
    reviewer = cadre(union=tree.couriers)
    assert reviewer.post(address, data).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_three(
    tree: Tree, firm: Enterprise, now: datetime, django_assert_num_queries: Any
) -> None:
    client = cadre("hr", enterprise=firm)
    address = reverse("desk:enterprise:employees")
    applied(tree, firm, now)
    client.get(address)
    forget(COUNTS)
    with django_assert_num_queries(STATEMENTS):
        client.get(address)
    applied(tree, firm, now)
    applied(tree, firm, now)
    forget(COUNTS)
    with django_assert_num_queries(STATEMENTS):
        assert client.get(address).content.decode().count("data-bulk-row") == 3


#: Session with its account, posts, enterprise, two counts, applicants, count of the navigation.
STATEMENTS = 8
