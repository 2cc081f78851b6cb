"""Who may open what outside the desk: the pages of workers, and the machine interface."""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import _MEMBER, _NUMBER, _ROSTER, _TOKEN, _UNION, BOTH, POST, Case, of


def worker() -> dict[str, Case]:
    own: dict[str, Any] = {"at": "worker", "stranger": 302, "without": 302}
    public: dict[str, Any] = {"at": "anybody"}
    return {
        "home": Case(**public),
        "poster": Case(**public, things=_UNION),
        "door": Case(**public, things={"code": "h5"}, get=302),
        "weixin": Case(**public, get=404),
        "sign_in": Case(**public, methods=BOTH, get=(200, 302)),
        "sign_out": Case(**public, methods=POST),
        **{
            name: Case(**own)
            for name in ("card", "code", "offline_code", "me", "acts", "checks", "my_consents", "messages")
        },
        **{name: Case(**own) for name in ("services", "received")},
        "service": Case(**own, things={"code": of("service")}),
        "sessions": Case(**own, methods=BOTH),
        "proof": Case(**own, methods=BOTH, right=(302,)),
        "credentials": Case(at="worker", methods=BOTH, nobody=401, stranger=403, without=403),
        **{name: Case(**own, methods=BOTH) for name in ("lost", "phone", "export")},
        "move": Case(**own, methods=BOTH, get=302),
        "move_here": Case(**own, methods=BOTH, get=302),
        "move_to": Case(**own, things=_UNION, methods=BOTH),
        "transfer": Case(**own, things={"pk": of("nothing")}, get=404, worker=404),
        "transfer_cancel": Case(**own, things={"pk": of("nothing")}, methods=BOTH, get=404, worker=404, right=(404,)),
        "messages_read": Case(**own, methods=POST),
        "message_open": Case(**own, things={"pk": of("nothing")}, methods=POST, right=(404,), worker=404),
        "ways": Case(**own, methods=BOTH, right=(302,)),
        **{name: Case(**own, methods=POST) for name in ("ways_email", "ways_email_remove")},
        "platform": Case(**public, things={"platform": "weixin"}, get=404),
        "platform_back": Case(**public, things={"platform": "weixin"}, get=302),
        "sign_in_alone": Case(**public, methods=POST),
        "links": Case(**own),
        "unlink": Case(**own, things={"pk": of("nothing")}, methods=POST, right=(404,), worker=404),
        "rights": Case(**own),
        "packs": Case(**own),
        **{name: Case(**own, methods=BOTH) for name in ("correct", "leave", "close", "erasure")},
        "consent_withdraw": Case(**own, methods=BOTH, things={"pk": of("nothing")}, worker=404, get=404, right=(404,)),
        **_booking(),
        **_applying(),
    }


def _booking() -> dict[str, Case]:
    own: dict[str, Any] = {"at": "worker", "stranger": 302, "without": 302}
    public: dict[str, Any] = {"at": "anybody"}
    no_number: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404, "worker": 404}
    return {
        **{name: Case(**own) for name in ("offers", "bookings")},
        **{name: Case(**own, **no_number) for name in ("offer", "booking")},
        "draw_ticket": Case(**own, **no_number),
        "offer_book": Case(**own, **no_number, methods=BOTH, right=(404,)),
        "booking_cancel": Case(**own, **no_number, methods=BOTH, right=(404,)),
        "booking_confirm": Case(**own, **no_number, methods=POST, right=(404,)),
        "waiting_leave": Case(**own, things={"pk": of("nothing")}, get=404, worker=404, methods=BOTH, right=(404,)),
        "coupons": Case(**own),
        "coupon_offer": Case(**own, **no_number),
        "coupon_now": Case(**public, things={"number": "NONE"}, get=404),
        **{name: Case(**own, **no_number, methods=BOTH, right=(404,)) for name in ("coupon_join", "coupon_take")},
    }


def _applying() -> dict[str, Case]:
    public: dict[str, Any] = {"at": "anybody"}
    return {
        **{name: Case(**public, methods=BOTH) for name in ("join", "progress")},
        **{
            name: Case(**public, things={"token": "guessed"}, methods=BOTH, get=404)
            for name in ("prefilled", "offer_decline")
        },
        "ceremony": Case(**public, things={"code": "guessed"}, get=302),
        "offer_change": Case(**public, things={"token": "guessed"}, methods=POST),
        **{name: Case(**public, methods=BOTH, get=302) for name in ("join_place", "join_send")},
        "employers": Case(**public),
        "consents": Case(**public),
        "application": Case(**public, things=_TOKEN),
        "application_form": Case(**public, things=_TOKEN),
        "registration_form": Case(**public, things=_TOKEN),
        "application_correct": Case(**public, things=_TOKEN, methods=BOTH, get=302),
        "application_code": Case(**public, things=_TOKEN, methods=BOTH, get=302),
        "application_resend": Case(**public, things=_TOKEN, methods=POST),
        "application_withdraw": Case(**public, things=_TOKEN, methods=BOTH),
        "application_contest": Case(**public, things=_TOKEN | {"kind": "routing"}, methods=BOTH, get=302),
        "application_file": Case(**public, things=_TOKEN | {"pk": of("contest_file")}),
        "application_data": Case(**public, things=_TOKEN),
        "application_erase": Case(**public, things=_TOKEN, methods=BOTH),
        "application_consent": Case(
            **public, things=_TOKEN | {"pk": of("nothing")}, methods=BOTH, get=404, right=(404,)
        ),
        "application_transfer": Case(**public, things=_TOKEN, methods=POST),
    }


