"""Signing in and out of the browser's session, by the proofs there are.

A session remembers by which proof it began: one that began with a phone code, or at WeChat, never opens the desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, login, logout
from django.contrib.auth.backends import ModelBackend
from django.utils.crypto import constant_time_compare

from nuanxin.access.actions.session_store import BEGAN, DEVICE, SEEN, key_digest
from nuanxin.access.rules.sessions import DESK_IDLE, DESK_LONGEST, SEEN_AT_DESK, SEEN_ELSEWHERE, device_words
from nuanxin.kernel.ids import secret_token

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest, HttpResponse

    from nuanxin.access.models import Account

PASSWORD = "nuanxin.web.kit.sessions.PasswordProof"
PHONE_CODE = "nuanxin.web.kit.sessions.PhoneCodeProof"
PLATFORM = "nuanxin.web.kit.sessions.PlatformProof"
PASSKEY = "nuanxin.web.kit.sessions.PasskeyProof"


class PasswordProof(ModelBackend):
    """The account proved itself by a password; the desk asks for the second factor too."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> None:
        """Prove nothing here: `access.actions.check_password` does, and counts the guesses."""


class PhoneCodeProof(ModelBackend):
    """The account proved itself by a code sent to its phone."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **more: Any
    ) -> None:
        """Prove nothing here: `access.actions.check_code` does, and counts the guesses."""


class PlatformProof(PhoneCodeProof):
    """The account proved itself at WeChat or DingTalk, where it was linked after a phone code."""


class PasskeyProof(PasswordProof):
    """The account proved itself by a passkey that checked its holder: both factors in one."""


def sign_in_by_platform(request: HttpRequest, account: Account) -> None:
    """Begin a worker's session; the caller has heard from the platform who it is."""
    _begin(request, account, PLATFORM)


def sign_in_by_passkey(request: HttpRequest, account: Account) -> None:
    """Begin a cadre's session; the caller has checked the passkey's answer, and that it checked its holder."""
    _begin(request, account, PASSKEY)


def sign_in_by_phone(request: HttpRequest, account: Account) -> None:
    """Begin a worker's session; the caller has checked the phone's code."""
    _begin(request, account, PHONE_CODE)


def sign_in_by_password(request: HttpRequest, account: Account) -> None:
    """Begin a cadre's session; the caller has checked password and second factor."""
    _begin(request, account, PASSWORD)


def _begin(request: HttpRequest, account: Account, proof: str) -> None:
    login(request, account, backend=proof)
    at = _now(request)
    request.session[BEGAN] = request.session[SEEN] = at
    request.session[DEVICE] = device_words(request.headers.get("User-Agent", ""))


def _now(request: HttpRequest) -> float:
    return float(request.now.timestamp())  # type: ignore[attr-defined]


def see(request: HttpRequest) -> None:
    """Write down, at most once an hour, that a session is in use."""
    if _now(request) - request.session.get(SEEN, 0) > SEEN_ELSEWHERE.total_seconds():
        request.session[SEEN] = _now(request)


def desk_is_open(request: HttpRequest) -> bool:
    """Answer whether a session at the desk was used lately and is not a working day old; write its use down."""
    at = _now(request)
    began, seen = request.session.setdefault(BEGAN, at), request.session.setdefault(SEEN, at)
    if at - seen > DESK_IDLE.total_seconds() or at - began > DESK_LONGEST.total_seconds():
        return False
    if at - seen > SEEN_AT_DESK.total_seconds():
        request.session[SEEN] = at
    return True


def account_of_session(request: HttpRequest) -> Account | AnonymousUser:
    """Return who is signed in, as `django.contrib.auth.get_user`, which judges whatever is not plainly in order."""
    session = request.session
    proof, held = session.get(BACKEND_SESSION_KEY), session.get(HASH_SESSION_KEY, "")
    account: Account | None = getattr(session, "account", None)
    if (
        account is not None
        and proof in settings.AUTHENTICATION_BACKENDS
        and session.get(SESSION_KEY) == str(account.pk)
        and account.is_active
        and constant_time_compare(held, account.get_session_auth_hash())
    ):
        return account
    return get_user(request)


def own_session(request: HttpRequest) -> str:
    """Return the digest by which this browser's session is listed."""
    return key_digest(request.session.session_key or "")


def sign_out(request: HttpRequest) -> None:
    """End the session and forget everything in it."""
    logout(request)


def opens_desk(request: HttpRequest) -> bool:
    """Answer whether this session began with two factors: a password or DingTalk and a code, or a passkey."""
    return request.session.get(BACKEND_SESSION_KEY) in (PASSWORD, PASSKEY)


#: Says, signed, that a name signed in here before: strangers' tries elsewhere do not stop this browser.
KNOWN_COOKIE = "nuanxin_known"
_KNOWN_FOR = 180 * 24 * 3600


def known_browser(request: HttpRequest, username: str) -> str:
    """Return the secret of this browser when the name signed in here before, otherwise nothing."""
    held = request.get_signed_cookie(KNOWN_COOKIE, default="", max_age=_KNOWN_FOR, salt=KNOWN_COOKIE) or ""
    name, _space, secret = str(held).partition(" ")
    return secret if secret and name == username.strip().lower() else ""


def remember_browser(response: HttpResponse, username: str) -> None:
    """Have the browser remember that this name signed in here."""
    response.set_signed_cookie(
        KNOWN_COOKIE,
        f"{username} {secret_token()}",
        salt=KNOWN_COOKIE,
        max_age=_KNOWN_FOR,
        path="/desk/sign-in/",
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
