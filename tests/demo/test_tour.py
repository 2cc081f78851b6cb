"""The tour exists in the demo only, and whoever it names can do what it says."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import resolve
from pytest_django import Settings

from demo.cadres import PASSWORD
from demo.city import Report, sign_ins
from demo.guests import APPLICANTS, MEMBER
from demo.second_factor import code_at
from demo.tour import read_tour
from nuanxin.access.actions.sign_in import check_second_factor, has_second_factor
from nuanxin.access.models import Account, Post
from nuanxin.kernel.identifiers import parse_resident_id
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.secrets import digest
from nuanxin.members.models import Membership, Worker
from tests.factories import NOW


def test_not_found_outside_the_demo(small_city: Report, client: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert client.get("/tour").status_code == 404


def test_not_found_without_a_city(db: None, client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert client.get("/tour").status_code == 404


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "演示城市导览"), ("en", "A tour of the demo city")])
def test_names_people_and_places(
    small_city: Report, client: Client, settings: Settings, language: str, words: str
) -> None:
    settings.DEMO = True
    client.cookies["language"] = language
    page = client.get("/tour").content.decode()
    assert words in page
    assert APPLICANTS[0].number in page
    assert "courier-371502" in page


def test_every_sign_in_works(small_city: Report) -> None:
    found = sign_ins()
    assert len(found) > 8
    for entry in found[2:-1]:
        account = Account.objects.get(username=entry.login)
        assert check_password(PASSWORD, account.password)
        assert Post.objects.filter(account=account, valid_from__lte=NOW, valid_until=None).exists()


def test_the_second_step_takes_the_code_of_the_tour(small_city: Report) -> None:
    account = Account.objects.get(username="courier-371502")
    assert has_second_factor(account)
    check_second_factor(account=account, code=code_at(NOW), now=NOW)
    with pytest.raises(Invalid):
        check_second_factor(account=account, code=code_at(NOW), now=NOW)


def test_the_member_is_one_and_the_applicants_are_not(small_city: Report) -> None:
    worker = Worker.objects.get(phone_digest=digest("phone", MEMBER.phone))
    assert bytes(worker.id_digest) == digest("id", MEMBER.number)
    assert Membership.objects.filter(worker=worker, state="active").count() == 1
    for guest in APPLICANTS:
        assert parse_resident_id(guest.number, on=NOW.date()).birth_on == guest.birth_on
        assert not Worker.objects.filter(id_digest=digest("id", guest.number)).exists()


def test_every_address_leads_somewhere(small_city: Report) -> None:
    tour = read_tour(NOW)
    assert tour is not None
    for step in tour.steps:
        if step.url:
            resolve(step.url.partition("?")[0])
