"""The poster of a union: its code on a page for the station's wall, and as a picture."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import segno
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from nuanxin.records.documents import render

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union

#: Least width of the picture, so that it can be printed on a door.
_PICTURE: Final = 1200
_MARGIN: Final = 4


def address_of(union: Union) -> str:
    """Return where the code leads: the union's own way in."""
    return f"{settings.NUANXIN_BASE_URL}/u/{union.code}"


def poster_pdf(union: Union, *, address: str = "") -> bytes:
    """Return the poster as a PDF of one A4 page, in the language of whoever prints it.

    :param address: where its code leads, if not to the union's own way in.
    """
    return render("poster", poster_data(union, address=address))


def poster_data(union: Union, *, address: str = "") -> dict[str, Any]:
    """Return what the poster says."""
    drawing = io.BytesIO()
    # The card around it is white, so two modules of margin of its own are enough.
    _code(address or address_of(union)).save(
        drawing, kind="svg", border=2, scale=10, xmldecl=False, dark="#1B1512", nl=False
    )
    english = (get_language() or "").startswith("en")
    facts = [
        {"label": _("Contact"), "value": " ".join(filter(None, (union.contact, union.contact_phone))) or "12351"},
        {"label": _("Working hours"), "value": union.working_hours or _("Scan at any hour; answered on working days")},
        {"label": _("Address"), "value": union.address or (union.region.name if union.region else "")},
    ]
    return {
        "title": _("Poster"),
        "lang": "en" if english else "zh",
        "union": (english and union.name_en) or union.name,
        "headline": _("Scan to join"),
        "invitation": _("On the road? The union is with you. Joining takes a minute and costs nothing."),
        "qr": drawing.getvalue().decode(),
        "code": union.code,
        "code_label": _("Union code"),
        "steps": [
            {"title": _("Scan"), "note": _("with WeChat or the camera")},
            {"title": _("Five fields"), "note": _("name, ID, phone, trade, place")},
            {"title": _("Get the answer"), "note": _("your card comes to the phone")},
        ],
        "facts": [fact for fact in facts if fact["value"]],
        "house": _("Nuanxin"),
        "promise": _("Join once, keep it wherever you go"),
    }


def poster_png(union: Union) -> bytes:
    """Return the code alone as a picture with its quiet margin, at least 1200 pixels wide."""
    code = _code(address_of(union))
    scale = -(-_PICTURE // code.symbol_size(border=_MARGIN)[0])
    picture = io.BytesIO()
    code.save(picture, kind="png", border=_MARGIN, scale=scale)
    return picture.getvalue()


def _code(address: str) -> segno.QRCode:
    return segno.make_qr(address, error="q")
