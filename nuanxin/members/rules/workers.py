"""What proves on a new phone that somebody is the person."""

from __future__ import annotations

import hmac

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import compact

LAST = 6


class WrongIdentity(Invalid):
    """The last six characters of the ID are not those of the number's holder."""

    def __init__(self) -> None:
        super().__init__(
            "wrong_identity",
            _("These are not the last six characters of the ID card. Please have a new code sent and try again."),
            field="last6",
        )


def same_last6(number: str, typed: object) -> bool:
    """Answer, in constant time, whether the typed characters are the last six of an ID number."""
    text = compact(typed[:24]).upper() if isinstance(typed, str) else ""
    wanted = number[-LAST:].upper()
    return hmac.compare_digest(text.encode("utf-8", "replace"), wanted.encode())


def check_last6_given(typed: object) -> None:
    """Refuse, before any code is used up, when the six characters are missing or not six."""
    text = compact(typed[:24]) if isinstance(typed, str) else ""
    if len(text) != LAST:
        raise Invalid(
            "last6_missing",
            _("This phone is new here. Please also type the last six characters of your ID card."),
            field="last6",
        )
