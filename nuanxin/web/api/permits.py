"""What licensing systems report: permits of enterprises and qualifications of people, each message signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ninja import Router
from ninja.errors import ValidationError as ReadingError
from pydantic import ValidationError

from nuanxin.formation.actions.receiving import check_sender, receive_permit
from nuanxin.kernel.signatures import BadSignature
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas_permits import PermitIn, PermitOut
from nuanxin.web.api.words import answer
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from django.http import HttpResponse

router = Router(tags=["permits"])
KEY, TIMESTAMP, SIGNATURE = "X-Nuanxin-Key", "X-Nuanxin-Timestamp", "X-Nuanxin-Signature"
_WHO = "a licensing system that an administrator has let in; see docs/permits.md"


def with_signature(operation: dict[str, Any], schema: str = "PermitIn") -> dict[str, Any]:
    """Add to an operation's description what the view reads by itself, after the signature was checked.

    :param schema: name of the body's form.
    """
    said = {
        KEY: "Id of the key, as shown when it was made.",
        TIMESTAMP: "Moment of sending, whole seconds since 1970; five minutes off at most.",
        SIGNATURE: "`hmac-sha256=<hex>` or `ecdsa-p256=<base64url>`, over timestamp, line feed and body.",
    }
    operation["openapi_extra"] |= {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "parameters": [
            {"in": "header", "name": name, "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in said.items()
        ],
    }
    return operation


@router.post(
    "/permits",
    **with_signature(
        described(
            "Report a permit or a qualification", 202, PermitOut,
            who=_WHO, problems=(400, 401, 409, 413, 422), example="permit",
        )
    ),
)  # fmt: skip
def take_permit(request: Request) -> HttpResponse:
    """Take a message: an enterprise is invited to form a union, or a worker gets an application filled in already.

    The same message again gets the same answer and does nothing. What cannot be right is kept with the reasons as
    `failed`; the union's cadres may try it again. Send one with a new id when it was mended.
    """
    given = request.headers
    try:
        source = check_sender(
            key=given.get(KEY, ""),
            timestamp=given.get(TIMESTAMP, ""),
            signature=given.get(SIGNATURE, ""),
            body=request.body,
            now=request.now,
        )
    except BadSignature:
        count(request, "keys_unknown")
        raise
    try:
        body = PermitIn.model_validate_json(request.body)
    except ValidationError as error:
        raise ReadingError([{**each, "loc": ("body", "permit", *each["loc"])} for each in error.errors()]) from None
    message = receive_permit(source=source, body=body.model_dump(exclude_none=True), now=request.now)
    return answer(message.answer, 202)
