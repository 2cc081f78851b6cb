"""The five fields of an application, judged all at once so that one look mends them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.documents import SILENT, Identity, parse_birth, parse_sex, read_document
from nuanxin.kernel.identifiers import parse_credit_code, parse_phone
from nuanxin.kernel.refusals import FieldError, Invalid, Refusal
from nuanxin.kernel.text import check_text, compact, person_name
from nuanxin.members.states import ConsentKind, IdKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

T = TypeVar("T")

#: Version of the consent texts; whoever agreed to another one is asked again.
CONSENT_VERSION = "2026-11-01"
#: What must be agreed to before an application is taken; asking the employer may be declined.
NEEDED_CONSENTS = frozenset({ConsentKind.PROCESSING, ConsentKind.IDENTITY})
#: Shortest region code an application may carry: a county.
LEAST_REGION = 6
#: How the code of a door begins that was made together with a machine's key.
GENERAL_DOOR = "api-"
_KINDS = frozenset(IdKind.values)
_NOBODY = Identity("", "", date.min, "")


@dataclass(frozen=True, slots=True)
class Fields:
    """What an applicant told, in regular form."""

    name: str
    identity: Identity
    phone: str
    occupation_group: str
    region_code: str
    employer_credit_code: str = ""
    employer_name: str = ""
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Trade and place of work: what routing needs, and nothing personal."""

    occupation_group: str
    region_code: str
    employer_credit_code: str = ""
    employer_name: str = ""
    platform: str = ""


class _Checker:
    """Runs checks one after the other and keeps every error."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def take(self, check: Callable[..., T], *args: Any, default: T, **options: Any) -> T:
        """Return what the check returns, or the default with its errors kept."""
        try:
            return check(*args, **options)
        except Refusal as refusal:
            self.errors.extend(refusal.errors)
            return default

    def finish(self) -> None:
        """Refuse with everything that was found."""
        if self.errors:
            raise Invalid("invalid_application", _("Some fields need another look."), errors=self.errors)


def check_fields(raw: Mapping[str, Any], *, on: date, groups: Collection[str], platforms: Collection[str]) -> Fields:
    """Return the fields in regular form, or refuse with every error there is, each with its field.

    :param raw: `name, id_kind, id_number, birth_on, sex, phone, occupation_group, region_code, employer_credit_code,
        employer_name, platform`; the last three may be missing or empty, the kind is the resident ID when it is, and
        birth date and sex are only looked at where the number does not tell them.
    :param groups: codes of the occupation groups open on the day; `platforms` likewise.
    """
    checker = _Checker()
    name = checker.take(person_name, raw.get("name") or "", default="")
    identity = _take_identity(checker, raw, on)
    phone = checker.take(parse_phone, raw.get("phone") or "", default="")
    place = _take_place(checker, raw, groups, platforms)
    checker.finish()
    return Fields(
        name=name,
        identity=identity,
        phone=phone,
        occupation_group=place.occupation_group,
        region_code=place.region_code,
        employer_credit_code=place.employer_credit_code,
        employer_name=place.employer_name,
        platform=place.platform,
    )


def _take_identity(checker: _Checker, raw: Mapping[str, Any], on: date) -> Identity:
    """Read the document; ask for birth date and sex where its number is silent, also when the number is wrong."""
    kind = checker.take(_choice, raw.get("id_kind") or IdKind.RESIDENT_ID, _KINDS, "id_kind", default="")
    if not kind:
        return _NOBODY
    silent = Identity(kind, "") if kind in SILENT else _NOBODY
    told = checker.take(read_document, kind, raw.get("id_number") or "", on=on, default=silent)
    birth_on = told.birth_on or checker.take(parse_birth, raw.get("birth_on"), on=on, default=date.min)
    asks_sex = not told.sex and told is not _NOBODY
    sex = checker.take(parse_sex, raw.get("sex"), default="") if asks_sex else told.sex
    return Identity(told.kind, told.number, birth_on, sex)


def check_place(raw: Mapping[str, Any], *, groups: Collection[str], platforms: Collection[str]) -> Place:
    """Return trade and place of work in regular form, or refuse with every error there is."""
    checker = _Checker()
    place = _take_place(checker, raw, groups, platforms)
    checker.finish()
    return place


def _take_place(
    checker: _Checker, raw: Mapping[str, Any], groups: Collection[str], platforms: Collection[str]
) -> Place:
    return Place(
        occupation_group=checker.take(_choice, raw.get("occupation_group"), groups, "occupation_group", default=""),
        region_code=checker.take(_region_code, raw.get("region_code"), default=""),
        employer_credit_code=checker.take(_optional_credit_code, raw.get("employer_credit_code"), default=""),
        employer_name=checker.take(
            check_text, raw.get("employer_name") or "", field="employer_name", most=120, default=""
        ),
        platform=checker.take(_optional_choice, raw.get("platform"), platforms, "platform", default=""),
    )


def check_consents(given: Collection[str], version: str) -> None:
    """Refuse unless the needed consents were given to the current version of the texts.

    Source: personal information protection law, articles 14 (informed, explicit) and 29 (separate consent for
    sensitive data).
    """
    if version != CONSENT_VERSION:
        raise Invalid(
            "consent_version",
            _("The consent texts have changed. Please read them again and agree."),
            field="consent_version",
        )
    if set(given) - set(ConsentKind.values):
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="consents")
    if missing := sorted(NEEDED_CONSENTS - set(given)):
        raise Invalid("consent_missing", _("Without this consent the application cannot be sent."), field=missing[0])


def door_of_machine(own: str | None, named: str) -> str:
    """Return the door through which a machine's application comes.

    A machine of a partner sends through its own door only; a general one, whose door was made with its key, names the
    door that it serves.

    :raises Invalid: another machine's door.
    """
    if own is None or not named or named == own:
        return own or named
    if own.startswith(GENERAL_DOOR) and not named.startswith(GENERAL_DOOR):
        return named
    raise Invalid("not_your_door", _("This key belongs to another door. Send its own, or none."), field="door")


def _choice(value: object, choices: Collection[str], field: str) -> str:
    text = check_text(value if value is not None else "", field=field, most=30)
    if not text:
        raise Invalid("missing", _("Please choose one."), field=field)
    if text not in choices:
        raise Invalid("unknown_choice", _("This is not one of the choices."), field=field)
    return text


def _optional_choice(value: object, choices: Collection[str], field: str) -> str:
    return _choice(value, choices, field) if value else ""


def _optional_credit_code(value: object) -> str:
    return parse_credit_code(value) if value else ""


def _region_code(value: object) -> str:
    code = compact(check_text(value if value is not None else "", field="region_code", most=40))
    if not code:
        raise Invalid("missing", _("Please choose where you work."), field="region_code")
    if not (code.isascii() and code.isdigit()) or len(code) not in (2, 4, 6, 9, 12):
        raise Invalid("bad_region", _("This is not a region code."), field="region_code")
    if len(code) < LEAST_REGION:
        raise Invalid("region_too_wide", _("Please choose at least the county or district."), field="region_code")
    return code
