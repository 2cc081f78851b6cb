"""Cards: what their codes look like, what counters are told, and how often they may guess."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.ids import random_digits, random_letters
from nuanxin.kernel.refusals import Conflict, Invalid, TooMany
from nuanxin.kernel.text import check_text, compact
from nuanxin.members.states import CardAnswer, MembershipState

if TYPE_CHECKING:
    from datetime import datetime

#: An online code: ten digits, good for one use within a minute.
CODE_LENGTH = 10
CODE_LIFE = timedelta(seconds=60)
#: A printed code: fifteen random characters of 75 bits and a check character.
STATIC_LENGTH = 16
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
#: What a QR code says before the code itself.
QR_PREFIX = "NX1:"
#: After so many unknown codes of one source within the window, its next question is refused.
MOST_GUESSES = 30
GUESS_WINDOW = timedelta(minutes=10)
#: Old codes say "used" or "expired" this long, then they are forgotten and unknown.
CODE_KEPT = timedelta(days=1)

_COMPOUND_SURNAMES = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 "
    "宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 亓官 司寇 "
    "子车 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 拓跋 夹谷 宰父 谷梁 轩辕 令狐 段干 百里 呼延 "
    "东郭 南门 羊舌 微生 梁丘 左丘 东里 西门 南荣 第五 纳兰 达奚".split()
)


@dataclass(frozen=True, slots=True)
class CodeState:
    """What stands behind a code: the card, the membership, and whether the code itself is spent."""

    membership_state: str
    is_revoked: bool
    is_used: bool = False
    is_expired: bool = False


class CodesGuessed(TooMany):
    """One source asked for too many unknown codes."""

    def __init__(self) -> None:
        super().__init__(
            "too_many_unknown_codes",
            _("Too many unknown codes were tried here. Please wait ten minutes."),
            retry_after=int(GUESS_WINDOW.total_seconds()),
        )


class MembershipHasEnded(Conflict):
    """There is no card for somebody who is no longer a member."""

    def __init__(self) -> None:
        super().__init__("membership_ended", _("This membership has ended, so it has no card. You may apply again."))


def new_code() -> str:
    """Return a fresh online code."""
    return random_digits(CODE_LENGTH)


def new_static_code() -> str:
    """Return a fresh code for a printed card, with its check character."""
    head = random_letters(STATIC_LENGTH - 1)
    return head + _check_character(head)


def _check_character(head: str) -> str:
    """Return the Luhn check character over 32 signs: one wrong character is always seen."""
    size, total = len(_ALPHABET), 0
    for place, char in enumerate(reversed(head)):
        value = _ALPHABET.index(char) * (2 if place % 2 == 0 else 1)
        total += value // size + value % size
    return _ALPHABET[-total % size]


def group_digits(code: str) -> str:
    """Return a code in groups that are easy to read aloud: 123 456 7890, or four by four."""
    if len(code) == CODE_LENGTH:
        return f"{code[:3]} {code[3:6]} {code[6:]}"
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))


def qr_payload(code: str) -> str:
    """Return what the QR code of an online or printed code says."""
    return QR_PREFIX + code


def parse_code(value: object) -> str:
    """Return the code in what was scanned or typed: ten digits, or sixteen characters of a printed card.

    Full-width digits, spaces and hyphens, the QR form and a link that ends in the code are all understood.

    :raises Invalid: nothing, a code that was cut or has a wrong check character, or something else altogether.
    """
    text = compact(check_text(value, field="code", most=300)).upper()
    if not text:
        raise Invalid("missing", _("Please scan or type the member's code."), field="code")
    text = text.removeprefix(QR_PREFIX)
    if "://" in text:
        text = _code_of_link(text)
    if len(text) == CODE_LENGTH and text.isascii() and text.isdigit():
        return text
    text = text.translate(_MISREAD)
    if len(text) != STATIC_LENGTH or any(char not in _ALPHABET for char in text):
        raise Invalid(
            "bad_code", _("A code has 10 digits, or 16 characters on a printed card. Please try again."), field="code"
        )
    if text[-1] != _check_character(text[:-1]):
        raise Invalid(
            "bad_code_check", _("One character is wrong. Please compare it with the printed card."), field="code"
        )
    return text


def _code_of_link(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return dict(parse_qsl(parts.query)).get("CODE") or parts.path.rstrip("/").rpartition("/")[2]


def is_static(code: str) -> bool:
    """Answer whether a code in regular form is a printed one."""
    return len(code) == STATIC_LENGTH


def answer_to(standing: CodeState | None) -> CardAnswer:
    """Return what the counter is told. A spent code says no more than that; an ended membership outweighs its card."""
    if standing is None:
        return CardAnswer.UNKNOWN
    if standing.is_used:
        return CardAnswer.USED
    if standing.is_expired:
        return CardAnswer.EXPIRED
    if standing.membership_state == MembershipState.ENDED:
        return CardAnswer.ENDED
    if standing.is_revoked:
        return CardAnswer.REVOKED
    if standing.membership_state == MembershipState.SUSPENDED:
        return CardAnswer.SUSPENDED
    return CardAnswer.RETAINED if standing.membership_state == MembershipState.RETAINED else CardAnswer.VALID


#: Only these answers are about a person; all others tell nothing of anybody.
TELLING = frozenset({CardAnswer.VALID, CardAnswer.RETAINED, CardAnswer.SUSPENDED, CardAnswer.ENDED})


def surname_of(name: str) -> str:
    """Return the surname and stars for the rest: 王**, 欧阳*; of names with a dot or in Latin script one letter."""
    if not name:
        return ""
    if "·" in name or " " in name or name[0].isascii():
        return f"{name[0]}**"
    surname = name[:2] if len(name) > 2 and name[:2] in _COMPOUND_SURNAMES else name[:1]
    return surname + "*" * max(1, len(name) - len(surname))


def expires(now: datetime) -> datetime:
    """Return when a code made now stops working."""
    return now + CODE_LIFE
