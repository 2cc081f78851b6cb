"""Where a door leads: its address, as text, as a code to scan, and on a poster."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import segno
from django.conf import settings

if TYPE_CHECKING:
    from nuanxin.organizations.models import Door, Union

#: Least width of the picture, so that it can be printed on a wall.
_PICTURE: Final = 1200
_MARGIN: Final = 4


def address_of(door: Door, union: Union | None = None) -> str:
    """Return the address of a door, by the code of a union where one is named."""
    if union is not None:
        return f"{settings.NUANXIN_BASE_URL}/u/{union.code}?d={door.code}"
    return f"{settings.NUANXIN_BASE_URL}/d/{door.code}"


def picture_of(address: str) -> bytes:
    """Return the code of an address as a picture with its quiet margin."""
    code = segno.make_qr(address, error="q")
    scale = -(-_PICTURE // code.symbol_size(border=_MARGIN)[0])
    picture = io.BytesIO()
    code.save(picture, kind="png", border=_MARGIN, scale=scale)
    return picture.getvalue()
