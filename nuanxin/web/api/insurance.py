"""Policies of gifted insurance come back from insurers, each message signed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ninja import Router
from ninja.errors import ValidationError as ReadingError
from pydantic import ValidationError

from nuanxin.benefits.actions.insurance_returns import check_insurer, receive_policies
from nuanxin.benefits.queries.insurance import batch_of_insurer
from nuanxin.kernel.signatures import BadSignature
from nuanxin.web.api.described import described
from nuanxin.web.api.permits import KEY, SIGNATURE, TIMESTAMP, with_signature
from nuanxin.web.api.schemas import Text
from nuanxin.web.api.schemas_insurance import PoliciesIn, PoliciesOut
from nuanxin.web.api.words import answer, moment
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from django.http import HttpResponse

router = Router(tags=["insurance"])
_WHO = "the insurer of the batch, with the secret shown when it was registered; see docs/insurance.md"


@router.post(
    "/insurance/{batch}/policies",
    **with_signature(
        described(
            "Send policies back", 202, PoliciesOut,
            who=_WHO, problems=(400, 401, 404, 409, 413, 422), example="policies",
        ),
        "PoliciesIn",
    ),
)  # fmt: skip
def take_policies(request: Request, batch: Text) -> HttpResponse:
    """Take policies for a batch; after the `last` message they are compared with the frozen list, to the unit.

    The same message again gets the same answer and does nothing. A later message about the same policy and person
    replaces what the earlier one said. What cannot be read in a row is a difference that the union settles.
    """
    given = request.headers
    try:
        insurer = check_insurer(
            key=given.get(KEY, ""),
            timestamp=given.get(TIMESTAMP, ""),
            signature=given.get(SIGNATURE, ""),
            body=request.body,
            now=request.now,
        )
    except BadSignature:
        count(request, "keys_unknown")
        raise
    found = batch_of_insurer(insurer, batch)
    try:
        body = PoliciesIn.model_validate_json(request.body)
    except ValidationError as error:
        raise ReadingError([{**each, "loc": ("body", "policies", *each["loc"])} for each in error.errors()]) from None
    made = receive_policies(insurer=insurer, batch=found, body=body.model_dump(), now=request.now)
    told = {
        "batch": found.number,
        "id": made.external_id,
        "number": made.number,
        "rows": made.rows,
        "received_at": moment(made.received_at),
    }
    return answer(told, 202)
