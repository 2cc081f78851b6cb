"""Where somebody is signed in: seen, ended, and ended by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from nuanxin.access.actions import reset_password, set_active
from nuanxin.access.actions.session_store import SessionStore
from nuanxin.access.actors import system
from nuanxin.access.models import Account, BrowserSession, Post, TrustedDevice
from nuanxin.access.rules.sessions import DESK_IDLE, DESK_LONGEST, device_words
from nuanxin.members.models import Membership
from nuanxin.records.models import AuditEntry
from tests.factories.access import make_account, make_post, sign_in
from tests.factories.organizations import Tree
from tests.web.worker.conftest import a_minute_later, member, membership, signed_in, tree

__all__ = ["member", "membership", "tree"]
PASSWORD = "seven blue kites"
WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; M2012K11AC Build/SKQ1; wv) AppleWebKit/537.36 Version/4.0 "
    "Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0.40 WeChat/arm64"
)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (WECHAT, "WeChat · Android · M2012K11AC"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) Version/17.1 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/120.0 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_named_in_few_words(agent: str, words: str) -> None:
    assert device_words(agent) == words


def test_the_key_of_a_session_is_not_in_the_table(member: Client) -> None:
    key = member.cookies[settings.SESSION_COOKIE_NAME].value
    row = BrowserSession.objects.get(account__isnull=False)
    assert key not in (row.session_key, row.session_data)
    assert SessionStore(key).load()
    assert not SessionStore(row.session_key).load(), "whoever reads the table cannot ride on it"


def another_phone(membership: Membership) -> Client:
    a_minute_later()
    return signed_in(Client(headers={"User-Agent": WECHAT}), "15400009999")


def test_a_member_sees_and_ends_sessions(member: Client, membership: Membership) -> None:
    other = another_phone(membership)
    page = member.get("/me/sessions/").content.decode()
    assert ("WeChat · Android · M2012K11AC" in page, "正在使用" in page) == (True, True)
    assert other.get("/me/").status_code == 200
    theirs = BrowserSession.objects.get(device__startswith="WeChat")
    assert member.post("/me/sessions/", {"session": theirs.session_key}).status_code == 302
    assert other.get("/me/").status_code == 302
    assert member.get("/me/").status_code == 200
    assert AuditEntry.objects.filter(action="access.session_ended").count() == 1
    assert TrustedDevice.objects.filter(revoked_at=None).exists()


def test_ending_all_others_ends_the_trust_in_phones_too(member: Client, membership: Membership) -> None:
    other = another_phone(membership)
    assert member.post("/me/sessions/").status_code == 302
    assert (member.get("/me/").status_code, other.get("/me/").status_code) == (200, 302)
    assert not TrustedDevice.objects.filter(revoked_at=None).exists()


def test_nobody_ends_another_ones_session(member: Client, membership: Membership, tree: Tree) -> None:
    cadre = Client()
    sign_in(cadre, make_post(union=tree.city).account)
    theirs = BrowserSession.objects.exclude(account=membership.worker.account).get(account__isnull=False)
    assert member.post("/me/sessions/", {"session": theirs.session_key}).status_code == 404
    assert BrowserSession.objects.filter(pk=theirs.pk).exists()


@pytest.fixture
def cadre(tree: Tree) -> Post:
    return make_post(union=tree.city, account=make_account(username="wang", password=PASSWORD))


def at_the_desk(post: Post) -> Client:
    browser = Client()
    sign_in(browser, post.account)
    assert browser.get("/desk/access/me/").status_code == 200
    return browser


def test_a_cadre_sees_and_ends_sessions(cadre: Post) -> None:
    here, there = at_the_desk(cadre), at_the_desk(cadre)
    assert here.get("/desk/access/me/sessions/").content.decode().count('name="session"') == 1
    assert here.post("/desk/access/me/sessions/").status_code == 302
    assert there.get("/desk/access/me/")["Location"].startswith("/desk/sign-in/")
    assert here.get("/desk/access/me/").status_code == 200


def test_a_new_password_ends_all_other_sessions(cadre: Post) -> None:
    here, there = at_the_desk(cadre), at_the_desk(cadre)
    typed = {"old": PASSWORD, "new": "eight red boats", "again": "eight red boats"}
    assert here.post("/desk/access/me/password/", typed).status_code == 302
    assert here.get("/desk/access/me/").status_code == 200
    assert there.get("/desk/access/me/").status_code == 302
    assert BrowserSession.objects.filter(account=cadre.account).count() == 1


@pytest.mark.parametrize("what", ["reset", "close"])
def test_a_reset_or_closed_account_is_signed_out_everywhere(cadre: Post, what: str) -> None:
    there = at_the_desk(cadre)
    account, now = Account.objects.get(pk=cadre.account_id), timezone.now()
    if what == "reset":
        reset_password(actor=system(), account=account, now=now)
    else:
        set_active(actor=system(), account=account, active=False, now=now)
    assert not BrowserSession.objects.filter(account=account).exists()
    assert there.get("/desk/access/me/").status_code == 302


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    moment = timezone.now() + by
    monkeypatch.setattr("nuanxin.web.kit.actors.now", lambda: moment)


def test_a_desk_that_nobody_uses_signs_out(cadre: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    here = at_the_desk(cadre)
    later(monkeypatch, DESK_IDLE - timedelta(minutes=1))
    assert here.get("/desk/access/me/").status_code == 200
    later(monkeypatch, 2 * DESK_IDLE - timedelta(minutes=2))
    assert here.get("/desk/access/me/").status_code == 200, "what is used goes on"
    later(monkeypatch, 3 * DESK_IDLE)
    out = here.get("/desk/access/me/")
    assert out["Location"].startswith("/desk/sign-in/?next=")
    assert not BrowserSession.objects.filter(account=cadre.account).exists()


def test_a_desk_is_open_for_a_working_day_at_most(cadre: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    here = at_the_desk(cadre)
    at = timedelta()
    while at < DESK_LONGEST - timedelta(minutes=30):
        at += timedelta(minutes=30)
        later(monkeypatch, at)
        assert here.get("/desk/access/me/").status_code == 200
    later(monkeypatch, DESK_LONGEST + timedelta(minutes=1))
    assert here.get("/desk/access/me/").status_code == 302
