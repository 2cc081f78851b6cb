"""Draws, for anybody's machine to recheck: `/draws`."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from nuanxin.bookings.queries.draws import public_draw, public_text
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import Text
from nuanxin.web.api.schemas_draws import DrawFileOut
from nuanxin.web.kit.requests import Request

router = Router(tags=["draws"])


@router.get(
    "/draws/{draw_id}/public",
    **described(
        "Everything published of a draw",
        200,
        DrawFileOut,
        who="anybody",
        problems=(400, 401, 404, 422),
        example="draw",
    ),
)
def draw_public(request: Request, draw_id: Text) -> HttpResponse:
    """Return commitment, list, value, reveal and result of a draw, as far as they are published by now.

    `draw_id` is the draw's id, or the id or number of its offer. Kept as a file, it is all that docs/recheck_draw.py
    needs.
    """
    return HttpResponse(public_text(public_draw(draw_id)), content_type="application/json")
