"""What a counter takes along to check cards without a network, and what it reports once it is back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from nuanxin.members.actions.credentials import take_checks
from nuanxin.members.queries import credentials
from nuanxin.members.rules.credentials import encode
from nuanxin.web.counter.answers import FACES
from nuanxin.web.counter.coupons_late import take_coupons
from nuanxin.web.counter.devices import acting_device, standing_here
from nuanxin.web.kit.scripts import for_scripts, json_body

if TYPE_CHECKING:
    from nuanxin.web.kit.requests import Request


@require_safe
@gzip_page
@for_scripts
def bundle(request: Request) -> dict[str, Any]:
    """Give keys, badges and revocation list, signed; nothing in it is a secret or about a person."""
    found = credentials.bundle(acting_device(request), request.now)
    return {
        "now": request.now.isoformat(timespec="milliseconds"),
        "bundle": encode(found.content),
        "signature": encode(found.signature),
        "key_id": found.key_id,
    }


@require_POST
@for_scripts
def checks(request: Request) -> dict[str, Any]:
    """Take over what was answered without a network, and name what the registry contradicts."""
    actor, told = acting_device(request), json_body(request).get("checks")
    done = take_checks(actor=actor, checks=told, now=request.now)
    late = take_coupons(actor, told, done.taken, staff_id=standing_here(request), now=request.now)
    return {
        "coupons": late,
        "taken": [str(sent_id) for sent_id in done.taken],
        "refused": done.refused,
        "clashes": [
            {
                "id": str(clash.sent_id),
                "told": clash.told.value,
                "answer": clash.answer.value,
                "word": str(FACES[clash.answer].word),
            }
            for clash in done.clashes
        ],
    }
