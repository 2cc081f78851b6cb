"""An application that was filled in beforehand: confirmed by consents and a code, changed, declined, or too late."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from nuanxin.formation.actions.offers import lapse_offers
from nuanxin.formation.actions.receiving import receive_permit
from nuanxin.formation.models import Offer
from nuanxin.formation.queries.offers import offer_digest
from nuanxin.kernel.ids import secret_token
from nuanxin.kernel.secrets import unseal
from nuanxin.members.models import Application
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.messages.models import TextMessage
from nuanxin.wiring import connect
from tests.factories.access import make_roles
from tests.factories.formation import make_source, qualification_of
from tests.factories.members import make_id_number
from tests.factories.organizations import make_tree

ID = make_id_number(serial=7)
AGREED = {"processing": "on", "identity": "on", "pledge": "on", "consent_version": CONSENT_VERSION}


@pytest.fixture
def offered(db: None) -> tuple[Offer, str]:
    """Return an offer to a truck driver and the secret of its link, as texted."""
    connect()
    make_roles()
    tree, now = make_tree(), timezone.now()
    body: dict[str, Any] = qualification_of(name="欧阳小芳", phone="15400000088", id_number=ID)
    message = receive_permit(source=make_source(union=tree.city), body=body | {"at": now}, now=now)
    assert message.offer is not None
    text = unseal(TextMessage.objects.get().sealed_text)
    found = re.search(r"/q/([\w-]+)/", text)
    assert found is not None
    return message.offer, found[1]


@pytest.fixture
def phone() -> Client:
    return Client(headers={"Accept-Language": "en"})


def test_the_worker_agrees_and_proves_the_phone(offered: tuple[Offer, str], phone: Client) -> None:
    offer, token = offered
    page = phone.get(f"/q/{token}/").content.decode()
    assert "欧阳小芳" in page
    assert ID not in page
    assert "15400000088" not in page
    offer.refresh_from_db()
    assert offer.state == "opened"
    sent = phone.post(f"/q/{token}/", AGREED)
    application = Application.objects.get()
    assert (application.state, application.door_id, application.name) == ("unconfirmed", "api", "欧阳小芳")
    code = re.findall(r"\d{6}", unseal(TextMessage.objects.get(template="code.application").sealed_text))[0]
    done = phone.post(sent.headers["Location"], {"code": code})
    assert done.status_code == 302
    application.refresh_from_db()
    assert application.state == "submitted"
    offer.refresh_from_db()
    assert (offer.state, offer.application_number) == ("used", application.number)
    over = phone.get(f"/q/{token}/").content.decode()
    assert application.number in over
    phone.post(f"/q/{token}/", AGREED)
    assert Application.objects.count() == 1


@pytest.mark.parametrize("missing", ["processing", "identity", "pledge"])
def test_without_a_consent_nothing_is_sent(offered: tuple[Offer, str], phone: Client, missing: str) -> None:
    offer, token = offered
    answer = phone.post(f"/q/{token}/", {name: value for name, value in AGREED.items() if name != missing})
    assert answer.status_code == 422
    assert not Application.objects.exists()
    offer.refresh_from_db()
    assert offer.state == "sent"


def test_what_was_begun_and_forgotten_can_be_begun_again(offered: tuple[Offer, str], phone: Client) -> None:
    _offer, token = offered
    phone.post(f"/q/{token}/", AGREED)
    Application.objects.all().update(state="unconfirmed")
    assert "Your application is filled in" in phone.get(f"/q/{token}/").content.decode()


def test_changing_goes_to_the_form_without_the_id_number(offered: tuple[Offer, str], phone: Client) -> None:
    _offer, token = offered
    form = phone.post(f"/q/{token}/change/", follow=True).content.decode()
    assert "欧阳小芳" in form
    assert "15400000088" in form
    assert ID not in form


def test_declining_forgets_everything_at_once(offered: tuple[Offer, str], phone: Client) -> None:
    offer, token = offered
    assert phone.get(f"/q/{token}/decline/").status_code == 200
    phone.post(f"/q/{token}/decline/")
    offer.refresh_from_db()
    assert (offer.state, bytes(offer.sealed_values)) == ("declined", b"")
    assert "Deleted" in phone.get(f"/q/{token}/").content.decode()
    phone.post(f"/q/{token}/", AGREED)
    assert not Application.objects.exists()


def test_after_thirty_days_it_is_over(offered: tuple[Offer, str], phone: Client) -> None:
    offer, token = offered
    Offer.objects.update(lapses_at=timezone.now() - timedelta(minutes=1))
    assert lapse_offers(now=timezone.now()) == 1
    phone.post(f"/q/{token}/", AGREED)
    assert not Application.objects.exists()
    offer.refresh_from_db()
    assert (offer.state, bytes(offer.sealed_values)) == ("lapsed", b"")
    assert "no longer good" in phone.get(f"/q/{token}/").content.decode()


def test_an_unknown_link_is_nothing(offered: tuple[Offer, str], phone: Client) -> None:
    assert phone.get(f"/q/{secret_token()}/").status_code == 404
    assert not Offer.objects.filter(token_digest=offer_digest("")).exists()
