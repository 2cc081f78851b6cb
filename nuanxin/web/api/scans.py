"""Scanners of partners: what applies to a member here, and doing one of these things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Router

from nuanxin.access.actions import stand_at_counter
from nuanxin.access.queries.counters import STANDING
from nuanxin.kernel.refusals import NotAllowed
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas_scans import ActIn, DoneOut, PersonIn, PersonOut, ScanIn, ScanOut
from nuanxin.web.api.words import answer, is_english, named
from nuanxin.web.kit.requests import Request
from nuanxin.web.kit.scans import act, look

if TYPE_CHECKING:
    from nuanxin.access.actors import Actor
    from nuanxin.catalog.rules.applies import Applies

router = Router(tags=["partners"])
_WHO = "partner device"


@router.post(
    "/scans",
    **described(
        "Scan a member's code",
        200,
        ScanOut,
        who=_WHO,
        problems=(400, 401, 403, 404, 413, 422),
        example="scan",
    ),
)
def scan_code(request: Request, body: ScanIn) -> HttpResponse:
    """Tell a counter what stands behind a code, and what applies to its bearer there.

    A code signed offline, a ten-digit one and a printed one all do. The same ten digits again at the same counter
    within two minutes are the same scan.
    """
    found = look(actor=request.holder or device_of(request), code=body.code, staff_id=body.person, now=request.now)
    checked = found.checked
    union = (checked.union_name_en if is_english() else "") or checked.union_name
    shut = found.counter.shut if found.scan_id else ""
    return answer(
        {
            "answer": str(checked.answer),
            "message": str(checked.answer.label),
            "surname": checked.surname or None,
            "badge": named(checked.badge, checked.badge_name, checked.badge_name_en) if checked.badge else None,
            "union": union or None,
            "scan": str(found.scan_id) if found.scan_id else None,
            "shut": shut or None,
            "applies": [_thing(thing) for thing in found.things],
        }
    )


@router.post(
    "/scans/{scan}/acts",
    **described(
        "Do what applies",
        200,
        DoneOut,
        who=_WHO,
        problems=(400, 401, 403, 404, 409, 413, 422),
        example="scan_act",
    ),
)
def do_thing(request: Request, scan: UUID, body: ActIn) -> HttpResponse:
    """Check in, redeem or hand out one thing that a scan named, once; the same again is told so."""
    asking = request.holder or device_of(request)
    done = act(actor=asking, scan_id=scan, kind=body.kind, key=body.key, staff_id=body.person, now=request.now)
    return answer({"message": str(done.words), "again": done.again})


@router.post(
    "/counters/people",
    **described(
        "Say who stands at the counter",
        200,
        PersonOut,
        who=_WHO,
        problems=(400, 401, 403, 404, 413, 422),
        example="counter_person",
    ),
)
def stand_here(request: Request, body: PersonIn) -> HttpResponse:
    """Return the person whom six digits are; scans and acts then name this person, for as long as the union does."""
    counter = stand_at_counter(actor=device_of(request), pin=body.digits, now=request.now)
    return answer({"person": str(counter.staff_id), "name": counter.staff_name, "kinds": sorted(counter.kinds)})


def device_of(request: Request) -> Actor:
    """Return the partner's device that asks; a machine may check cards, but stands at no counter."""
    actor = request.actor
    if actor.kind != "device":
        actor.require_scope(STANDING)
        raise NotAllowed(STANDING)
    return actor


def _thing(thing: Applies) -> dict[str, Any]:
    return {
        "kind": thing.kind,
        "key": thing.key,
        "title": (thing.title_en if is_english() else "") or thing.title,
        "detail": str(thing.detail),
        "act": thing.act,
        "refused": [
            {"code": reason.code, "message": str(reason.words), "remedy": str(reason.remedy)}
            for reason in thing.refused
        ],
    }
