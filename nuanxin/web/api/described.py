"""How an operation is described in the schema: what it is for, who may, what comes back, and how it is refused."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, Any

from nuanxin.web.api.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ninja import Schema

#: A machine's or cadre's key, a worker's session, or nobody at all.
ANYBODY: list[dict[str, list[str]]] = [{"key": []}, {"session": []}, {}]
SECURITY_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "`nxc_…` of a machine, `nxt_…` of a cadre, `nxd_…` of a partner's device.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "nuanxin",
        "description": "A worker's session; unsafe methods also need the header X-CSRFToken.",
    },
}


def described(
    summary: str, status: int, schema: type[Schema], *, who: str, problems: Iterable[int], example: str
) -> dict[str, Any]:
    """Return the keyword arguments that describe an operation.

    :param who: who may ask for it, in words.
    :param problems: statuses of its refusals; 405, 429, 500 and 503 are added.
    :param example: name of the example of its answer.
    """
    return {
        "summary": summary,
        "response": {status: schema},
        "openapi_extra": {
            "security": ANYBODY,
            "x-who": who,
            "responses": {
                status: {"content": {"application/json": {"examples": {"one": {"value": EXAMPLES[example]}}}}},
                **{refused: _problem(refused) for refused in sorted({*problems, 405, 429, 500, 503})},
            },
        },
    }


def sends_file(summary: str, media_type: str, *, who: str, problems: Iterable[int]) -> dict[str, Any]:
    """Return the keyword arguments that describe an operation whose answer is a file. Others as `described`."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {
        "summary": summary,
        "response": None,
        "openapi_extra": {
            "security": ANYBODY,
            "x-who": who,
            "responses": {
                200: {"description": "OK", "content": content},
                **{refused: _problem(refused) for refused in sorted({*problems, 405, 429, 500, 503})},
            },
        },
    }


def _problem(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "description": responses[status],
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": {"one": {"value": {**EXAMPLES["problem"], "status": status}}},
            }
        },
    }
    if status in {429, 503}:
        found["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds to wait."}}
    return found
