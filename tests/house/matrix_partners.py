"""Who may open what of partners and welcome packs."""

from __future__ import annotations

from typing import Any

from nuanxin.access.states import Permission as P

from .cases import BOTH, POST, Case, of


def partners() -> dict[str, Case]:
    one: dict[str, Any] = {"verb": P.EDIT_PARTNERS, "without": 404}
    own: dict[str, Any] = {"pk": of("partner")}
    return {
        **{name: Case(P.EDIT_PARTNERS) for name in ("partners", "partners_excel")},
        "new": Case(P.EDIT_PARTNERS, methods=BOTH),
        "partner": Case(**one, things=own),
        **{
            name: Case(**one, things=own, methods=BOTH)
            for name in ("edit", "end", "new_contract", "new_place", "new_device", "new_person")
        },
        "end_contract": Case(**one, things=own | {"contract_pk": of("contract")}, methods=BOTH),
        **{
            name: Case(**one, things=own | {"place_pk": of("partner_place")}, methods=BOTH)
            for name in ("edit_place", "close_place")
        },
        "renew_device": Case(**one, things=own | {"device_pk": of("partner_device")}, methods=POST),
        "end_device": Case(**one, things=own | {"device_pk": of("partner_device")}, methods=BOTH),
        "renew_person": Case(**one, things=own | {"staff_pk": of("partner_staff")}, methods=POST),
        "end_person": Case(**one, things=own | {"staff_pk": of("partner_staff")}, methods=BOTH),
    }


def packs() -> dict[str, Case]:
    one: dict[str, Any] = {"verb": P.MANAGE_PACKS, "without": 404, "things": {"pk": of("stock")}}
    nobody: dict[str, Any] = {"things": {"number": "NONE"}, "get": 404}
    again = {"number": "NONE", "pk": of("nothing"), "verb": "again"}
    return {
        **{name: Case(P.MANAGE_PACKS) for name in ("stocks", "stocks_excel")},
        "people": Case(P.MANAGE_PACKS),
        "person": Case(P.MANAGE_PACKS, **nobody),
        "right": Case(P.MANAGE_PACKS, **(nobody | {"things": again}), methods=BOTH, right=(404,)),
        "new": Case(P.MANAGE_PACKS, methods=BOTH),
        **{name: Case(**one) for name in ("stock", "stock_excel")},
        "act": Case(**one | {"things": one["things"] | {"verb": "in"}}, methods=BOTH),
    }


def coupons() -> dict[str, Case]:
    kind: dict[str, Any] = {"things": {"pk": of("coupon_kind")}, "without": 404}
    month: dict[str, Any] = {"things": {"number": of("settlement")}, "without": 404}
    decided: dict[str, Any] = {"pk": of("coupon_clash"), "verb": "pay"}
    nothing_due: dict[str, Any] = {"pk": of("partner"), "month": "2026-01"}
    acts = {"give_back": "redemption", "take_gift_back": "coupon_gift"}
    return {
        **{name: Case(P.MANAGE_COUPONS) for name in ("kinds", "redemptions", "redemptions_excel", "clashes")},
        **{name: Case(P.MANAGE_COUPONS, methods=BOTH) for name in ("new", "give")},
        **{name: Case(P.MANAGE_COUPONS, **kind) for name in ("kind", "gifts")},
        **{name: Case(P.MANAGE_COUPONS, **kind, methods=BOTH) for name in ("edit", "end", "stock", "keep")},
        **{
            name: Case(P.MANAGE_COUPONS, things={"pk": of(thing)}, without=404, methods=BOTH)
            for name, thing in acts.items()
        },
        "decide_clash": Case(P.SETTLE_COUPONS, things=decided, without=404, methods=BOTH),
        "settlements": Case(P.SETTLE_COUPONS),
        **{name: Case(P.SETTLE_COUPONS, **month) for name in ("settlement", "settlement_excel")},
        "close": Case(P.SETTLE_COUPONS, things=nothing_due, without=404, methods=BOTH, right=(409,)),
    }


def counter() -> dict[str, Case]:
    public: dict[str, Any] = {"at": "anybody"}
    scan: dict[str, Any] = {"things": {"pk": of("nothing")}}
    return {
        "home": Case(**public, methods=BOTH, get=302),  # to the page where a device is enrolled
        "enroll": Case(**public, methods=BOTH),
        "bundle": Case(**public, get=401),
        "checks": Case(**public, methods=POST),
        "scan": Case(**public, **scan, get=302),
        "act": Case(**public, **scan, methods=POST),
        "people": Case(**public, methods=BOTH, get=302),
        "leave": Case(**public, methods=POST),
        "place": Case(**public, get=302),
        "coupons": Case(**public, get=302),
        "coupon_back": Case(**public, things={"pk": of("nothing")}, methods=BOTH, get=302),
    }
