"""One fact goes into the app and out by the ways that somebody has and wants, once; in the morning, if it can wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from nuanxin.access.models import Account
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.secrets import PersonKey, digest, seal, unseal
from nuanxin.members.models import Worker
from nuanxin.messages.actions import claim, notify, send_text, settle_sent
from nuanxin.messages.actions.carrying import hold
from nuanxin.messages.actions.choices import choose_ways, remember_weixin
from nuanxin.messages.actions.spreading import spread_notices, spread_texts
from nuanxin.messages.models import Address, Notice, TextMessage
from nuanxin.messages.queries import inbox
from nuanxin.messages.states import Channel
from nuanxin.messages.tasks import deliver_texts
from tests.factories.access import make_account
from tests.factories.members import make_member, worker_of
from tests.factories.notices import make_chat
from tests.factories.organizations import make_tree
from tests.members.statements import statements
from tests.messages.servers import BotServer, WeixinServer

pytestmark = pytest.mark.django_db
WAYS = frozenset({Channel.APP, Channel.SMS, Channel.EMAIL, Channel.WEIXIN})


def _member(language: str = "") -> tuple[Any, Any, str]:
    """Return a member who has signed in, the actor, and the phone."""
    member = make_member(union=make_tree().couriers)
    actor = worker_of(member)
    worker = Worker.objects.get(pk=member.worker_id)
    Account.objects.filter(pk__in=[actor.account_id]).update(language=language)
    return member, actor, _phone(worker)


def _phone(worker: Worker) -> str:
    return PersonKey(worker.sealed_key).unseal(worker.sealed_phone)


def _tell(phone: str, template: str = "membership.suspended", **more: Any) -> TextMessage:
    values = {"reason": "未缴会费", "union": "聊城市总工会", "number": "2026", "link": "http://127.0.0.1:8000/card/"}
    return send_text(phone=phone, template=template, values=values, now=timezone.now(), **more)


def _has_email(actor: Any) -> None:
    now = timezone.now()
    Address.objects.create(
        account_id=actor.account_id, channel="email", sealed_address=seal("w@example.com"),
        address_digest=digest("email", "w@example.com"), created_at=now, confirmed_at=now,
    )  # fmt: skip


def _sent() -> list[tuple[str, str]]:
    return sorted(TextMessage.objects.values_list("channel", "state"))


def test_a_text_to_a_member_stands_in_the_app_too_with_a_link_to_tap(capsys: Any) -> None:
    _member_row, actor, phone = _member()
    _tell(phone, "membership.resumed")
    deliver_texts(0)
    told = inbox(actor, language="zh-hans")
    assert [(each.link, "127.0.0.1" in each.text, "点这里" in each.text) for each in told] == [("/card/", False, True)]
    assert "http://127.0.0.1:8000/card/" in capsys.readouterr().out
    assert TextMessage.objects.get().account_id == actor.account_id


def test_the_secret_link_of_an_application_does_not_lie_in_the_inbox() -> None:
    _row, actor, phone = _member()
    values = {"union": "总工会", "link": "http://127.0.0.1:8000/a/SECRET"}
    send_text(phone=phone, template="application.approved", values=values, link="/me/acts/", now=timezone.now())
    deliver_texts(0)
    notice = Notice.objects.get()
    assert "SECRET" not in f"{notice.values} {notice.link}"
    assert [each.link for each in inbox(actor)] == ["/me/acts/"]


def test_who_has_no_account_is_told_by_text_message_alone(capsys: Any) -> None:
    _tell("15412340009")
    deliver_texts(0)
    assert _sent() == [("sms", "sent")]
    assert not Notice.objects.exists()


def test_codes_never_stand_in_the_app() -> None:
    _row, _actor, phone = _member()
    send_text(phone=phone, template="code.sign_in", values={"code": "042137"}, now=timezone.now())
    deliver_texts(0)
    assert not Notice.objects.exists()


def test_a_notice_goes_out_by_text_message_in_the_language_of_the_person(capsys: Any) -> None:
    _row, actor, _phone_number = _member("en")
    notify(account_id=actor.account_id, template="device.new", values={"at": "9:00"}, fact="1", now=timezone.now())
    deliver_texts(0)
    assert "Your account was used on a new phone at 9:00" in capsys.readouterr().out
    assert _sent() == [("sms", "sent")]


def test_a_cadre_without_mailbox_is_told_in_the_app_only() -> None:
    account = make_account()
    values = {"role": "审核员", "union": "聊城市总工会"}
    notify(account_id=account.pk, template="post.granted", values=values, fact="1", now=timezone.now())
    deliver_texts(0)
    assert not TextMessage.objects.exists()
    assert Notice.objects.get().spread_at is not None


def test_spreading_again_changes_nothing() -> None:
    _row, actor, phone = _member()
    _has_email(actor)
    choose_ways(actor=actor, chosen={"membership": ["email"]}, now=timezone.now())
    message = _tell(phone)
    for _ in range(3):
        spread_texts([TextMessage.objects.get(pk=message.pk)], channels=WAYS, now=timezone.now())
    spread_notices(channels=WAYS, now=timezone.now(), most=10)
    assert Notice.objects.count() == 1
    assert _sent() == [("email", "queued"), ("sms", "queued")]


def test_who_wants_no_text_message_for_what_need_not_be_gets_none() -> None:
    _row, actor, phone = _member()
    choose_ways(actor=actor, chosen={"progress": []}, now=timezone.now())
    _tell(phone, "application.accepted")
    deliver_texts(0)
    assert not TextMessage.objects.exists()
    assert len(inbox(actor)) == 1
    _tell(phone, "membership.suspended")
    deliver_texts(0)
    assert _sent() == [("sms", "sent")]


def test_wechat_comes_first_and_a_refusal_falls_back_to_the_phone(weixin: WeixinServer) -> None:
    _row, actor, phone = _member()
    remember_weixin(account_id=actor.account_id, openid="openid-1", now=timezone.now())
    _tell(phone, "application.accepted", fact="a")
    deliver_texts(0)
    assert [message["touser"] for message in weixin.messages] == ["openid-1"]
    assert _sent() == [("weixin", "sent")]
    weixin.refuses["openid-1"] = 43101
    _tell(phone, "application.accepted", fact="b")
    deliver_texts(0)
    deliver_texts(0)
    assert _sent() == [("sms", "sent"), ("weixin", "failed"), ("weixin", "sent")]
    assert len(inbox(actor)) == 2


def test_what_has_no_template_at_wechat_goes_by_phone_at_once(weixin: WeixinServer) -> None:
    _row, actor, phone = _member()
    remember_weixin(account_id=actor.account_id, openid="openid-1", now=timezone.now())
    _tell(phone, "membership.resumed")
    deliver_texts(0)
    assert _sent() == [("sms", "sent")]


def test_one_fact_goes_to_one_phone_once() -> None:
    for _ in range(3):
        _tell("15412340001", fact="2026 A")
    _tell("15412340002", fact="2026 A")
    _tell("15412340001", fact="2026 B")
    _tell("15412340001", "membership.resumed", fact="2026 A")
    _tell("15412340001")
    _tell("15412340001")
    assert TextMessage.objects.count() == 6


def test_a_text_is_one_insert() -> None:
    with statements(1):
        _tell("15412340001", fact="x")
    with statements(1):
        _tell("15412340001")


def test_the_chat_of_a_union_hears_once_what_waits_for_several_reviewers(bots: BotServer) -> None:
    tree = make_tree()
    make_chat(union=tree.couriers)
    make_chat(union=tree.city, address="wecombot://other")
    for _ in range(3):
        notify(
            account_id=make_account().pk, template="application.waiting", values={"number": "17", "due": "明天"},
            fact="waiting:17", link="/desk/review/17/", union_id=tree.couriers.pk, now=timezone.now(),
        )  # fmt: skip
    deliver_texts(0)
    assert len(bots.said) == 1
    assert "17" in bots.said[0]
    assert bots.said[0].endswith("http://127.0.0.1:8000/desk/review/17/")


# Quiet hours


def _local(day: int, hour: int) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=ZONE)


def test_at_night_only_what_is_urgent_is_taken_and_the_rest_waits_without_losing_a_try() -> None:
    night, morning = _local(22, 22), _local(23, 8)
    values = {"reason": "x"}
    waits = send_text(phone="15412340001", template="membership.suspended", values=values, now=night)
    send_text(phone="15412340001", template="code.sign_in", values={"code": "1"}, now=night)
    assert [row.pk for row in hold(now=night, until=morning, most=10)] == [waits.pk]
    taken = claim(now=night, most=10, is_quiet=True)
    assert [row.template for row in taken] == ["code.sign_in"]
    settle_sent(taken, now=night)
    assert claim(now=morning - timedelta(seconds=1), most=10) == []
    assert [(row.pk, row.attempts) for row in claim(now=morning, most=10)] == [(waits.pk, 1)]


def test_a_code_does_not_wait_for_a_long_list_of_greetings() -> None:
    day = _local(22, 12)
    for number in range(5):
        phone = f"1541234000{number}"
        send_text(phone=phone, template="membership.suspended", values={"reason": "x"}, now=day - timedelta(hours=1))
    send_text(phone="15412340009", template="code.sign_in", values={"code": "1"}, now=day)
    assert [row.template for row in claim(now=day, most=3)] == ["code.sign_in"]
    assert [row.template for row in claim(now=day, most=3)] == ["membership.suspended"] * 3


def test_what_slips_in_between_is_not_taken_at_night_either() -> None:
    night = _local(22, 22)
    send_text(phone="15412340001", template="membership.suspended", values={"reason": "x"}, now=night)
    assert claim(now=night, most=10, is_quiet=True) == []


def test_what_waits_for_the_morning_stands_in_the_app_at_once(settings: Any, capsys: Any) -> None:
    _row, actor, phone = _member()
    local = timezone.now().astimezone(ZONE)
    settings.NUANXIN_QUIET_HOURS = f"{local - timedelta(hours=2):%H:%M}-{local + timedelta(hours=2):%H:%M}"
    _tell(phone)
    notify(account_id=actor.account_id, template="device.new", values={"at": "9:00"}, fact="1", now=timezone.now())
    deliver_texts(0)
    assert len(inbox(actor)) == 2
    assert sorted(TextMessage.objects.values_list("template", "state", "attempts")) == [
        ("device.new", "sent", 1),
        ("membership.suspended", "queued", 0),
    ]
    assert capsys.readouterr().out.count("[SMS]") == 1
    assert TextMessage.objects.get(state="queued").try_at > timezone.now() + timedelta(hours=1)


def test_texts_hold_their_words_sealed() -> None:
    message = _tell("15412340001")
    row = TextMessage.objects.get(pk=message.pk)
    for column in (row.sealed_text, row.sealed_values, row.sealed_address):
        assert "未缴会费".encode() not in bytes(column)
    assert "未缴会费" in unseal(row.sealed_text)
    assert (row.masked, row.kind) == ("154****0001", "membership")
