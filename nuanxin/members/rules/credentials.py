"""The offline card: how a credential's code is packed, and what a counter may conclude from it alone. Pure.

The format, who trusts whom, and what is told apart: docs/offline-card.md.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import floor
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.signing import PublicKey
from nuanxin.members.states import CardAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "NX2:"
#: RFC 9285, section 4.3: the signs of a QR code's alphanumeric mode.
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
DIGITS, PAYLOAD, HEAD = 256, 175, 110
#: A code that ends in more blanks than this is made once in four million.
_MOST_BLANKS = 4
_VALUES = {char: value for value, char in enumerate(ALPHABET)}
_BASE64URL = re.compile("[A-Za-z0-9_-]*")
EPOCH = date(2026, 1, 1)
MINUTES = 24 * 60

#: How wrong the clock of the phone or of the counter may be, once both have corrected it by the server's.
TOLERANCE = timedelta(seconds=90)
_MINUTE = timedelta(minutes=1)
#: Within this the same code at the same counter is the same scan; after it, it is a picture of a code.
SAME_SCAN = timedelta(minutes=2)

#: Visits to six counters in a day stay apart; more are rare, and then only privacy is lost.
PER_DAY = 6
#: Today and three days: over a weekend, or in the mountains, without the net.
DAYS_AHEAD = 4
#: Room for many visits, a second phone, a browser that forgot: whoever asks for more hoards.
MOST_PER_DAY = 18
MOST_ASKED = PER_DAY * DAYS_AHEAD
#: A credential and its uses are kept this long after it expires: counters that come back late still report.
KEPT = timedelta(days=1)


class Malformed(ValueError):
    """This is no code of an offline card."""


class CardNotActive(Conflict):
    """A membership that rests gets no credentials: an offline counter could not see that it rests."""

    def __init__(self) -> None:
        super().__init__(
            "card_not_active",
            _("Your membership rests for now, so there are no offline codes. Please ask your union."),
        )


class CredentialsUsedUp(Conflict):
    """All credentials of a day are out."""

    def __init__(self) -> None:
        super().__init__(
            "credentials_used_up",
            _("Your card already has all its offline codes for this day. Show the ten-digit code instead."),
        )


@dataclass(frozen=True, slots=True)
class OfflineCode:
    """What one code says, taken apart; nothing of it is believed yet."""

    key_id: int
    day: int
    minute: int
    handle: bytes
    badge: int
    surname: bytes
    device_key: bytes
    issuer_signature: bytes
    device_signature: bytes

    @property
    def signed(self) -> bytes:
        """Return what the issuer signed."""
        return signed_text(self.key_id, self.day, self.handle, self.badge, self.surname, self.device_key)

    @property
    def device_signed(self) -> bytes:
        """Return what the phone signed."""
        return device_text(self.signed, self.issuer_signature, self.day, self.minute)

    @property
    def moment(self) -> datetime:
        """Return when the minute that the code names began."""
        return day_start(self.day) + timedelta(minutes=self.minute)


@dataclass(frozen=True, slots=True)
class Judgment:
    """What a counter concludes, and by how many minutes two clocks differ when that is the reason."""

    answer: CardAnswer
    skew: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """That the same code was accepted before: when, and whether at the same counter."""

    at: datetime
    here: bool


def day_number(day: date) -> int:
    """Return the number of a day: days since 1 January 2026."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the day of a number."""
    return EPOCH + timedelta(days=number)


def day_start(number: int) -> datetime:
    """Return when a day begins in China."""
    return datetime.combine(day_of(number), time(), tzinfo=ZONE)


def expires_at(number: int) -> datetime:
    """Return when the last code of a day's credential is too old everywhere."""
    return day_start(number + 1) + TOLERANCE


def is_forgotten(number: int, now: datetime) -> bool:
    """Answer whether the credentials of a day are deleted by now, so that nobody can say whose they were."""
    return now > expires_at(number) + KEPT


def surname_bytes(name: str) -> bytes:
    """Return the first character of a name in three bytes, zero-padded; blank when it does not fit."""
    encoded = name[:1].encode()
    return encoded.ljust(3, b"\0") if len(encoded) <= 3 else b"\0\0\0"


def signed_text(key_id: int, day: int, handle: bytes, badge: int, surname: bytes, device_key: bytes) -> bytes:
    """Return what the issuer signs."""
    return b"NX2" + bytes((key_id,)) + day.to_bytes(2) + handle + bytes((badge,)) + surname + device_key


def device_text(signed: bytes, issuer_signature: bytes, day: int, minute: int) -> bytes:
    """Return what the phone signs."""
    return b"NX2M" + signed + issuer_signature + _day_minute(day, minute)


def _day_minute(day: int, minute: int) -> bytes:
    return (day << 11 | minute).to_bytes(3)


def pack(code: OfflineCode) -> str:
    """Return a code's text for the QR code: 260 characters."""
    payload = (
        bytes((code.key_id,))
        + _day_minute(code.day, code.minute)
        + code.handle
        + bytes((code.badge,))
        + code.surname
        + code.device_key
        + code.issuer_signature
        + code.device_signature
    )
    number, digits = int.from_bytes(payload), []
    for _place in range(DIGITS):
        number, digit = divmod(number, 45)
        digits.append(ALPHABET[digit])
    return PREFIX + "".join(reversed(digits))


def is_offline(text: str) -> bool:
    """Answer whether a scanned text means to be a code of an offline card."""
    return text.lstrip()[:4].upper() == PREFIX


