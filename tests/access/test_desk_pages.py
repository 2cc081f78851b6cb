"""The access pages of the desk, from signing in to the audit."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from nuanxin.access.models import Absence, Account, ApiClient, PartnerDevice, Post, StaffSession
from nuanxin.records.models import AuditEntry
from tests.factories.access import SECRET, make_account, make_post, make_roles, sign_in

PASSWORD = "three green lanterns"


def totp(secret: str = SECRET, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30 + steps)))


@pytest.fixture
def admin(tree: SimpleNamespace) -> Account:
    account = make_account(username="admin", name="李强", password=PASSWORD)
    make_post(account=account, role="administrator", union=tree.nation)
    return account


@pytest.fixture
def desk(client: Client, admin: Account) -> Client:
    sign_in(client, admin)
    return client


@pytest.mark.parametrize(
    "name",
    [
        "desk:home",
        *(
            f"desk:access:{page}"
            for page in (
                "posts", "posts_excel", "new_post", "accounts", "new_account", "absences", "new_absence",
                "staff_session", "clients", "new_client", "devices", "new_device", "me", "my_password",
                "my_recovery_codes", "audit",
            )
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_opens_for_an_administrator_and_asks_others_to_sign_in(
    desk: Client, name: str, language: str
) -> None:
    desk.cookies["language"] = language
    assert desk.get(reverse(name)).status_code == 200
    stranger = Client().get(reverse(name))
    assert stranger.status_code == 302
    assert stranger["Location"].startswith("/desk/sign-in/?next=")


def test_a_cadre_signs_in_with_password_and_code_and_each_code_counts_once(client: Client, admin: Account) -> None:
    page = client.get("/desk/access/posts/", follow=True)
    assert page.redirect_chain[-1][0].startswith("/desk/sign-in/")
    wrong = client.post("/desk/sign-in/", {"username": "admin", "password": "nonsense"})
    assert wrong.status_code == 422
    right = {"username": "ADMIN ", "password": PASSWORD}
    assert client.post("/desk/sign-in/", right)["Location"] == "/desk/sign-in/code/"
    assert client.get("/desk/").status_code == 302
    assert client.post("/desk/sign-in/code/", {"code": "000000"}).status_code == 422
    code = totp()
    assert client.post("/desk/sign-in/code/", {"code": code})["Location"] == "/desk/access/posts/"
    assert client.get("/desk/access/posts/").status_code == 200
    assert AuditEntry.objects.filter(action="access.signed_in", account_id=admin.pk).count() == 1
    second = Client()
    second.post("/desk/sign-in/", right)
    assert second.post("/desk/sign-in/code/", {"code": code}).status_code == 422


def test_five_wrong_passwords_lock_the_name_for_a_while_even_for_the_right_one(client: Client, admin: Account) -> None:
    for _ in range(5):
        assert client.post("/desk/sign-in/", {"username": "admin", "password": "x"}).status_code == 422
    locked = client.post("/desk/sign-in/", {"username": "admin", "password": PASSWORD})
    assert (locked.status_code, int(locked["Retry-After"]) > 14 * 60) == (429, True)
    assert "15" in locked.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_first_time_a_password_and_an_authenticator_come_before_anything_else(
    client: Client, tree: SimpleNamespace
) -> None:
    account = make_account(username="new", password=PASSWORD, second_factor=None)
    Account.objects.filter(pk=account.pk).update(must_change_password=True)
    make_post(account=account, role="administrator", union=tree.nation)
    entered = client.post("/desk/sign-in/", {"username": "new", "password": PASSWORD}, follow=True)
    assert entered.redirect_chain[-1][0] == "/desk/sign-in/password/"
    for page in ("/desk/access/posts/", "/desk/access/me/", "/desk/access/clients/new/"):
        assert client.get(page)["Location"] == "/desk/sign-in/password/"
    weak = client.post("/desk/sign-in/password/", {"old": PASSWORD, "new": "short", "again": "short"})
    assert weak.status_code == 422
    changed = {"old": PASSWORD, "new": "seven blue kites", "again": "seven blue kites"}
    after = client.post("/desk/sign-in/password/", changed, follow=True)
    assert after.redirect_chain[-1][0] == "/desk/sign-in/authenticator/"
    secret = client.session["desk_secret"]
    assert client.post("/desk/sign-in/authenticator/", {"code": "12"}).status_code == 422
    assert client.get("/desk/access/posts/").status_code == 302
    bound = client.post("/desk/sign-in/authenticator/", {"code": totp(secret)})
    assert len(bound.context["codes"]) == 10
    assert client.get("/desk/access/posts/").status_code == 200
    other = Client()
    other.post("/desk/sign-in/", {"username": "new", "password": "seven blue kites"})
    recovery = bound.context["codes"][0]
    assert other.post("/desk/sign-in/code/", {"code": recovery}).status_code == 302
    third = Client()
    third.post("/desk/sign-in/", {"username": "new", "password": "seven blue kites"})
    assert third.post("/desk/sign-in/code/", {"code": recovery}).status_code == 422


def test_a_session_begun_by_a_phone_code_never_opens_the_desk(client: Client, admin: Account) -> None:
    client.force_login(admin, backend="nuanxin.web.kit.sessions.PhoneCodeProof")
    assert client.get("/desk/access/posts/")["Location"].startswith("/desk/sign-in/")


def test_an_account_gets_a_post_and_loses_it_again(desk: Client, tree: SimpleNamespace) -> None:
    made = desk.post("/desk/access/accounts/new/", {"name": "张 敏", "username": "Zhang.Min"})
    password = made.context["secret"]
    assert made["Cache-Control"] == "no-store"
    account = Account.objects.get(username="zhang.min")
    assert account.check_password(password)
    assert account.must_change_password
    form = {"username": "zhang.min", "role": "reviewer", "union": tree.county.code}
    assert desk.post("/desk/access/posts/new/", form).status_code == 302
    assert desk.post("/desk/access/posts/new/", form).status_code == 422
    nowhere = desk.post("/desk/access/posts/new/", form | {"union": "NOWHERE"})
    assert nowhere.status_code == 422
    assert "NOWHERE" in nowhere.content.decode()
    post = Post.objects.get(account=account)
    assert desk.get(reverse("desk:access:end_post", args=[post.pk])).status_code == 200
    assert desk.post(reverse("desk:access:end_post", args=[post.pk])).status_code == 302
    post.refresh_from_db()
    assert post.valid_until is not None
    page = desk.get(reverse("desk:access:account", args=[account.pk]))
    assert page.status_code == 200
    reset = desk.post(reverse("desk:access:reset_password", args=[account.pk]))
    assert reset.context["secret"] != password
    assert desk.post(reverse("desk:access:switch_account", args=[account.pk]), {"active": "0"}).status_code == 302
    account.refresh_from_db()
    assert not account.is_active


def test_posts_out_of_reach_are_not_there(client: Client, tree: SimpleNamespace) -> None:
    account = make_account()
    make_post(account=account, role="administrator", union=tree.county)
    foreign = make_post(union=tree.other)
    sign_in(client, account)
    for name in ("desk:access:end_post",):
        assert client.get(reverse(name, args=[foreign.pk])).status_code == 404
        assert client.post(reverse(name, args=[foreign.pk])).status_code == 404
    assert client.get(reverse("desk:access:account", args=[foreign.account_id])).status_code == 404
    foreign.refresh_from_db()
    assert foreign.valid_until is None
    assert foreign.account.username not in client.get("/desk/access/posts/?when=all").content.decode()


def test_without_the_verb_the_page_says_so(client: Client, tree: SimpleNamespace) -> None:
    account = make_account()
    make_post(account=account, role="reviewer", union=tree.county)
    sign_in(client, account)
    for page in ("posts", "accounts", "clients", "devices", "audit", "staff_session"):
        assert client.get(f"/desk/access/{page.replace('staff_', '')}/").status_code == 403
    fragment = client.get("/desk/access/posts/", headers={"HX-Request": "true"})
    assert fragment.status_code == 403
    assert b"<html" not in fragment.content


def test_an_absence_is_registered_and_ended(desk: Client, tree: SimpleNamespace) -> None:
    post, delegate = make_post(union=tree.county), make_account(username="stand.in", password=PASSWORD)
    start = timezone.localtime()
    form = {
        "post": str(post.pk),
        "starts_at": f"{start - timedelta(minutes=1):%Y-%m-%dT%H:%M}",
        "ends_at": f"{start + timedelta(days=2):%Y-%m-%dT%H:%M}",
        "delegate": "stand.in",
    }
    assert desk.post("/desk/access/absences/new/", form | {"delegate": "nobody"}).status_code == 422
    assert desk.post("/desk/access/absences/new/", form).status_code == 302
    absence = Absence.objects.get()
    assert absence.delegate == delegate
    assert desk.post("/desk/access/absences/new/", form).status_code == 422
    assert delegate.name in desk.get("/desk/access/absences/").content.decode()
    assert desk.post(reverse("desk:access:end_absence", args=[absence.pk])).status_code == 302
    absence.refresh_from_db()
    assert absence.ends_at <= timezone.now()


def test_a_staff_session_shows_on_every_page_until_it_is_closed(client: Client, tree: SimpleNamespace) -> None:
    account = make_account()
    make_post(account=account, role="administrator", union=tree.county)
    sign_in(client, account)
    form = {"union": tree.other.code, "hours": 2, "reason": "与北京市总工会联合核查转会材料"}
    assert client.post("/desk/access/session/", form | {"reason": "short"}).status_code == 422
    assert client.post("/desk/access/session/", form | {"union": tree.basic.code}).status_code == 422
    assert client.post("/desk/access/session/", form).status_code == 302
    session = StaffSession.objects.get()
    assert "nx-session" in client.get("/desk/access/me/").content.decode()
    assert client.post(reverse("desk:access:close_staff_session", args=[session.pk])).status_code == 302
    assert "nx-session" not in client.get("/desk/access/me/").content.decode()
    assert client.post(reverse("desk:access:close_staff_session", args=[session.pk])).status_code == 404


def test_keys_are_shown_once_and_revoked(desk: Client, tree: SimpleNamespace) -> None:
    form = {"name": "政务应用", "scopes": ["applications.create", "cards.verify"]}
    made = desk.post("/desk/access/clients/new/", form)
    assert made.context["secret"].startswith("nxc_")
    client = ApiClient.objects.get()
    assert made.context["secret"] not in desk.get("/desk/access/clients/").content.decode()
    assert desk.post(reverse("desk:access:revoke_client", args=[client.pk])).status_code == 302
    client.refresh_from_db()
    assert client.revoked_at is not None
    device = desk.post("/desk/access/devices/new/", {"union": "LC", "partner": "市人民医院", "name": "1号窗口"})
    assert "<svg" in device.content.decode()
    row = PartnerDevice.objects.get()
    renewed = desk.post(reverse("desk:access:renew_enrollment", args=[row.pk]))
    assert renewed.context["secret"] != device.context["secret"]
    assert desk.post(reverse("desk:access:revoke_device", args=[row.pk])).status_code == 302
    held = Post.objects.get(account__username="admin")
    assert desk.post(reverse("desk:access:new_token", args=[held.pk])).context["secret"].startswith("nxt_")


def test_the_audit_filters_by_act_person_and_day(desk: Client, tree: SimpleNamespace) -> None:
    make_roles()
    desk.post("/desk/access/devices/new/", {"union": "LC", "partner": "医院", "name": "窗口"})
    desk.post("/desk/access/clients/new/", {"name": "a", "scopes": ["cards.verify"]})
    today = f"{timezone.localtime():%Y-%m-%d}"
    both = desk.get("/desk/access/audit/", {"person": "admin", "since": today, "until": today})
    assert [row["entry"].action for row in both.context["rows"]] == ["access.client_created", "access.device_created"]
    one = desk.get("/desk/access/audit/", {"action": "access.device"})
    assert [row["who"] for row in one.context["rows"]] == ["李强"]
    assert desk.get("/desk/access/audit/", {"person": "nobody"}).context["rows"] == []
