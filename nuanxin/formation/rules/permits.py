"""What a message about a permit or a qualification says, and what may come of it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.formation.states import OF_ENTERPRISES, PermitKind
from nuanxin.kernel.refusals import FieldError, Invalid
from nuanxin.organizations.states import UnionKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nuanxin.organizations.rules.facts import UnionFacts

#: How long an invitation or an offer waits for an answer.
WAITS: Final = timedelta(days=30)
#: How far ahead of our clock a licensing system's own moment may lie.
AHEAD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Paper:
    """One message in regular form: which paper, whose, and when it was issued or reviewed."""

    id: str
    kind: PermitKind
    at: datetime
    number: str
    type: str
    subject: dict[str, Any]

    @property
    def is_of_enterprise(self) -> bool:
        """Answer whether it concerns an enterprise, and not one person."""
        return self.kind in OF_ENTERPRISES


def read_paper(body: Mapping[str, Any], *, now: datetime) -> Paper:
    """Return a message in regular form; what it says of the enterprise or person is judged when it is carried out.

    :raises Invalid: without an id or the paper's number, of an unknown kind, without the part that its kind needs, or
        with a moment that has no offset or lies in the future.
    """
    errors: list[FieldError] = []
    permit: Mapping[str, Any] = body.get("permit") or {}
    for field, value in (("id", body.get("id")), ("permit.number", permit.get("number"))):
        if not str(value or "").strip():
            errors.append(FieldError(field, "missing", _("This is needed.")))
    kind = body.get("kind")
    if kind not in PermitKind.values:
        errors.append(FieldError("kind", "unknown_choice", _("This is not one of the choices.")))
    part = "enterprise" if kind in OF_ENTERPRISES else "person"
    if kind in PermitKind.values and not isinstance(body.get(part), dict):
        errors.append(FieldError(part, "missing", _("This is needed.")))
    at = body.get("at")
    if not isinstance(at, datetime) or at.tzinfo is None or at > now + AHEAD:
        errors.append(
            FieldError("at", "bad_moment", _("A moment with its offset is needed, such as 2026-11-23T10:00:00+08:00."))
        )
    if errors:
        raise Invalid("invalid_permit", _("Some fields need another look."), errors=errors)
    assert isinstance(at, datetime)
    return Paper(
        id=str(body["id"]).strip(),
        kind=PermitKind(str(kind)),
        at=at,
        number=str(permit["number"]).strip(),
        type=str(permit.get("type") or "").strip()[:60],
        subject={name: value for name, value in body[part].items() if value is not None},
    )


def body_text(body: Mapping[str, Any]) -> str:
    """Return a body in one form, whatever its spacing and the order of its fields were."""
    return json.dumps(body, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)


def acting_union(unions: Iterable[UnionFacts], region_code: str) -> UnionFacts | None:
    """Return who forms unions at a place: the federation of the narrowest area around it.

    Source: union law 2021, article 11 (who may set up what); practice: township, else county, else city.
    """
    around = [
        union
        for union in unions
        if union.kind == UnionKind.FEDERATION and union.region_code and region_code.startswith(union.region_code)
    ]
    return min(around, key=lambda union: (-len(union.region_code), union.code), default=None)


def problems_of(refusal_errors: Iterable[FieldError], prefix: str) -> list[FieldError]:
    """Return errors with the names that the fields have in the message: those of the part that was judged."""
    return [FieldError(f"{prefix}.{error.field}", error.code, error.message) for error in refusal_errors]
