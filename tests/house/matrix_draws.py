"""Who may open what of draws: everybody what is published, cadres the steps, members their own ticket."""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import BOTH, Case, of

_LOTTERY: dict[str, Any] = {"number": of("lottery")}


def desk_draws() -> dict[str, Case]:
    return {
        "draws": Case(P.VIEW_BOOKINGS),
        "draw": Case(P.VIEW_BOOKINGS, things=_LOTTERY),
        **{
            name: Case(P.EDIT_OFFERS, things=_LOTTERY, methods=BOTH)
            for name in ("announce", "hour", "value", "confirm")
        },
        "act": Case(P.EDIT_OFFERS, things=_LOTTERY | {"verb": "freeze"}, methods=BOTH),
    }


def open_draws() -> dict[str, Case]:
    return {
        **{name: Case(at="anybody") for name in ("draws", "draw_script")},
        **{name: Case(at="anybody", things=_LOTTERY) for name in ("draw", "draw_file")},
    }
