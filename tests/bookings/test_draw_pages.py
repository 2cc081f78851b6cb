"""The pages of a draw: anybody's, the member's, the desk's; and the machine's file."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse

from nuanxin.bookings.actions.draws_clockwork import turn_draws
from nuanxin.bookings.models import Booking, Draw, Entry
from nuanxin.bookings.rules.draws import grouped
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.remember import forget
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories import NOW
from tests.factories.access import make_post, make_roles, sign_in
from tests.factories.bookings import make_open_offer
from tests.factories.draws import LINK, SOURCE, VALUE, enter, make_draw
from tests.factories.members import make_member, worker_of
from tests.factories.organizations import Tree, make_tree

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Membership

pytestmark = pytest.mark.django_db
#: Within the time that cadres stay signed in.
CLOSES = NOW + timedelta(minutes=20)
HOUR = NOW + timedelta(minutes=40)


@pytest.fixture
def tree(db: None) -> Tree:
    forget()
    return make_tree()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the doors believe that it is another hour."""

    def at(hour: datetime) -> None:
        monkeypatch.setattr("nuanxin.web.kit.actors.now", lambda: hour)
        forget()

    at(NOW)
    return at


def member_client(member: Membership) -> Client:
    client = Client()
    worker_of(member)
    client.force_login(member.worker.account, backend=PHONE_CODE)  # type: ignore[arg-type]
    return client


def cadre(tree: Tree) -> Client:
    make_roles()
    client, post = Client(), make_post(role="services", union=tree.city)
    sign_in(client, post.account)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_a_draw_from_the_desk_to_the_open_page(tree: Tree, clock: Any) -> None:
    offer = make_open_offer(union=tree.city, way="lottery", places=2, waits=True, closes_at=CLOSES)
    page = reverse("desk:draws:draw", args=[offer.number])
    first, second = cadre(tree), cadre(tree)
    assert "宣布抽签" in text(first.get(page))
    typed = {"source": SOURCE, "source_link": LINK, "value_at": f"{HOUR.astimezone(ZONE):%Y-%m-%dT%H:%M}"}
    assert first.post(f"{page}announce/", typed | {"source_link": "x"}).status_code == 422
    assert first.post(f"{page}announce/", typed).status_code == 302
    public = reverse("open:draw", args=[offer.number])
    draw = Draw.objects.get()
    assert bytes(draw.commitment).hex() in text(Client().get(public))

    member = make_member(union=tree.couriers)
    mine = member_client(member)
    entered = mine.post(reverse("worker:offer_book", args=[offer.number]))
    assert entered.headers["Location"] == reverse("worker:draw_ticket", args=[offer.number])
    ticket = Entry.objects.get().ticket
    assert grouped(ticket) in text(mine.get(entered.headers["Location"]))

    clock(CLOSES)
    assert first.post(f"{page}freeze/").status_code == 302
    assert "在名单上" in text(Client().get(f"{public}?ticket={grouped(ticket).lower()}"))
    clock(HOUR)
    assert first.post(f"{page}value/", {"value": VALUE, "link": LINK}).status_code == 302
    assert VALUE not in text(second.get(page)), "the second person reads it on the page of the source"
    assert VALUE not in text(Client().get(public))
    assert first.post(f"{page}confirm/", {"value": VALUE}).status_code == 422
    assert second.post(f"{page}confirm/", {"value": "1"}).status_code == 422
    assert second.post(f"{page}confirm/", {"value": VALUE}).status_code == 302
    for verb in ("reveal", "draw"):
        assert second.post(f"{page}{verb}/").status_code == 302
    assert Booking.objects.get().worker == member.worker
    assert "中签" in text(mine.get(reverse("worker:draw_ticket", args=[offer.number])))
    shown = text(Client().get(public))
    assert ticket in shown
    assert 'id="recheck"' in shown
    assert member.worker.pk.hex not in shown.replace("-", "")


def test_machines_and_browsers_get_the_same_file(tree: Tree, clock: Any) -> None:
    draw = make_draw(union=tree.city, places=1, closes_at=CLOSES)
    for _number in range(3):
        enter(make_member(union=tree.couriers), draw)
    turn_draws(now=CLOSES)
    forget()
    by_page = Client().get(reverse("open:draw_file", args=[draw.offer.number]))
    files = [Client().get(f"/api/v1/draws/{key}/public") for key in (draw.pk, draw.offer_id, draw.offer.number)]
    assert {each.content for each in files} == {by_page.content}
    assert len(json.loads(by_page.content)["tickets"]) == 3
    assert Client().get("/api/v1/draws/nothing/public").status_code == 404
    assert b"hashlib" in Client().get(reverse("open:draw_script")).content
    assert draw.offer.name in text(Client().get(reverse("open:draws")))


def test_somebody_without_a_ticket_finds_the_draw_at_the_offer(tree: Tree, clock: Any) -> None:
    draw = make_draw(union=tree.city, places=1, closes_at=CLOSES)
    mine = member_client(make_member(union=tree.couriers))
    assert mine.get(reverse("worker:draw_ticket", args=[draw.offer.number])).status_code == 404
    page = text(mine.get(reverse("worker:offer", args=[draw.offer.number])))
    assert reverse("open:draw", args=[draw.offer.number]) in page
    assert reverse("worker:draw_ticket", args=[draw.offer.number]) not in page


def test_what_is_refused_at_the_desk_is_said(tree: Tree, clock: Any) -> None:
    draw = make_draw(union=tree.city, places=1, closes_at=CLOSES)
    client = cadre(tree)
    page = reverse("desk:draws:draw", args=[draw.offer.number])
    assert "报名还没有截止" in text(client.post(f"{page}freeze/", follow=True))
    assert client.get(f"{page}freeze/").status_code == 200
    assert client.get(f"{page}nothing/").status_code == 404
    Draw.objects.update(value_at=NOW)
    assert f"{page}hour/" in text(client.get(page))
    assert draw.offer.name in text(client.get(reverse("desk:draws:draws")))
