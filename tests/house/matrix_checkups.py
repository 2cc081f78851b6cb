"""Who may open what of the check-up bus and of recuperation."""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import BOTH, POST, Case, of


def checkups() -> dict[str, Case]:
    nothing: dict[str, Any] = {"things": {"pk": of("nothing")}, "get": 404, "without": 404}
    unknown: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404, "without": 404}
    return {
        "routes": Case(P.VIEW_BOOKINGS),
        "new": Case(P.EDIT_OFFERS, methods=BOTH),
        "route": Case(P.VIEW_BOOKINGS, **unknown),
        "announce": Case(P.EDIT_OFFERS, **unknown, methods=POST, right=(404,)),
        "packages": Case(P.VIEW_BOOKINGS),
        "package_new": Case(P.EDIT_OFFERS, methods=BOTH),
        "package_end": Case(P.EDIT_OFFERS, **nothing, methods=POST, right=(404,)),
        "clashes": Case(P.CHECK_IN),
        "clash": Case(P.CHECK_IN, **nothing, methods=BOTH, right=(404,)),
        "day": Case(P.VIEW_BOOKINGS, **nothing),
        "device": Case(P.EDIT_OFFERS, **nothing, methods=POST, right=(404,)),
        "withdraw": Case(
            P.EDIT_OFFERS,
            things={"pk": of("nothing"), "device_id": of("nothing")},
            without=404,
            methods=POST,
            right=(404,),
        ),
        "move": Case(P.EDIT_OFFERS, **nothing, methods=BOTH, right=(404,)),
    }


def recuperation() -> dict[str, Case]:
    unknown: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404, "without": 404}
    return {
        "stays": Case(P.VIEW_BOOKINGS),
        "new": Case(P.EDIT_OFFERS, methods=BOTH),
        **{name: Case(P.VIEW_BOOKINGS, **unknown) for name in ("stay", "travelers")},
        "travelers_excel": Case(P.EXPORT_BOOKINGS, **unknown, methods=POST, right=(404,)),
    }


def bus() -> dict[str, Case]:
    public: dict[str, Any] = {"at": "anybody"}
    return {
        "bus": Case(**public, get=302),  # to the page where a device is enrolled
        "bus_snapshot": Case(**public, get=401),
        "bus_arrivals": Case(**public, methods=POST),
        "bus_code": Case(**public, methods=POST),
        "bus_queue": Case(**public, get=302),
        "bus_numbers": Case(**public, get=302),
        "bus_next": Case(**public, methods=POST),
        "results": Case(**public, methods=BOTH, get=302),
        "result_read": Case(**public, methods=POST),
    }


def own_checkups() -> dict[str, Case]:
    own: dict[str, Any] = {"at": "worker", "stranger": 302, "without": 302}
    nothing: dict[str, Any] = {"things": {"pk": of("nothing")}, "worker": 404}
    return {
        "checkups": Case(**own),
        "checkup_cannot_come": Case(**own, **nothing, methods=POST, right=(404,)),
        "checkup_result": Case(**own, **nothing, get=404),
        "stays": Case(**own),
        "companions": Case(**own, **nothing, methods=BOTH, get=404, right=(404,)),
    }
