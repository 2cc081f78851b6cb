"""What a code of a list looks like."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,29}")


def check_code(code: str) -> None:
    """Refuse a malformed code."""
    if not _CODE.fullmatch(code):
        raise Invalid(
            "bad_code", _("A code has small letters, digits and underscores, such as food_rider."), field="code"
        )
