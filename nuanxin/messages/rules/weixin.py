"""WeChat's subscribe messages: which of its templates carries a notice, and values cut to what its fields take.

Source: WeChat open documentation, "subscribe message parameter types": `thing` 20 characters, `character_string` 32,
`phrase` 5, `name` 10; a longer value is refused with error 47003.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST = {"thing": 20, "character_string": 32, "phrase": 5, "name": 10, "number": 32, "time": 40, "date": 40}
_OTHER = 20
#: Names of the two kinds of apps → path of the interface, below the platform's address.
SENDERS = {
    "mini": "/cgi-bin/message/subscribe/send",
    "account": "/cgi-bin/message/subscribe/bizsend",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error number means for a message."""

    is_sent: bool = False
    #: The token is worn out: ask for a new one and try again at once.
    renew: bool = False
    #: Trying again is of no use: the person refused, or the message is wrong.
    for_good: bool = False


#: 40001, 40014, 42001: token wrong or expired. 43101: the person did not agree, or took it back. 40003: no such person.
#: 40037: no such template. 41030: no such page. 47003: a value does not fit. 43107: the person left.
_RENEW = frozenset({40001, 40014, 42001})
_FOR_GOOD = frozenset({43101, 43107, 40003, 40037, 41030, 47003})


def judge(code: int) -> Answer:
    """Return what is to be done after an answer's `errcode`; what is not known is tried again later."""
    return Answer(is_sent=code == 0, renew=code in _RENEW, for_good=code in _FOR_GOOD)


def data_of(fields: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Fill the fields of one of WeChat's templates.

    :param fields: name of WeChat's field → a text with our named placeholders, such as `thing1` → `%(union)s`.
    """
    filled = {}
    for name, text in fields.items():
        most = _LONGEST.get(name.rstrip("0123456789"), _OTHER)
        word = " ".join((text % values).split())
        filled[name] = {"value": word if len(word) <= most else f"{word[: most - 1]}…"}
    return filled
