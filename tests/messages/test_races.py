"""Many tell one fact at the same moment, many carry it: it is told once and goes out once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from nuanxin.messages.actions import claim, notify, send_text
from nuanxin.messages.actions.choices import choose_ways
from nuanxin.messages.actions.spreading import spread_notices, spread_texts
from nuanxin.messages.models import Notice, Preference, TextMessage
from nuanxin.messages.states import Channel
from tests.factories.access import make_account
from tests.factories.members import make_member, worker_of
from tests.factories.notices import make_chat
from tests.factories.organizations import make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
TELLERS = 12
WAYS = frozenset({Channel.APP, Channel.SMS})


def _text(_number: int = 0) -> TextMessage:
    values = {"reason": "x"}
    return send_text(
        phone="15412340001", template="membership.suspended", values=values, fact="one", now=timezone.now()
    )


def test_one_fact_told_by_twelve_at_once_is_one_text_and_one_notice() -> None:
    account = make_account()
    at_once(_text, TELLERS)
    assert TextMessage.objects.count() == 1

    def tell(_number: int) -> bool:
        values = {"number": "17", "due": "明天"}
        return notify(
            account_id=account.pk, template="application.waiting", values=values, fact="w", now=timezone.now()
        )

    assert Counter(at_once(tell, TELLERS)) == {True: 1, False: TELLERS - 1}
    assert Notice.objects.count() == 1


def test_looking_first_and_telling_then_would_tell_it_several_times() -> None:
    """The control: the same twelve without the constraint, looking before they tell."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notices_textmessage DROP CONSTRAINT text_once_per_fact")
    looked = Barrier(TELLERS)

    def look_then_tell(_number: int) -> None:
        known = TextMessage.objects.filter(template="membership.suspended", fact="one").exists()
        looked.wait(timeout=30)
        if not known:
            _text()

    try:
        at_once(look_then_tell, TELLERS)
        assert TextMessage.objects.count() > 1
    finally:
        TextMessage.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE notices_textmessage"
                " ADD CONSTRAINT text_once_per_fact UNIQUE (address_digest, template, fact)"
            )


def test_several_spread_and_carry_at_once_and_each_text_goes_to_one_of_them() -> None:
    tree = make_tree()
    make_chat(union=tree.city)
    actor = worker_of(make_member(union=tree.couriers))
    now = timezone.now()
    for number in range(40):
        send_text(phone=f"1541234{number:04d}", template="membership.suspended", values={"reason": "x"}, now=now)
        notify(
            account_id=actor.account_id,  # type: ignore[arg-type]
            template="application.waiting",
            values={"number": "1", "due": ""},
            fact=f"{number}",
            union_id=tree.city.pk,
            now=now,
        )
    assert sum(at_once(lambda _: spread_notices(channels=WAYS, now=now, most=7), 8)) <= 40  # type: ignore[arg-type]
    while spread_notices(channels=WAYS, now=now, most=20):
        pass
    assert TextMessage.objects.filter(channel="wecom").count() == 40

    def carry(_number: int) -> list[Any]:
        taken = claim(now=now + timedelta(seconds=1), most=15)
        return [message.pk for message in spread_texts(taken, channels=WAYS, now=now)]

    taken = [pk for pks in at_once(carry, 8) for pk in pks]  # type: ignore[attr-defined]
    assert len(taken) == len(set(taken)) == 80


def test_one_who_chooses_twice_at_once_has_one_choice() -> None:
    actor = worker_of(make_member(union=make_tree().couriers))
    ways = [["sms"], []] * 4
    at_once(lambda n: choose_ways(actor=actor, chosen={"progress": ways[n]}, now=timezone.now()), 8)
    assert Preference.objects.count() == 1
