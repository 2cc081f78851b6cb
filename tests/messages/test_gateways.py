"""Each way out against a server that speaks its protocol; what fails is tried again, and then falls back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.kernel.secrets import PersonKey
from nuanxin.messages.actions import TRIES, notify, send_text
from nuanxin.messages.actions.carrying import forget_unsent, retry_text
from nuanxin.messages.actions.chats import add_chat, remove_chat, try_chat
from nuanxin.messages.actions.choices import (
    ask_for_email,
    choose_ways,
    confirm_email,
    forget_address,
    read_email_link,
    remember_weixin,
)
from nuanxin.messages.models import Address, GroupChat, Outlet, TextMessage
from nuanxin.messages.queries.outlets import outlets_health
from nuanxin.messages.tasks import MOST_FAILURES, deliver_texts
from nuanxin.messages.tasks.gateways import Bots
from nuanxin.messages.tasks.parcels import DeliveryError, Parcel
from nuanxin.messages.tasks.weixin import Weixin
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_member, worker_of
from tests.factories.notices import make_text
from tests.factories.organizations import make_tree
from tests.messages.servers import BotServer, MailServer, WeixinServer

pytestmark = pytest.mark.django_db
BOT = "wecombot://10000000-0000-4000-8000-000000000001"


def _parcel(address: str, template: str = "membership.suspended") -> Parcel:
    values = {"reason": "未缴会费", "union": "聊城市总工会"}
    return Parcel(
        text_id=uuid4(), address=address, text="您的会籍暂停", template=template, values=values, link="/card/"
    )


# WeChat


def test_a_message_to_wechat_carries_template_page_and_values(weixin: WeixinServer) -> None:
    Weixin().send(_parcel("openid-1"))
    assert weixin.messages == [
        {
            "touser": "openid-1",
            "template_id": "tmpl-1",
            "page": "pages/web/index?path=/card/",
            "miniprogram_state": "formal",
            "lang": "zh_CN",
            "data": {"thing1": {"value": "未缴会费"}, "phrase2": {"value": "已暂停"}},
        }
    ]


def test_a_service_account_speaks_to_its_own_interface(weixin: WeixinServer, settings: Any) -> None:
    settings.NUANXIN_WEIXIN_NOTICES = ["account", "wx1", "s3cret"]
    Weixin().send(_parcel("openid-1"))
    assert weixin.heard[-1][0] == "/cgi-bin/message/subscribe/bizsend"
    assert "miniprogram_state" not in weixin.messages[0]


def _asked_for_tokens(weixin: WeixinServer) -> list[bool]:
    return [body["force_refresh"] for path, _query, body in weixin.heard if path == "/cgi-bin/stable_token"]


def test_the_token_is_kept_and_renewed_when_it_is_worn_out(weixin: WeixinServer) -> None:
    for _ in range(3):
        Weixin().send(_parcel("openid-1"))
    assert _asked_for_tokens(weixin) == [False]
    weixin.serial += 1  # another process forced a new one: the old one is refused with 40001
    Weixin().send(_parcel("openid-1"))
    assert _asked_for_tokens(weixin) == [False, False]
    assert len(weixin.messages) == 4


def test_a_new_token_is_forced_only_when_the_one_in_use_is_the_one_refused(
    weixin: WeixinServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    Weixin().send(_parcel("openid-1"))
    serial, answer = weixin.serial, weixin.answer

    def refuses_the_first(path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if query.get("access_token") == f"token-{serial}":
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        return answer(path, query, body)

    monkeypatch.setattr(weixin, "answer", refuses_the_first)
    Weixin().send(_parcel("openid-1"))
    assert _asked_for_tokens(weixin) == [False, False, True]
    assert len(weixin.messages) == 2


def test_wrong_secrets_refusals_and_outages_are_told_apart(weixin: WeixinServer, settings: Any) -> None:
    weixin.refuses["openid-2"] = 43101
    with pytest.raises(DeliveryError, match="43101") as refused:
        Weixin().send(_parcel("openid-2"))
    assert refused.value.for_good
    with pytest.raises(DeliveryError, match="no WeChat template") as unknown:
        Weixin().send(_parcel("openid-1", "membership.ended"))
    assert unknown.value.for_good
    with pytest.raises(DeliveryError, match="asks for") as wrong:
        Weixin().send(_parcel("openid-1", "application.approved"))
    assert wrong.value.for_good
    weixin.down = True
    with pytest.raises(DeliveryError) as down:
        Weixin().send(_parcel("openid-1"))
    assert not down.value.for_good
    assert "token" not in str(down.value)
    weixin.down = False
    settings.NUANXIN_WEIXIN_NOTICES = ["mini", "wx2", "wrong"]
    with pytest.raises(DeliveryError, match="40125"):
        Weixin().send(_parcel("openid-1"))


# Bots of chats


def test_wecom_is_told_and_its_refusal_is_seen_though_it_comes_with_status_200(bots: BotServer) -> None:
    Bots().send(_parcel(BOT))
    assert bots.said == ["您的会籍暂停"]
    with pytest.raises(DeliveryError, match="93000") as gone:
        Bots().send(_parcel("wecombot://gone"))
    assert gone.value.for_good


def test_dingtalk_is_told_signed_or_not(bots: BotServer) -> None:
    Bots().send(_parcel(f"dingtalk://{bots.token}"))
    bots.secret = "SEC000f20b8fd9e"
    for _ in range(20):  # a signature with + or / in it is among them
        Bots().send(_parcel(f"dingtalk://{bots.secret}@{bots.token}"))
    assert len(bots.said) == 21
    with pytest.raises(DeliveryError, match="310000"):
        Bots().send(_parcel(f"dingtalk://SECwrong@{bots.token}"))


def test_other_addresses_and_outages_are_no_chats(bots: BotServer, settings: Any) -> None:
    with pytest.raises(DeliveryError):
        Bots().send(_parcel("json://127.0.0.1/"))
    settings.NUANXIN_BOT_URLS = ["http://127.0.0.1:9", "http://127.0.0.1:9"]
    with pytest.raises(DeliveryError) as down:
        Bots().send(_parcel(BOT))
    assert not down.value.for_good


def test_a_chat_is_added_tried_and_removed_by_who_may(bots: BotServer) -> None:
    tree = make_tree()
    union: dict[str, Any] = {"union_id": tree.city.pk, "union_path": tree.city.path}
    actor = actor_for("organizer", union=tree.city)
    stranger = actor_for("registrar", union=tree.city)
    with pytest.raises(NotAllowed):
        add_chat(actor=stranger, name="群", address=BOT, now=NOW, **union)
    for wrong in ("", "https://example.com/", "json://127.0.0.1/", "mailto://a:b@example.com"):
        with pytest.raises(Invalid):
            add_chat(actor=actor, name="群", address=wrong, now=NOW, **union)
    assert not GroupChat.objects.exists()
    native = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={bots.key}"
    chat = add_chat(actor=actor, name="审核群", address=native, now=NOW, **union)
    with pytest.raises(Conflict):
        add_chat(actor=actor, name="又一个", address=native, now=NOW, **union)
    assert bots.key.encode() not in bytes(chat.sealed_address)
    now = timezone.now()
    with pytest.raises(NotAllowed):
        try_chat(actor=stranger, chat=chat, union_path=tree.city.path, union_name="市总工会", now=now)
    try_chat(actor=actor, chat=chat, union_path=tree.city.path, union_name="市总工会", now=now)
    deliver_texts(0)
    assert ["市总工会" in said for said in bots.said] == [True]
    remove_chat(actor=actor, chat=chat, union_path=tree.city.path, now=NOW)
    chat.refresh_from_db()
    assert (bytes(chat.sealed_address), chat.removed_at) == (b"", NOW)
    with pytest.raises(Conflict):
        remove_chat(actor=actor, chat=chat, union_path=tree.city.path, now=NOW)


# E-mail


def test_a_mailbox_is_confirmed_by_its_own_link_and_then_told(mail: MailServer) -> None:
    actor = worker_of(make_member(union=make_tree().couriers))
    choose_ways(actor=actor, chosen={"security": ["email"]}, now=timezone.now())
    address = ask_for_email(actor=actor, email="w@Example.com", language="zh-hans", now=timezone.now())
    assert address == "w@example.com"
    deliver_texts(0)
    (recipient, _subject, text) = mail.mails[0]
    assert recipient == "w@example.com"
    token = text.split("/email/")[1].split("/")[0]
    assert "w@example.com" not in token
    from_device: dict[str, Any] = {"account_id": actor.account_id, "template": "device.new", "values": {"at": "9"}}
    notify(**from_device, fact="1", now=timezone.now())
    deliver_texts(0)
    assert len(mail.mails) == 1  # not confirmed yet
    for _ in range(2):
        confirm_email(actor=system(), token=token, now=timezone.now())
    notify(**from_device, fact="2", now=timezone.now())
    deliver_texts(0)
    assert [mails[0] for mails in mail.mails] == ["w@example.com"] * 2
    assert TextMessage.objects.filter(channel="email", masked="w***@example.com").count() == 2


def test_links_that_are_forged_old_or_of_another_mailbox_confirm_nothing(mail: MailServer) -> None:
    actor = worker_of(make_member(union=make_tree().couriers))
    now = timezone.now()
    ask_for_email(actor=actor, email="a@example.com", language="", now=now)
    deliver_texts(0)
    token = mail.mails[0][2].split("/email/")[1].split("/")[0]
    with pytest.raises(Conflict):  # one link in two minutes
        ask_for_email(actor=actor, email="a@example.com", language="", now=now)
    with pytest.raises(NotFound):
        read_email_link(token[:-1] + ("A" if token[-1] != "A" else "B"), now=now)
    with pytest.raises(NotFound):
        read_email_link(token, now=now + timedelta(days=1, seconds=2))
    assert read_email_link(token, now=now).account_id == actor.account_id
    ask_for_email(actor=actor, email="b@example.com", language="", now=now + timedelta(minutes=3))
    with pytest.raises(NotFound):
        confirm_email(actor=system(), token=token, now=now)
    assert Address.objects.get().confirmed_at is None
    assert forget_address(actor=actor, channel="email", now=now) is True
    assert forget_address(actor=actor, channel="email", now=now) is False


def test_without_a_mail_gateway_no_mailbox_is_taken(settings: Any) -> None:
    actor = worker_of(make_member(union=make_tree().couriers))
    settings.NUANXIN_MAIL_URL = ""
    with pytest.raises(Conflict):
        ask_for_email(actor=actor, email="a@example.com", language="", now=NOW)
    with pytest.raises(Invalid):
        choose_ways(actor=actor, chosen={"code": []} | {"security": ["sms"]}, now=NOW)
    assert not Address.objects.exists()


def test_a_mail_server_that_refuses_is_tried_again(mail: MailServer) -> None:
    actor = worker_of(make_member(union=make_tree().couriers))
    mail.refuses = True
    ask_for_email(actor=actor, email="a@example.com", language="", now=timezone.now())
    deliver_texts(0)
    row = TextMessage.objects.get()
    assert (row.state, row.attempts, "did not take" in row.last_error) == ("queued", 1, True)


# Failing, giving up, sending again


def test_a_gateway_that_is_down_is_left_alone_after_some_failures(settings: Any) -> None:
    settings.NUANXIN_SMS_URL = "json://127.0.0.1:9/sms?:to={phone}"
    for number in range(MOST_FAILURES + 5):
        send_text(phone=f"1541234{number:04d}", template="code.sign_in", values={"code": "1"}, now=timezone.now())
    deliver_texts(0)
    attempts = sorted(TextMessage.objects.values_list("attempts", flat=True))
    assert attempts == [0] * 5 + [1] * MOST_FAILURES
    outlet = Outlet.objects.get(channel="sms")
    assert (outlet.succeeded_at, outlet.failures, outlet.failed_at is not None) == (None, MOST_FAILURES, True)


def test_pauses_grow_and_the_last_failure_is_the_end(settings: Any) -> None:
    settings.NUANXIN_SMS_URL = "json://127.0.0.1:9/sms?:to={phone}"
    message = make_text()
    pauses = []
    for _ in range(TRIES):
        TextMessage.objects.update(try_at=timezone.now() - timedelta(seconds=1))
        before = timezone.now()
        deliver_texts(0)
        message.refresh_from_db()
        pauses.append(round((message.try_at - before).total_seconds()))
    assert pauses[:4] == sorted(pauses[:4])
    assert (message.state, message.attempts) == ("failed", TRIES)
    assert bytes(message.sealed_text)


def test_what_failed_is_sent_again_by_hand_once_by_who_may(settings: Any, capsys: Any) -> None:
    tree = make_tree()
    message = make_text(state="failed", attempts=TRIES, union_id=tree.city.pk)
    actor = actor_for("organizer", union=tree.city)
    blind = actor_for("registrar", union=tree.city)
    with pytest.raises(NotAllowed):
        retry_text(actor=blind, message=message, union_path=tree.city.path, now=NOW)
    again: dict[str, Any] = {"actor": actor, "message": message, "union_path": tree.city.path}
    retry_text(**again, now=timezone.now())
    with pytest.raises(Conflict):
        retry_text(**again, now=timezone.now())
    deliver_texts(0)
    message.refresh_from_db()
    assert (message.state, message.attempts, bytes(message.sealed_address)) == ("sent", 1, b"")
    with pytest.raises(Conflict):
        retry_text(**again, now=timezone.now())


def test_a_code_that_failed_and_an_old_failure_are_gone_for_good() -> None:
    old = make_text(state="failed", created_at=NOW - timedelta(days=8))
    young = make_text(phone="15412340002", state="failed", created_at=NOW - timedelta(days=6))
    assert forget_unsent(now=NOW) == 1
    assert forget_unsent(now=NOW) == 0
    old.refresh_from_db()
    young.refresh_from_db()
    assert (bytes(old.sealed_text), bytes(old.sealed_address), bytes(old.sealed_values)) == (b"", b"", b"")
    assert bytes(young.sealed_text)
    tree = make_tree()
    actor = actor_for("organizer", union=tree.city)
    with pytest.raises(Conflict):
        retry_text(actor=actor, message=old, union_path=tree.city.path, now=NOW)


def test_a_phone_that_fails_falls_back_to_the_other_ways_even_unchosen_for_what_must_be_heard(
    weixin: WeixinServer, settings: Any
) -> None:
    member = make_member(union=make_tree().couriers)
    actor = worker_of(member)
    assert actor.account_id is not None
    remember_weixin(account_id=actor.account_id, openid="openid-1", now=timezone.now())
    settings.NUANXIN_SMS_URL = "json://127.0.0.1:9/sms?:to={phone}"
    values = {"reason": "未缴会费"}
    phone = PersonKey(member.worker.sealed_key).unseal(member.worker.sealed_phone)
    send_text(phone=phone, template="membership.suspended", values=values, now=timezone.now())
    for _ in range(TRIES + 1):
        deliver_texts(0)
        TextMessage.objects.filter(state="queued").update(try_at=timezone.now() - timedelta(seconds=1))
    assert sorted(TextMessage.objects.values_list("channel", "state")) == [("sms", "failed"), ("weixin", "sent")]
    assert weixin.messages[0]["data"]["thing1"]["value"] == "未缴会费"


def test_the_health_of_the_gateways_is_told(settings: Any, weixin: WeixinServer) -> None:
    make_text()
    make_text(phone="15412340002", state="failed", created_at=timezone.now())
    make_text(phone="15412340003", state="delivered", created_at=timezone.now())
    health = {str(row.channel): row for row in outlets_health(now=timezone.now())}
    assert {name: row.is_set_up for name, row in health.items()} == {
        "weixin": True, "sms": False, "email": False, "wecom": False, "dingtalk": False,
    }  # fmt: skip
    assert health["sms"].waiting == 1
    assert health["sms"].day["failed"] == health["sms"].day["delivered"] == 1
