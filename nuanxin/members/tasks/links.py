"""The line between installations: one HTTP request, one signed answer. Whatever is not signed is no answer."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from nuanxin.kernel.envelopes import Forged, read
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.rules.cells.messages import check_answer

if TYPE_CHECKING:
    from uuid import UUID

    from nuanxin.kernel.signing import PublicKey

#: Seconds until an installation that says nothing counts as out of reach.
PATIENCE = 10
_LONGEST = 256 * 1024


class NoAnswer(Exception):
    """The other installation could not be reached, would not take the message, or its answer cannot be believed."""

    def __init__(self, trouble: str, *, is_out_of_reach: bool = False) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.is_out_of_reach = is_out_of_reach


def ask(
    address: str,
    envelope: str,
    *,
    identity: UUID,
    sender: str,
    receiver: str,
    key: PublicKey,
    patience: float = PATIENCE,
) -> dict[str, Any]:
    """Send a message and return what the receiver says to it.

    :param identity: the message's id, which the answer must name.
    :param key: the receiver's public key, with which the answer must be signed.
    :raises NoAnswer: there is none that can be believed; the same may be sent again.
    """
    body = json.dumps({"envelope": envelope}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    try:
        with urlopen(Request(address, body, headers), timeout=patience) as answer:  # noqa: S310 - set by operator or directory
            text = json.loads(answer.read(_LONGEST))["envelope"]
        return check_answer(read(text).verify(key), identity=identity, sender=sender, receiver=receiver)
    except HTTPError as error:
        with error:
            raise NoAnswer(_code_of(error), is_out_of_reach=error.code in {502, 503, 504}) from error
    except (URLError, HTTPException, OSError) as error:
        raise NoAnswer("out of reach", is_out_of_reach=True) from error
    except (Forged, Refusal, ValueError, KeyError, TypeError) as error:
        raise NoAnswer("answer cannot be believed") from error


def _code_of(error: HTTPError) -> str:
    try:
        return f"{error.code} {json.loads(error.read(4096))['code']}"
    except (ValueError, KeyError, TypeError, OSError, HTTPException):
        return str(error.code)
