"""What a member holds on paper."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import segno
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.members.rules.cards import group_digits, qr_payload
from nuanxin.records.documents import render

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.members.models import Membership


def card_pdf(membership: Membership, code: str, printed_at: datetime) -> bytes:
    """Return a member's card as a PDF page to cut out and fold, in the language of whoever prints it.

    :param code: the static code, known only at the moment of printing.
    """
    return render("member_card", _card(membership, code, printed_at))


def _card(membership: Membership, code: str, printed_at: datetime) -> dict[str, Any]:
    english = (get_language() or "").startswith("en")
    worker, union = membership.worker, membership.union
    group = worker.occupation_group
    drawing = io.BytesIO()
    segno.make_qr(qr_payload(code), error="m").save(drawing, kind="svg", border=2, scale=10, xmldecl=False, nl=False)
    day = local_day(printed_at)
    return {
        "lang": "en" if english else "zh",
        "title": _("Member card"),
        "advice": _("Cut along the dashed line and fold in the middle. Keep it well: whoever holds it can show it."),
        "house": _("Nuanxin"),
        "kind": _("Union member"),
        "name": worker.name,
        "badge": (english and group.name_en) or group.name,
        "union": (english and union.name_en) or union.name,
        "number": membership.number,
        "qr": drawing.getvalue().decode(),
        "code": group_digits(code),
        "back": _("Show this side at the counter. Lost it? Tell your union or call 12351: it is blocked at once."),
        "printed": _("Printed on %(day)s. A new card makes this one invalid.") % {"day": day.isoformat()},
    }
