"""The machine interface as one object: its operations, its schema, its problems."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

import nuanxin
from nuanxin.web.api import (
    applications,
    bookings,
    cells,
    draws,
    insurance,
    members,
    numbers,
    permits,
    places,
    redemptions,
    rosters,
    scans,
    targets,
    transfers,
)
from nuanxin.web.api.described import SECURITY_SCHEMES
from nuanxin.web.api.problems import answer_error
from nuanxin.web.api.schemas import Problem
from nuanxin.web.api.schemas_insurance import PoliciesIn
from nuanxin.web.api.schemas_permits import PermitIn

if TYPE_CHECKING:
    from django.http import HttpRequest

_DESCRIPTION = """Scan, join, be routed, be approved, hold a card: for systems that work together with the union.

Lists answer `{"items": [...], "next": cursor or null}`; the cursor goes back as `cursor`. Every refusal is a problem
document (RFC 9457) in the language of `Accept-Language` (zh-hans or en). Moments carry their offset. Fields may be
added at any time; none is taken away."""


_NEVER_SENT = HttpResponse()


class MachineInterface(NinjaAPI):
    """Ninja with problems of one shape, and a schema that says all that is true of every operation."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        """Answer whatever went wrong with a problem."""
        return answer_error(request, exc)

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Return the one answer that no view asks for: each makes its own."""
        return _NEVER_SENT

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the schema in plain JSON types, with the problem's form and the ways to prove who asks."""
        schema = super().get_openapi_schema(**options)
        components = schema["components"]
        for model in (Problem, PermitIn, PoliciesIn):
            form = model.model_json_schema(ref_template="#/components/schemas/{model}")
            components["schemas"].update(form.pop("$defs", {}))
            components["schemas"][model.__name__] = form
        components["securitySchemes"] = SECURITY_SCHEMES
        plain: dict[str, Any] = json.loads(json.dumps(schema, default=str))
        schema.clear()
        schema.update(plain)
        return schema


api = MachineInterface(
    title="Nuanxin 暖新",
    version=nuanxin.__version__,
    description=_DESCRIPTION,
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
)
# Addresses are tried in this order: what is asked most comes first.
api.add_router("", members.router)
api.add_router("", bookings.router)
api.add_router("/applications", applications.router)
api.add_router("", scans.router)
api.add_router("", redemptions.router)
api.add_router("", transfers.router)
api.add_router("", cells.router)
api.add_router("/rosters", rosters.router)
api.add_router("", permits.router)
api.add_router("", insurance.router)
api.add_router("", places.router)
api.add_router("", numbers.router)
api.add_router("", targets.router)
api.add_router("", draws.router)
