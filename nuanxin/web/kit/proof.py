"""Proof of work: a browser works for a moment before it asks for what costs something, and no third party sees it.

The challenge is signed and held nowhere; the answer counts once, before it expires (see `kit.guards`).
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from altcha import create_challenge, verify_solution
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.access.actions import Once
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

#: Name of the form field that carries the answer.
FIELD = "altcha"
LIFE = timedelta(minutes=20)
#: A used answer is known for longer than it counts: two clocks, or the last second, never let it count twice.
_REMEMBERED = timedelta(minutes=1)
_ALGORITHM = "PBKDF2/SHA-256"
#: Rounds of one try, and between how many tries the right one lies: measured in docs/adr/0013-protection.md.
_ROUNDS = 2_000
_LEAST_TRIES, _MOST_TRIES = 180, 360
_LONGEST = 2_000


def _secret(part: str) -> bytes:
    return digest("proof-of-work", part)


def new_challenge(now: datetime) -> dict[str, Any]:
    """Return a signed challenge that counts for twenty minutes."""
    made = create_challenge(
        _ALGORITHM,
        _ROUNDS,
        counter=_LEAST_TRIES + secrets.randbelow(_MOST_TRIES - _LEAST_TRIES),
        expires_at=now + LIFE,
        hmac_secret=_secret("challenge"),
        hmac_key_secret=_secret("answer"),
    )
    return dict(made.to_dict())


def proof_of(typed: str) -> Once | None:
    """Return what to use up when an answer is right and in time; None when there is none that counts."""
    if not 0 < len(typed) <= _LONGEST:
        return None
    try:
        checked = verify_solution(typed, _secret("challenge"), hmac_key_secret=_secret("answer"))
        if not checked.verified:
            return None
        challenge = json.loads(base64.b64decode(typed))["challenge"]
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error, RecursionError):
        return None
    until = datetime.fromtimestamp(challenge["parameters"]["expiresAt"], UTC)
    return Once(str(challenge["signature"]), until + _REMEMBERED)


@never_cache
@require_safe
def challenge(request: HttpRequest) -> HttpResponse:
    """Give a browser something to work on."""
    return JsonResponse(new_challenge(request.now))  # type: ignore[attr-defined]
