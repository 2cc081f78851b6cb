"""Draws at every step, straight through the actions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nuanxin.access.actors import system
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.actions.draws import announce_draw
from nuanxin.bookings.actions.draws_deciding import confirm_value, enter_value
from nuanxin.bookings.actions.outcomes import Wish
from nuanxin.bookings.models import Draw, Entry, Waiting
from nuanxin.bookings.rules.draws import TICKET_LENGTH
from nuanxin.bookings.states import WaitingState
from nuanxin.kernel.ids import new_id, random_letters
from nuanxin.members.models import Worker
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.bookings import make_open_offer
from tests.factories.members import make_worker, worker_of

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor
    from nuanxin.bookings.actions.outcomes import Outcome
    from nuanxin.bookings.models import Offer
    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union

#: Entries of a test's offer close then; the value is published an hour later.
CLOSES = NOW + timedelta(days=7)
HOUR = CLOSES + timedelta(hours=1)
SOURCE = "上证综合指数收盘点位（小数点后四位）"
LINK = "https://www.sse.example/index"
VALUE = "3834.8911"


def make_draw(*, union: Union, **fields: Any) -> Draw:
    """Announce a draw of an offer that is open at NOW for a week."""
    values: dict[str, Any] = {"way": "lottery", "waits": True, "cancel_until_hours": 24} | fields
    return announced(make_open_offer(union=union, **values))


def announced(offer: Offer) -> Draw:
    """Announce the draw of an offer."""
    return announce_draw(
        actor=system(),
        offer=offer,
        source=SOURCE,
        source_link=LINK,
        value_at=offer.closes_at + timedelta(hours=1),
        now=NOW,
    )


def enter(member: Membership, draw: Draw, *, session: Any = None, now: datetime = NOW, **wish: Any) -> Outcome:
    """Let a member enter."""
    return book(
        actor=worker_of(member),
        offer=draw.offer_id,
        session=session.pk if session else None,
        worker=member.worker_id,
        now=now,
        wish=Wish(**wish),
    )


def ticket_of(member: Membership) -> Entry:
    """Return a member's last ticket."""
    found = Entry.objects.filter(waiting__worker=member.worker).select_related("waiting").order_by("-pk").first()
    assert found is not None
    return found


def two_cadres(union: Union) -> tuple[Actor, Actor]:
    """Return two people who lead offers of a union."""
    return actor_for("services", union=union), actor_for("services", union=union)


def decide(draw: Draw, *, value: str = VALUE, now: datetime = HOUR) -> Draw:
    """Let two people type the public value."""
    first, second = two_cadres(draw.offer.union)
    enter_value(actor=first, draw=draw, value=value, link=LINK, now=now)
    return confirm_value(actor=second, draw=draw, value=value, now=now)


def make_tickets(draw: Draw, count: int) -> None:
    """Let so many people enter, by a few statements: for lists of thousands."""
    model = make_worker()
    values = {field.attname: getattr(model, field.attname) for field in Worker._meta.concrete_fields}
    offer, share = draw.offer, draw.offer.shares.get()
    for start in range(0, count, 1000):
        ids = [new_id() for _number in range(min(1000, count - start))]
        Worker.objects.bulk_create(
            Worker(**values | {"id": pk, "id_digest": pk.bytes, "phone_digest": pk.bytes[::-1], "sealed_phone": b""})
            for pk in ids
        )
        wishes = [
            Waiting(
                offer=offer,
                worker_id=pk,
                union_path=offer.union.path,
                shares=[share.pk],
                joined_at=NOW,
                state=WaitingState.APPLIED,
            )
            for pk in ids
        ]
        Waiting.objects.bulk_create(wishes)
        Entry.objects.bulk_create(
            Entry(draw=draw, waiting=wish, ticket=random_letters(TICKET_LENGTH)) for wish in wishes
        )
