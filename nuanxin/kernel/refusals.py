"""Refusals: everything a person may run into that is not a bug.

A refusal explains itself: a stable code for machines, a sentence for people, and, where one field is to blame, its
name. A door maps refusals to pages, fragments or problem documents in one place; any other exception is a bug.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field of what was sent."""

    field: str
    code: str
    message: _StrOrPromise


class Refusal(Exception):
    """Say no, with the rule, and with what to do next.

    :param code: stable dotted or snake-case word for machines and tests.
    :param message: lazy translated sentence that a worker can act on.
    :param field: the field to blame, when there is one.
    :param errors: several field errors at once; the first one lends its code when none is given.
    """

    status = 422

    def __init__(
        self, code: str, message: _StrOrPromise, *, field: str | None = None, errors: Iterable[FieldError] = ()
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.errors = tuple(errors) or ((FieldError(field, code, message),) if field else ())

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Invalid(Refusal):
    """What was typed cannot be right."""


class NotAllowed(Refusal):
    """The actor may see the thing but not do this to it."""

    status = 403

    def __init__(self, permission: str) -> None:
        super().__init__("not_allowed", _("Your post does not include this. Ask your union's administrator for it."))
        self.permission = permission


class NotSignedIn(Refusal):
    """Nobody is signed in."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_signed_in", _("Please sign in first."))


class NotFound(Refusal):
    """There is no such thing, or none that this actor may know of: the two are not told apart."""

    status = 404

    def __init__(self, message: _StrOrPromise = _("There is nothing here, or it is not yours to see.")) -> None:
        super().__init__("not_found", message)


class Conflict(Refusal):
    """Somebody or something was there first."""

    status = 409


class TooMany(Refusal):
    """Too many tries in too short a time; says when to come back."""

    status = 429

    def __init__(self, code: str, message: _StrOrPromise, *, retry_after: int) -> None:
        super().__init__(code, message)
        self.retry_after = retry_after


class Busy(Refusal):
    """The system cannot take it right now; nothing was lost."""

    status = 503
