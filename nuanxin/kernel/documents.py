"""Identity documents: which kinds there are, what form their numbers have, and what a number tells.

Sources, by kind:

- resident ID card: GB 11643-1999, the citizen identification number;
- residence permit of Hong Kong, Macao and Taiwan residents: State Council office document 2018 no. 81 (guobanfa), which
  gives it a citizen identification number with the address codes 810000, 820000 and 830000;
- permanent residence card of foreigners: since 1 December 2023 18 characters, the first a 9, the last by MOD 11-2
  (National Immigration Administration, rules for reading the 2023 version); before, 3 letters and 12 digits;
- mainland travel permit of Hong Kong and Macao residents, and of Taiwan residents: the number printed on the cards in
  use since 2013 and 2015. No public standard of a check digit is known to us, so none is checked.

Passports are not here: their number changes with every renewal, so it cannot keep a person from being admitted twice.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.identifiers import birth_of_18, check_age, parse_resident_id, right_check_character
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text, compact

if TYPE_CHECKING:
    from collections.abc import Iterator

RESIDENT_ID = "resident_id"
RESIDENCE_PERMIT = "residence_permit"
HK_MACAO_PERMIT = "hk_macao_permit"
TAIWAN_PERMIT = "taiwan_permit"
FOREIGN_RESIDENT = "foreign_resident"

#: Kinds with a citizen identification number: one register of numbers, so one person is one number under either name.
CITIZEN_NUMBERS = frozenset({RESIDENT_ID, RESIDENCE_PERMIT})
#: Kinds whose number never tells the birth date; the old permanent residence card does not either.
SILENT = frozenset({HK_MACAO_PERMIT, TAIWAN_PERMIT})
#: What is held beside a number that tells everything.
NOT_ASKED: dict[str, Any] = {"birth_on": None, "sex": ""}
_PERMIT_AREAS = ("810000", "820000", "830000")
_FOREIGN_18 = re.compile(r"9[0-9]{16}[0-9X]")
_FOREIGN_15 = re.compile(r"[A-Z]{3}[0-9]{12}")
#: The lifelong number, then perhaps two digits that count the renewals: they are dropped, so that a person stays one.
_HK_MACAO = re.compile(r"([HM][0-9]{8})([0-9]{2})?")
_TAIWAN = re.compile(r"([0-9]{8})([0-9]{2})?")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Identity:
    """A person by a document: its kind, the number in regular form, and what was read from it or asked for."""

    kind: str
    number: str
    birth_on: date | None = None
    sex: str = ""

    @property
    def asked(self) -> dict[str, Any]:
        """Return what had to be asked for beside the number, and must be held with it."""
        return {} if self.kind in CITIZEN_NUMBERS else {"birth_on": self.birth_on, "sex": self.sex}

    @property
    def last6(self) -> str:
        """The six characters that a worker repeats on a new phone."""
        return self.number[-6:]


def read_document(kind: str, value: object, *, on: date, field: str = "id_number") -> Identity:
    """Read the number of a document of a kind; birth date and sex stay empty where the number does not tell them.

    A citizen identification number is named rightly whatever kind was chosen: 81, 82 and 83 are residence permits.

    :param on: the day against which a birth date and the least age are judged.
    :raises Invalid: missing, or not a number of this kind.
    """
    if kind in CITIZEN_NUMBERS:
        return _citizen(kind, value, on, field)
    number = compact(check_text(value, field=field, most=64)).upper()
    if not number:
        raise Invalid("missing", _("Please write the number of your document."), field=field)
    return {HK_MACAO_PERMIT: _hk_macao, TAIWAN_PERMIT: _taiwan, FOREIGN_RESIDENT: _foreign}[kind](number, on, field)


def _citizen(kind: str, value: object, on: date, field: str) -> Identity:
    number = compact(value[:64]).upper() if isinstance(value, str) else ""
    if _FOREIGN_18.fullmatch(number):
        raise Invalid(
            "other_kind",
            _("This is the number of a foreign permanent resident ID card. Please choose that kind of document."),
            field=field,
        )
    found = parse_resident_id(value, on=on, field=field)
    if found.number[:6] in _PERMIT_AREAS:
        kind = RESIDENCE_PERMIT
    elif kind == RESIDENCE_PERMIT:
        raise Invalid("bad_id_area", _("The number of this permit begins with 810000, 820000 or 830000."), field=field)
    return Identity(kind, found.number, found.birth_on, found.sex)


def _hk_macao(number: str, _on: date, field: str) -> Identity:
    if not (found := _HK_MACAO.fullmatch(number)):
        raise Invalid("bad_id_format", _("The number of this permit is H or M and eight digits."), field=field)
    return Identity(HK_MACAO_PERMIT, found[1])


def _taiwan(number: str, _on: date, field: str) -> Identity:
    if not (found := _TAIWAN.fullmatch(number)):
        raise Invalid("bad_id_format", _("The number of this permit has eight digits."), field=field)
    return Identity(TAIWAN_PERMIT, found[1])


def _foreign(number: str, on: date, field: str) -> Identity:
    if _FOREIGN_15.fullmatch(number):
        return Identity(FOREIGN_RESIDENT, number)
    if not _FOREIGN_18.fullmatch(number):
        raise Invalid(
            "bad_id_format",
            _("The number of this card has 18 characters and begins with 9, or 3 letters and 12 digits."),
            field=field,
        )
    birth_on = birth_of_18(number, on=on, field=field)
    if not right_check_character(number):
        raise Invalid(
            "bad_id_check", _("One digit of the ID number is wrong. Please compare it with your card."), field=field
        )
    check_age(birth_on, on=on, field=field)
    return Identity(FOREIGN_RESIDENT, number, birth_on)


def parse_birth(value: object, *, on: date, field: str = "birth_on") -> date:
    """Read a date of birth that a document's number does not tell: 1990-03-15, 19900315 or 1990年3月15日.

    :raises Invalid: missing, no day of the calendar, in the future, more than 120 years ago, or under 16 (labor law,
        article 15).
    """
    typed = value.isoformat() if isinstance(value, date) else check_text(value or "", field=field, most=40)
    text = "".join(unicodedata.normalize("NFKC", typed).split())
    if not text:
        raise Invalid("missing", _("Please give your date of birth: this number does not tell it."), field=field)
    wrong = Invalid("bad_birth", _("This is not a date of birth. Write it like 1990-03-15."), field=field)
    if not (found := _DATE.fullmatch(text)):
        raise wrong
    try:
        year, month, day = (int(part) for part in found.groups() if part)
        birth_on = date(year, month, day)
    except ValueError:
        raise wrong from None
    check_age(birth_on, on=on, field=field, wrong=wrong)
    return birth_on


def parse_sex(value: object, *, field: str = "sex") -> str:
    """Read the sex that a document's number does not tell: M or F.

    :raises Invalid: missing, or anything else.
    """
    text = compact(check_text(value or "", field=field, most=10)).upper()
    if not text:
        raise Invalid("missing", _("Please choose one."), field=field)
    if text not in ("M", "F"):
        raise Invalid("unknown_choice", _("This is not one of the choices."), field=field)
    return text


def kinds_of(text: str) -> Iterator[tuple[str, str]]:
    """Give each kind and regular number that a whole number, typed to find somebody, may be. Judges the form only."""
    if len(text) == 18 and text[:17].isdigit() and text[0] != "9":
        yield RESIDENT_ID, text
    for kind, form in ((HK_MACAO_PERMIT, _HK_MACAO), (TAIWAN_PERMIT, _TAIWAN)):
        if found := form.fullmatch(text):
            yield kind, found[1]
    if _FOREIGN_18.fullmatch(text) or _FOREIGN_15.fullmatch(text):
        yield FOREIGN_RESIDENT, text


def digest_text(kind: str, number: str) -> str:
    """Return what of a document is digested: kind and number, but citizen identification numbers are of one kind."""
    return number if kind in CITIZEN_NUMBERS else f"{kind}:{number}"
