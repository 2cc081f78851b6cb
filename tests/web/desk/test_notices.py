"""The desk's pages of notices: one's own, what was sent, gateways and chats; masked, in reach, by the right post."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import signing
from django.utils import timezone

from nuanxin.access.models import Account
from nuanxin.members.queries.told import ToldFilters, told_texts
from nuanxin.messages.actions import notify
from nuanxin.messages.actions.choices import choose_ways
from nuanxin.messages.models import Address, GroupChat, Notice, Outlet, Preference, TextMessage
from tests.factories.access import actor_for, make_account, make_post
from tests.factories.members import make_member, worker_of
from tests.factories.notices import BOT, make_chat, make_text
from tests.web.desk.conftest import cadre

if TYPE_CHECKING:
    from datetime import datetime

    from tests.factories.organizations import Tree

pytestmark = pytest.mark.django_db


def _tell(account: Account, now: datetime, *, fact: str = "1", link: str = "/desk/review/17/", **more: Any) -> Notice:
    values = {"number": "2026112300000017", "due": "2026-11-24 17:30"}
    notify(account_id=account.pk, template="application.waiting", values=values, fact=fact, link=link, now=now, **more)
    return Notice.objects.get(account_id=account.pk, fact=fact)


def _leads_to(answer: Any) -> str:
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def _account(client: Any) -> Account:
    return Account.objects.get(pk=client.session["_auth_user_id"])


def test_the_bell_counts_and_opening_a_notice_reads_it_and_leads_on(tree: Tree, now: datetime) -> None:
    client = cadre(union=tree.couriers)
    notice = _tell(_account(client), now)
    page = client.get("/desk/").content.decode()
    assert 'class="nx-bell" href="/desk/notices/"' in page
    assert client.get("/desk/notices/?show=unread").content.decode().count("2026112300000017") == 1
    opened = client.post(f"/desk/notices/{notice.pk}/open/")
    assert _leads_to(opened) == "/desk/review/17/"
    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "2026112300000017" not in client.get("/desk/notices/?show=unread").content.decode()
    assert "2026112300000017" in client.get("/desk/notices/").content.decode()


def test_nobody_opens_anybody_elses_notice_or_is_led_elsewhere(tree: Tree, now: datetime) -> None:
    client = cadre(union=tree.couriers)
    others = _tell(make_account(), now)
    assert client.post(f"/desk/notices/{others.pk}/open/").status_code == 404
    others.refresh_from_db()
    assert others.read_at is None
    away = _tell(_account(client), now, link="https://example.com/")
    assert _leads_to(client.post(f"/desk/notices/{away.pk}/open/")) == "/desk/notices/"


def test_all_are_read_at_once(tree: Tree, now: datetime) -> None:
    client = cadre(union=tree.couriers)
    for number in range(3):
        _tell(_account(client), now, fact=str(number))
    answer = client.post("/desk/notices/read/", {"back": "notices"})
    assert (_leads_to(answer), Notice.objects.filter(read_at=None).count()) == ("/desk/notices/", 0)


def test_ways_are_chosen_and_what_is_not_set_up_is_not_lost(tree: Tree, now: datetime, settings: Any) -> None:
    client = cadre(union=tree.couriers)
    choose_ways(actor=actor_for(_account(client)), chosen={"work": ["weixin"], "security": []}, now=now)
    page = client.get("/desk/notices/ways/").content.decode()
    assert "不能关闭" in page
    assert "邮件" not in page.split("<main")[1].split("nx-field")[1]
    assert client.post("/desk/notices/ways/", {"work": ["sms"]}).status_code == 302
    assert dict(Preference.objects.values_list("kind", "channels")) == {"work": ["sms", "weixin"], "security": []}
    assert client.post("/desk/notices/ways/", {"work": ["wecom"]}).status_code == 422
    assert client.post("/desk/notices/ways/", {"security": ["sms"]}).status_code == 422


def test_a_mailbox_is_named_confirmed_and_taken_away(tree: Tree, settings: Any) -> None:
    settings.NUANXIN_MAIL_URL = "json://127.0.0.1:9/{address}"
    client = cadre(union=tree.couriers)
    assert client.post("/desk/notices/ways/email/", {"email": "nonsense"}).status_code == 422
    assert client.post("/desk/notices/ways/email/", {"email": "wang@example.com"}).status_code == 302
    page = client.get("/desk/notices/ways/").content.decode()
    assert "w***@example.com" in page
    assert "wang@example.com" not in page
    assert "还没有确认" in page
    client.post("/desk/notices/ways/email/remove/")
    assert "w***@example.com" not in client.get("/desk/notices/ways/").content.decode()


def test_what_was_sent_is_listed_in_reach_masked_and_without_words(tree: Tree, now: datetime) -> None:
    make_text(union_id=tree.couriers.pk, created_at=now)
    make_text(phone="15412340002", union_id=tree.nation.pk, created_at=now)
    make_text(phone="15412340003", created_at=now)
    page = cadre("registrar", union=tree.city).get("/desk/notices/sent/").content.decode()
    assert "154****0001" in page
    for hidden in ("15412340001", "未缴会费", "154****0002", "154****0003"):
        assert hidden not in page
    everything = cadre("administrator", union=tree.nation).get("/desk/notices/sent/").content.decode()
    assert all(masked in everything for masked in ("154****0001", "154****0002", "154****0003"))


def test_filters_find_by_whole_number_kind_state_way_and_day(tree: Tree, now: datetime) -> None:
    make_text(union_id=tree.city.pk, created_at=now)
    make_text(phone="15412340002", union_id=tree.city.pk, state="failed", created_at=now)
    make_text(phone="15412340003", union_id=tree.city.pk, channel="email", kind="progress", created_at=now)
    client = cadre("registrar", union=tree.city)

    def found(query: str) -> list[str]:
        page = client.get(f"/desk/notices/sent/?{query}").content.decode()
        return [name for name in ("0001", "0002", "0003") if f"154****{name}" in page]

    assert found("to=15412340002") == ["0002"]
    assert found("to=1541234") == []
    assert found("to=a%00b") == ["0001", "0002", "0003"]  # no text: the filter says so
    assert found("state=failed") == ["0002"]
    assert found("channel=email") == ["0003"]
    assert found("kind=membership") == ["0001", "0002"]
    assert found("until=2020-01-01") == []
    assert found("since=2020-01-01") == ["0001", "0002", "0003"]
    assert found("kind=nonsense") == ["0001", "0002", "0003"]


def test_pages_go_on_by_key(tree: Tree, now: datetime) -> None:
    for number in range(55):
        make_text(phone=f"1541235{number:04d}", union_id=tree.city.pk, created_at=now)
    client = cadre("registrar", union=tree.city)
    first = client.get("/desk/notices/sent/")
    assert first.content.decode().count("154****") == 50
    second = client.get("/desk/notices/sent/", {"page": first.context["page"].next})
    assert second.content.decode().count("154****") == 5


def test_what_was_told_in_the_app_names_nobody_in_full(tree: Tree, now: datetime) -> None:
    member = make_member(union=tree.couriers, name="欧阳小芳", phone="15412340001")
    actor = worker_of(member)
    assert actor.account_id is not None
    notify(
        account_id=actor.account_id, template="membership.suspended", values={"reason": "未缴会费"}, fact="1",
        union_id=tree.couriers.pk, now=now,
    )  # fmt: skip
    client = cadre("registrar", union=tree.city)
    page = client.get("/desk/notices/sent/app/").content.decode()
    assert "154****0001" in page
    assert "欧阳小芳" not in page
    assert "未缴会费" not in page
    assert "154****0001" in client.get("/desk/notices/sent/app/?to=15412340001&state=unread").content.decode()
    assert "154****0001" not in client.get("/desk/notices/sent/app/?to=15412340009").content.decode()
    assert "154****0001" not in client.get("/desk/notices/sent/app/?state=read").content.decode()


def test_what_failed_is_sent_again_by_who_manages(tree: Tree, now: datetime) -> None:
    failed = make_text(union_id=tree.couriers.pk, state="failed", attempts=5, created_at=now)
    kept = f"/desk/notices/sent/{failed.pk}/again/"
    watcher, manager = cadre("registrar", union=tree.city), cadre("organizer", union=tree.city)
    assert kept not in watcher.get("/desk/notices/sent/").content.decode()
    assert watcher.post(kept).status_code == 404
    assert kept in manager.get("/desk/notices/sent/").content.decode()
    assert manager.post(kept).status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("queued", 0)
    assert manager.post(kept).status_code == 409


def test_a_text_that_no_union_sent_is_for_the_top_of_the_tree_only(tree: Tree, now: datetime) -> None:
    failed = make_text(state="failed", attempts=5, created_at=now)
    again = f"/desk/notices/sent/{failed.pk}/again/"
    assert cadre("organizer", union=tree.city).post(again).status_code == 404
    assert cadre("organizer", union=tree.nation).post(again).status_code == 302


def test_the_gateways_page_tells_what_works_and_what_does_not(tree: Tree, now: datetime, settings: Any) -> None:
    settings.NUANXIN_SMS_URL = "json://127.0.0.1:9/sms?:to={phone}"
    Outlet.objects.create(channel="sms", succeeded_at=now, failed_at=now, last_error="坏了", failures=4)
    page = cadre("organizer", union=tree.city).get("/desk/notices/gateways/").content.decode()
    assert "连续失败" in page
    assert "坏了" in page
    assert "未开通" in page


def test_chats_are_named_tried_and_removed(tree: Tree) -> None:
    client = cadre("organizer", union=tree.city)
    elsewhere = make_chat(union=tree.nation)
    wrong = client.post("/desk/notices/chats/new/", {"union": tree.city.code, "name": "群", "address": "https://x.cn/"})
    assert wrong.status_code == 422
    out = client.post("/desk/notices/chats/new/", {"union": tree.nation.code, "name": "群", "address": BOT})
    assert out.status_code == 422
    good = client.post("/desk/notices/chats/new/", {"union": tree.city.code, "name": "审核员群", "address": BOT})
    assert good.status_code == 302
    page = client.get("/desk/notices/chats/").content.decode()
    assert "审核员群" in page
    assert BOT not in page
    chat = GroupChat.objects.get(name="审核员群")
    assert client.post(f"/desk/notices/chats/{elsewhere.pk}/try/").status_code == 404
    assert client.post(f"/desk/notices/chats/{chat.pk}/try/").status_code == 302
    assert TextMessage.objects.get().template == "chat.test"
    assert client.post(f"/desk/notices/chats/{chat.pk}/remove/").status_code == 302
    assert "审核员群" not in client.get("/desk/notices/chats/").content.decode()


def test_the_list_costs_few_statements(tree: Tree, now: datetime, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        make_text(phone=f"1541235{number:04d}", union_id=tree.city.pk, created_at=now)
    actor = actor_for(make_post(role="registrar", union=tree.city))
    with django_assert_max_num_queries(2):
        assert len(list(told_texts(actor, ToldFilters())[:50])) == 30


def test_a_link_to_a_mailbox_confirms_only_when_the_button_is_pressed(tree: Tree, settings: Any) -> None:
    settings.NUANXIN_MAIL_URL = "json://127.0.0.1:9/{address}"
    client = cadre(union=tree.couriers)
    client.post("/desk/notices/ways/email/", {"email": "wang@example.com"})
    row = Address.objects.get()
    told = {
        "account": str(row.account_id),
        "key": bytes(row.address_digest).hex(),
        "at": int(timezone.now().timestamp()),
    }
    link = f"/email/{signing.dumps(told, salt='nuanxin.messages.email')}/"
    assert "w***@example.com" in client.get(link).content.decode()
    assert Address.objects.filter(confirmed_at=None).count() == 1
    assert client.post(link).status_code == 302
    assert not Address.objects.filter(confirmed_at=None).exists()
    assert "已确认" in client.get("/desk/notices/ways/").content.decode()
