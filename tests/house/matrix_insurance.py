"""Who may open what of gifted insurance and of mobile events."""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import _UNION, BOTH, POST, Case, of

_NONE: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404, "right": (404,), "stranger": 404}
_NOTHING: dict[str, Any] = _NONE | {"things": {"pk": of("nothing")}}


#: Acts upon a batch that only buttons send.
_POSTED = ("check", "roll", "roll_file", "policies", "differences_excel")


def insurance() -> dict[str, Case]:
    """Return gifted insurance at the desk."""
    give, claims = P.INSURE, P.HANDLE_CLAIMS
    return {
        **{name: Case(give) for name in ("batches", "plans")},
        **{name: Case(give, methods=BOTH) for name in ("new", "new_plan", "new_insurer")},
        **{name: Case(give, **_NONE) for name in ("batch", "progress", "differences")},
        **{name: Case(give, **_NONE, methods=BOTH) for name in ("freeze", "send", "give_up", "settle")},
        **{name: Case(give, **_NONE, methods=POST) for name in _POSTED},
        "claims": Case(claims),
        "claim": Case(claims, **_NONE, methods=BOTH),
        "claim_file": Case(claims, **(_NONE | {"things": {"number": "NONE", "pk": of("nothing")}})),
    }


def events() -> dict[str, Case]:
    """Return mobile events at the desk."""
    see, edit = P.VIEW_BOOKINGS, P.EDIT_OFFERS
    photo: dict[str, Any] = _NONE | {"things": {"pk": of("nothing"), "photo": of("nothing")}}
    return {
        "programs": Case(see),
        "new": Case(edit, methods=BOTH),
        **{name: Case(see, **_NONE) for name in ("program", "excel")},
        "plan": Case(edit, **_NONE, methods=BOTH),
        "announce": Case(edit, **_NONE, methods=POST),
        "event": Case(see, **_NOTHING),
        **{name: Case(edit, **_NOTHING, methods=POST) for name in ("live", "add_photo")},
        "door": Case(P.CHECK_IN, **_NOTHING, methods=BOTH),
        "photo": Case(see, **photo),
        "remove_photo": Case(edit, **photo, methods=BOTH),
    }


def own() -> dict[str, Case]:
    """Return what a worker sees of both."""
    mine: dict[str, Any] = {"at": "worker", "stranger": 302, "without": 302}
    none: dict[str, Any] = mine | {"get": 404, "right": (404,), "worker": 404}
    pk, number = {"pk": of("nothing")}, {"number": "NONE"}
    photo = {"pk": of("nothing"), "photo": of("nothing")}
    return {
        **{name: Case(**mine) for name in ("insurance", "events", "calendar")},
        **{name: Case(**mine, methods=POST) for name in ("calendar_new", "calendar_shut")},
        **{name: Case(**none, things=pk) for name in ("policy", "certificate", "event")},
        **{name: Case(**none, things=pk, methods=BOTH) for name in ("new_claim", "event_photos")},
        **{name: Case(**none, things=number, methods=BOTH) for name in ("claim", "claim_withdraw")},
        "claim_file": Case(**none, things=number | pk),
        "event_photo": Case(**none, things=photo),
    }


def calendars() -> dict[str, Case]:
    """Return the calendars that anybody may subscribe to who knows the address."""
    public: dict[str, Any] = {"at": "anybody"}
    return {
        "calendar": Case(**public, things={"token": "guessed"}, get=404),
        "union_calendar": Case(**public, things=_UNION),
        "area_calendar": Case(**public, things={"code": "3715"}),
    }
