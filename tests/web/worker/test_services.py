"""What applies to me, and why the rest does not."""

from __future__ import annotations

from datetime import date

from django.test import Client
from django.utils import timezone

from nuanxin.kernel.clock import local_day
from nuanxin.members.models import Membership
from tests.factories.catalog import make_delivery, make_service
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.web.worker.conftest import signed_in

TODAY = local_day(timezone.now())


def test_what_is_open_comes_first_and_every_reason_is_told(tree: Tree, membership: Membership, member: Client) -> None:
    make_service(union=tree.city, name="就医优惠", code="medical")
    once = [{"check": "not_served", "kind": "check_up", "period": "year"}]
    check_up = make_service(union=tree.city, name="流动体检", code="check_up", checks=once)
    drivers = {"check": "group", "groups": ["truck_driver"], "names": ["货车司机"], "names_en": ["truck drivers"]}
    both = [{"check": "member"}, drivers, {"check": "assurance", "least": "seen"}]
    make_service(union=tree.city, name="司机之家", code="home", checks=both)
    make_service(union=tree.township, name="街道电影", code="film")
    make_service(union=tree.city, name="已结束", code="over", starts_on=date(2020, 1, 1), ends_on=date(2020, 12, 31))
    make_delivery(check_up, membership, day=TODAY)
    page = member.get("/services/").content.decode()
    opened, others = page.split('id="others"')
    assert "就医优惠" in opened
    assert all(name in others for name in ("流动体检", "司机之家", "街道电影"))
    assert "货车司机" in others
    assert "已结束" not in page
    home = member.get("/services/home/")
    assert len(home.context["reasons"]) == 2
    assert not home.context["act"]
    assert member.get("/services/medical/").context["act"]["url"] == "/card/code/"
    assert member.get("/services/over/").status_code == 404
    assert f"{TODAY.year}" in member.get("/services/received/").content.decode()
    assert "流动体检" in member.get("/services/received/").content.decode()


def test_nobody_sees_what_another_received(tree: Tree, member: Client) -> None:
    service, other = make_service(union=tree.city, name="体检"), make_member(union=tree.couriers, phone="15400008888")
    make_delivery(service, other, day=TODAY)
    assert "体检" not in member.get("/services/received/").content.decode()


def test_a_stranger_is_asked_to_sign_in(tree: Tree, client: Client) -> None:
    for address in ("/services/", "/services/received/", "/services/check_up/"):
        assert client.get(address)["Location"].startswith("/sign-in/")


def test_somebody_whose_membership_ended_is_told_so(tree: Tree, client: Client) -> None:
    make_service(union=tree.city, name="就医优惠")
    make_member(union=tree.couriers, phone="15400007777", state="ended")
    page = signed_in(client, "15400007777").get("/services/").content.decode()
    assert "就医优惠" in page.split('id="others"')[1]
