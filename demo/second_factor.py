"""The authenticator of every desk sign-in of the demo: one published key, so that the tour can show its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import encrypt

if TYPE_CHECKING:
    from datetime import datetime

    from demo.loading import Row

#: In base 32, as authenticator apps take it. Published: these accounts are nobody's.
KEY = "NUANXINDEMOLIAOCHENG234567ABCDEF"
_PERIOD = 30


def code_at(moment: datetime) -> str:
    """Return the six digits that an authenticator with the key shows (RFC 6238)."""
    return str(format_hotp_value(hotp_value(KEY, int(moment.timestamp()) // _PERIOD)))


def authenticator_rows(accounts: list[Row], moment: datetime) -> list[Row]:
    """Return an authenticator for each account."""
    sealed = encrypt(KEY)
    kind = Authenticator.Type.TOTP
    return [
        {"user_id": account["id"], "type": kind, "data": {"secret": sealed}, "created_at": moment}
        for account in accounts
    ]
