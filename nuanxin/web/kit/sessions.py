"""Signing in and out of the browser's session, by the two proofs there are.

A session remembers by which proof it began: one that began with a phone code never opens the desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import BACKEND_SESSION_KEY, login, logout
from django.contrib.auth.backends import ModelBackend

if TYPE_CHECKING:
    from django.http import HttpRequest

    from nuanxin.access.models import Account

PASSWORD = "nuanxin.web.kit.sessions.PasswordProof"
PHONE_CODE = "nuanxin.web.kit.sessions.PhoneCodeProof"


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


def sign_in_by_phone(request: HttpRequest, account: Account) -> None:
    """Begin a worker's session; the caller has checked the phone's code."""
    login(request, account, backend=PHONE_CODE)


def sign_in_by_password(request: HttpRequest, account: Account) -> None:
    """Begin a cadre's session; the caller has checked password and second factor."""
    login(request, account, backend=PASSWORD)


def sign_out(request: HttpRequest) -> None:
    """End the session and forget everything in it."""
    logout(request)


def began_with_password(request: HttpRequest) -> bool:
    """Answer whether this session began with a password."""
    return bool(request.session.get(BACKEND_SESSION_KEY) == PASSWORD)