def api() -> dict[str, Case]:
    public: dict[str, Any] = {"at": "anybody"}
    place: dict[str, Any] = {"occupation_group": "courier", "region_code": "371502001001"}
    return {
        **{name: Case(**public) for name in ("openapi-json", "meta", "regions")},
        "api-root": Case(**public, get=404),
        "nowhere": Case(**public, things={"rest": "v1/nothing"}, get=404),
        "union": Case(**public, things=_UNION),
        "draw_public": Case(**public, things={"draw_id": of("lottery")}),
        "explain": Case(**public, methods=POST, body=place),
        "apply": Case(**public, methods=POST, shared=True),
        "list_applications": Case(P.VIEW_MEMBERS, shared=True),
        "look": Case(P.VIEW_MEMBERS, things=_NUMBER),
        "confirm": Case(**public, things=_NUMBER, methods=POST, body={"code": "000000"}),
        "decision": Case(P.REVIEW, things=_NUMBER, methods=POST, body={"decision": "approve"}),
        "withdraw": Case(at="machine", things=_NUMBER, methods=POST, stranger=404, without=403),
        "member": Case(P.VIEW_MEMBERS, things=_MEMBER, worker=404),
        "member_history": Case(P.VIEW_MEMBERS, things=_MEMBER, worker=404),
        "ask_transfer": Case(
            at="machine",
            methods=POST,
            body={"member_number": "37151234567897", "to_union_code": "DCFKD000"},
            stranger=404,
            without=403,
            right=(404,),
            worker=404,
        ),
        "card_codes": Case(at="machine", things=_MEMBER, methods=POST, stranger=403, worker=404),
        "verify_card": Case(at="machine", methods=POST, body={"code": "0123456789"}, stranger=403),
        **_places(),
        **_scanners(),
        **{name: Case(**public, methods=POST) for name in ("cell_message", "directory_message")},
        "take_permit": Case(**public, methods=POST),
        "take_policies": Case(**public, things={"batch": "NONE"}, methods=POST),
        "count": Case(P.VIEW_TALLIES, query="?region=3715", stranger=404),
        "list_targets": Case(P.VIEW_SERVICES, stranger=404),
        "hand_in": Case(P.ENROLL_ROSTERS, methods=POST, shared=True),
        "list_rosters": Case(P.ENROLL_ROSTERS, shared=True),
        **{name: Case(P.ENROLL_ROSTERS, things=_ROSTER) for name in ("see", "errors")},
        **{name: Case(P.ENROLL_ROSTERS, things=_ROSTER, methods=POST) for name in ("commit", "undo")},
    }


def _places() -> dict[str, Case]:
    """Offers are everybody's to read; places are booked by the member, or by a machine that may for members."""
    offer: dict[str, Any] = {"things": {"offer_id": of("nothing")}, "worker": 404}
    return {
        "list_offers": Case(at="anybody"),
        "list_sessions": Case(at="anybody", things={"offer_id": of("nothing")}, get=404),
        "offer_eligibility": Case(at="machine", **offer, get=404, right=(404,), stranger=404, without=404, nobody=404),
        "book_place": Case(
            at="machine",
            **offer,
            methods=POST,
            body={"member_number": "37151234567897"},
            right=(404,),
            stranger=404,
            without=404,
            nobody=404,
        ),
        "cancel_booking": Case(
            at="machine",
            things={"booking_id": of("nothing")},
            methods=POST,
            right=(404,),
            stranger=404,
            without=404,
            worker=404,
        ),
    }


def _scanners() -> dict[str, Case]:
    return {
        "redeem_coupon": Case(
            at="machine",
            methods=POST,
            body=dict.fromkeys(("scan", "coupon"), "019ab3f0-0000-7000-8000-000000000000"),
            stranger=403,
            right=(403,),
        ),
        "stand_here": Case(at="machine", methods=POST, body={"digits": "1"}, stranger=403, right=(403,)),
        "scan_code": Case(at="machine", methods=POST, body={"code": "0123456789"}, stranger=403, right=(403,)),
        "do_thing": Case(
            at="machine",
            things={"scan": of("nothing")},
            methods=POST,
            body={"kind": "pack", "key": "x"},
            stranger=403,
            right=(403,),
        ),
    }