def unpack(text: str) -> OfflineCode:
    """Take a code's text apart. Blanks lost at its end are put back: a blank is a digit, and forms drop it. Small
    letters, as some scanners type them, are read as capitals.

    :raises Malformed: it was cut, holds other signs, or names a minute that no day has.
    """
    plain = text.lstrip().rstrip("\r\n\t").upper()
    digits = plain.removeprefix(PREFIX)
    if DIGITS - _MOST_BLANKS <= len(digits) < DIGITS:
        digits = digits.ljust(DIGITS)
    if len(digits) != DIGITS or not plain.startswith(PREFIX):
        raise Malformed(text)
    number = 0
    for char in digits:
        value = _VALUES.get(char)
        if value is None:
            raise Malformed(text)
        number = number * 45 + value
    if number >> (8 * PAYLOAD):
        raise Malformed(text)
    payload = number.to_bytes(PAYLOAD)
    day_minute = int.from_bytes(payload[1:4])
    day, minute = day_minute >> 11, day_minute & 0x7FF
    if minute >= MINUTES:
        raise Malformed(text)
    return OfflineCode(
        key_id=payload[0],
        day=day,
        minute=minute,
        handle=payload[4:10],
        badge=payload[10],
        surname=payload[11:14],
        device_key=payload[14:47],
        issuer_signature=payload[47:111],
        device_signature=payload[111:],
    )


def judge_signatures(code: OfflineCode, keys: Mapping[int, PublicKey]) -> Judgment | None:
    """Return why a code is not believed; None when both signatures hold.

    :param keys: the issuer's keys that are believed, by id.
    """
    issuer = keys.get(code.key_id)
    if issuer is None:
        return Judgment(CardAnswer.UNKNOWN_KEY)
    if not issuer.verifies(code.issuer_signature, code.signed):
        return Judgment(CardAnswer.FORGED)
    try:
        device = PublicKey.read(code.device_key)
    except ValueError:
        return Judgment(CardAnswer.FORGED)
    if not device.verifies(code.device_signature, code.device_signed):
        return Judgment(CardAnswer.FORGED)
    return None


def judge_time(code: OfflineCode, now: datetime) -> Judgment | None:
    """Return how a code's minute lies wrong; None when it is now, give or take the tolerance."""
    begins = code.moment
    if now < begins - TOLERANCE:
        return Judgment(CardAnswer.CLOCK, _minutes(begins - now))
    if now <= begins + _MINUTE + TOLERANCE:
        return None
    if now >= day_start(code.day + 1):
        return Judgment(CardAnswer.EXPIRED)
    return Judgment(CardAnswer.STALE, _minutes(now - begins - _MINUTE / 2))


def _minutes(span: timedelta) -> int:
    return floor(span / _MINUTE + 0.5)


def settle(timing: Judgment | None, *, listed: CardAnswer | None, seen: Seen | None, now: datetime) -> Judgment:
    """Return the answer to a code whose signatures hold. What says more about a picture of a code comes first.

    :param timing: what `judge_time` said.
    :param listed: suspended, ended or revoked, from the list or from the registry; None when in good standing.
    :param seen: that the same code was accepted before.
    """
    if timing is not None and timing.answer == CardAnswer.EXPIRED:
        return timing
    if seen is not None and seen.here and abs(now - seen.at) > SAME_SCAN:
        return Judgment(CardAnswer.REPLAYED)
    if timing is not None:
        return timing
    if seen is not None and not seen.here:
        return Judgment(CardAnswer.USED)
    return Judgment(listed or CardAnswer.VALID)


def encode(value: bytes) -> str:
    """Return bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url, padded or not.

    :raises ValueError: other signs.
    """
    bare = text.rstrip("=")
    if not _BASE64URL.fullmatch(bare) or len(bare) % 4 == 1:
        raise ValueError("not base64url")
    return base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))


@dataclass(frozen=True, slots=True)
class Wish:
    """One credential asked for: its day, the phone's key, and that key as it was sent."""

    day: int
    key: bytes
    sent: str


def read_wishes(value: Any, *, now: datetime) -> list[Wish]:
    """Return what a phone asks for.

    :raises Invalid: no list, too many, a day out of reach, or a key that is no point on the curve, or sent twice.
    """
    if not isinstance(value, list) or not value:
        raise Invalid("missing", _("No key was sent."), field="keys")
    if len(value) > MOST_ASKED:
        raise Invalid("too_many", _("Too many keys were sent at once."), field="keys")
    today = day_number(now.astimezone(ZONE).date())
    wishes = [_read_wish(entry, range(today, today + DAYS_AHEAD)) for entry in value]
    if len({wish.key for wish in wishes}) != len(wishes):
        raise Invalid("key_twice", _("Each credential needs a key of its own."), field="keys")
    return wishes


def _read_wish(entry: Any, days: range) -> Wish:
    day, sent = (entry.get("day"), entry.get("key")) if isinstance(entry, dict) else (None, None)
    if not isinstance(day, int) or isinstance(day, bool) or day not in days:
        raise Invalid("bad_day", _("A credential is for today or one of the next three days."), field="keys")
    if not isinstance(sent, str) or len(sent) > 100:
        raise Invalid("bad_key", _("This is no key."), field="keys")
    try:
        return Wish(day, PublicKey.read(decode(sent)).compressed(), sent)
    except ValueError as error:
        raise Invalid("bad_key", _("This is no key."), field="keys") from error
