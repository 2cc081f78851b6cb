"""Identifiers of Chinese public life: resident ID, unified social credit code, mobile phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric, uscc

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text, compact

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

#: First two digits of resident IDs: the provinces of GB/T 2260, and 83 for Taiwan residents' residence permits.
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
#: Labor law, article 15: nobody under 16 may be employed.
LEAST_AGE = 16
MOST_AGE = 120


@dataclass(frozen=True)
class ResidentID:
    """A well-formed resident ID number and what it tells."""

    number: str
    birth_on: date
    sex: str

    @property
    def last6(self) -> str:
        """The six characters that a worker repeats on a new phone."""
        return self.number[-6:]


def _need(value: object, *, field: str, missing: _StrOrPromise) -> str:
    text = compact(check_text(value, field=field, most=64)).upper()
    if not text:
        raise Invalid("missing", missing, field=field)
    return text


def age_on(birth_on: date, on: date) -> int:
    """Return full years of age on a day."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def parse_resident_id(value: object, *, on: date, field: str = "id_number") -> ResidentID:
    """Read a resident ID number (GB 11643-1999: 18 characters, birth date, ISO 7064 MOD 11-2 check character).

    The place is checked by province only: counties have come and gone, and tables of them refuse real people.

    :param on: the day against which the birth date and the least age are judged.
    :raises Invalid: missing, not 18 characters, an unknown province, an impossible or future birth date, a wrong check
        character, or under 16 (labor law, article 15). Nobody is refused for being old.
    """
    number = _need(value, field=field, missing=_("Please write your resident ID number."))
    if len(number) != 18 or not (number[:17].isascii() and number[:17].isdigit() and number[17] in "0123456789X"):
        raise Invalid(
            "bad_id_format", _("A resident ID number has 18 characters: 17 digits, then a digit or X."), field=field
        )
    if number[:2] not in PROVINCES:
        raise Invalid("bad_id_area", _("The first two digits are no province. Please check the number."), field=field)
    birth_on = birth_of_18(number, on=on, field=field)
    if not right_check_character(number):
        raise Invalid(
            "bad_id_check", _("One digit of the ID number is wrong. Please compare it with your card."), field=field
        )
    check_age(birth_on, on=on, field=field)
    return ResidentID(number, birth_on, "M" if int(number[16]) % 2 else "F")


def birth_of_18(number: str, *, on: date, field: str) -> date:
    """Read the birth date that stands in digits 7 to 14 of an 18-character number.

    :raises Invalid: no day of the calendar, in the future, or more than 120 years ago.
    """
    wrong = Invalid("bad_id_birth", _("Digits 7 to 14 are not a date of birth. Please check the number."), field=field)
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise wrong from None
    if birth_on > on or age_on(birth_on, on) > MOST_AGE:
        raise wrong
    return birth_on


def right_check_character(number: str) -> bool:
    """Answer whether the last of 18 characters fits the others (ISO 7064 MOD 11-2)."""
    return bool(number[17] == ric.calc_check_digit(number))


def to_18(number: str) -> str:
    """Return a resident ID number of 15 digits, as cards of the first generation had it, in its form of 18 characters.

    Exact, for the two are one number: the century 19 is put in, and the check character follows (GB 11643-1999, annex).
    Anything else is returned as it is. Such cards have not been valid since 2013: nobody joins with one, but rosters
    and older registers hold their numbers.
    """
    if len(number) != 15 or not number.isascii() or not number.isdigit():
        return number
    long = f"{number[:6]}19{number[6:]}"
    return long + str(ric.calc_check_digit(long + "0"))


def check_age(birth_on: date, *, on: date, field: str, wrong: Invalid | None = None) -> None:
    """Refuse who is under 16 (labor law, article 15), and with `wrong` a birth date that cannot be.

    :raises Invalid: too young, or the one given.
    """
    if wrong is not None and (birth_on > on or age_on(birth_on, on) > MOST_AGE):
        raise wrong
    if age_on(birth_on, on) < LEAST_AGE:
        raise Invalid("too_young", _("Union membership starts at 16, the least working age by law."), field=field)


def parse_phone(value: object, *, field: str = "phone") -> str:
    """Read a mainland mobile number: eleven digits, the first 1, the second 3 to 9; +86 and 0086 are dropped.

    :raises Invalid: missing or not of that form.
    """
    number = _need(value, field=field, missing=_("Please write your mobile number.")).removeprefix("+86")
    number = number.removeprefix("0086")
    if len(number) != 11 or not number.isascii() or not number.isdigit() or number[0] != "1" or number[1] < "3":
        raise Invalid("bad_phone", _("A mobile number has 11 digits and begins with 13 to 19."), field=field)
    return number


#: Codes that were found right: thousands of people of one list have one employer.
_RIGHT_CODES: set[str] = set()
_MOST_CODES = 4096


def parse_credit_code(value: object, *, field: str = "employer_credit_code") -> str:
    """Read a unified social credit code (GB 32100-2015: 18 characters, MOD 31-3 check character).

    Union codes (81 basic unions, 89 others) are as good as any other.

    :raises Invalid: missing, of another length or alphabet, or with a wrong check character.
    """
    number = _need(value, field=field, missing=_("Please write the credit code."))
    if number in _RIGHT_CODES:
        return number
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    if len(number) != 18 or any(char not in alphabet for char in number) or not number[2:8].isdigit():
        raise Invalid(
            "bad_credit_code", _("A credit code has 18 digits and capital letters (never I, O, S, V, Z)."), field=field
        )
    if number[17] != uscc.calc_check_digit(number[:17]):
        raise Invalid("bad_credit_check", _("One character of the credit code is wrong. Please check it."), field=field)
    if len(_RIGHT_CODES) < _MOST_CODES:
        _RIGHT_CODES.add(number)
    return number


def mask_phone(phone: str) -> str:
    """Return 138****5678."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) == 11 else "****"


def mask_id(number: str) -> str:
    """Return the first six and last four of 18 characters with stars between; of a shorter number the ends only."""
    if len(number) == 18:
        return f"{number[:6]}********{number[-4:]}"
    return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}" if len(number) >= 8 else "****"


def mask_name(name: str) -> str:
    """Return a name that its owner recognizes and a stranger does not: 王*芳, 李*, 阿*提·买*."""
    if "·" in name:
        return "·".join(mask_name(part) for part in name.split("·") if part)
    if " " in name:
        return " ".join(f"{part[0]}*" for part in name.split())
    if len(name) <= 1:
        return name
    return f"{name[0]}*" if len(name) == 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"
