"""The form of what cells and the directory say to each other, and what is refused before it is believed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import NotSignedIn, Refusal
from nuanxin.members.rules.cells.states import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How the directory is called as a receiver.
DIRECTORY: Final = "directory"
#: A message is believed this long before and after the moment that it names.
WINDOW: Final = timedelta(minutes=5)
#: How long answers are kept; what comes again after that is older than the window.
KEPT: Final = timedelta(days=30)
#: How many people one question to the directory may be about.
MOST_AT_ONCE: Final = 250
_LONGEST_PAUSE: Final = 120
DIGEST: Final = 32


class BadMessage(Refusal):
    """The message cannot be taken: not from whom it says, not for us, too old, or not understood."""

    status = 400

    def __init__(self, code: str = "bad_message") -> None:
        super().__init__(code, _("This message between cells cannot be taken. Nothing was changed."))


class UnknownSender(NotSignedIn):
    """The message is signed by nobody who is known here."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message whose form is right."""

    id: UUID
    kind: Kind
    sender: str
    at: datetime
    body: dict[str, Any]

    @property
    def digest(self) -> bytes:
        """Return what two sendings of one message share, whenever they were signed."""
        text = json.dumps([self.kind, self.body], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).digest()


def compose(
    *, identity: UUID, kind: str, sender: str, receiver: str, body: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return a message ready to be signed."""
    return {
        "id": str(identity),
        "kind": kind,
        "from": sender,
        "to": receiver,
        "at": now.isoformat(timespec="milliseconds"),
        "body": body,
    }


def sender_of(message: Mapping[str, Any]) -> str:
    """Return whom a message names as its sender, to look the key up; it is not believed yet."""
    sender = message.get("from")
    return sender if isinstance(sender, str) else ""


def check_message(message: Mapping[str, Any], *, receiver: str, now: datetime) -> Message:
    """Return a message that was signed by its sender, if it is for us and of now.

    :raises BadMessage: `not_for_us`, `out_of_time`, or not of the right form.
    """
    try:
        at = datetime.fromisoformat(message["at"])
        checked = Message(UUID(message["id"]), Kind(message["kind"]), str(message["from"]), at, dict(message["body"]))
        is_late = abs(now - at) > WINDOW
    except (KeyError, TypeError, ValueError):
        raise BadMessage from None
    if message.get("to") != receiver:
        raise BadMessage("not_for_us")
    if is_late:
        raise BadMessage("out_of_time")
    return checked


def answer_to(message: Message, *, receiver: str, body: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Return the answer to a message, ready to be signed: it names what it answers."""
    return {
        "re": str(message.id),
        "kind": message.kind.value,
        "from": receiver,
        "to": message.sender,
        "at": now.isoformat(timespec="milliseconds"),
        "body": body,
    }


def check_answer(answer: Mapping[str, Any], *, identity: UUID, sender: str, receiver: str) -> dict[str, Any]:
    """Return what an answer says, if it answers this very message; the signature was checked.

    :raises BadMessage: it answers something else, or is for somebody else.
    """
    named = (answer.get("re"), answer.get("from"), answer.get("to"))
    if named != (str(identity), receiver, sender) or not isinstance(answer.get("body"), dict):
        raise BadMessage("another_answer")
    return dict(answer["body"])


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries without an answer: two seconds first, two minutes at most."""
    return timedelta(seconds=min(_LONGEST_PAUSE, 2 ** min(tries, 10)))
