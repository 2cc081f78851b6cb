"""What may be wrong with a row of a roster, and how the clerk mends it: two sentences for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Words = tuple[_StrOrPromise, _StrOrPromise]

_TEXT_COLUMN: Final = _(
    "Set the whole column to “text” in Excel (select it, format cells, text), then type the number again from the ID"
    " card."
)
_FROM_CARD: Final = _("Compare the number with the ID card and type it again.")
_AS_TEMPLATE: Final = _("Choose one from the list in the template.")

#: By field and code, or by code for every field.
_PROBLEMS: Final[dict[tuple[str, str] | str, Words]] = {
    "id_scientific": (
        _("Excel turned the ID number into a rounded number such as 3.71502E+17; its last digits are lost."),
        _TEXT_COLUMN,
    ),
    "id_rounded": (_("Excel kept only 15 digits of the ID number and made the last three 000."), _TEXT_COLUMN),
    "id_15": (
        _("This is an ID number of the old form with 15 digits."),
        _("Write the 18 characters of the present ID card."),
    ),
    "id_masked": (
        _("Parts of the ID number are hidden by stars."),
        _("Write the whole number; it is stored encrypted."),
    ),
    "id_cut": (
        _("The ID number has fewer characters than it should."),
        _("A resident ID number has 18 characters. Type it again."),
    ),
    "phone_scientific": (
        _("Excel turned the phone number into a rounded number such as 1.38E+10."),
        _("Set the column to “text” in Excel and type the number again."),
    ),
    "phone_masked": (_("Parts of the phone number are hidden by stars."), _("Write all eleven digits.")),
    "phone_two": (_("There are two phone numbers in this cell."), _("Keep the one that this person uses.")),
    "phone_landline": (_("This is a landline number."), _("Write a mobile number with eleven digits.")),
    "cell_error": (
        _("The cell shows an error of Excel, such as #N/A."),
        _("Mend the formula, or type the content instead of it."),
    ),
    ("id_kind", "unknown_choice"): (_("This kind of document is not known."), _AS_TEMPLATE),
    ("occupation_group", "unknown_choice"): (_("This occupation group is not known."), _AS_TEMPLATE),
    ("occupation_group", "missing"): (
        _("The occupation group is missing."),
        _("Fill it in, or choose one for all rows when you upload."),
    ),
    ("platform", "unknown_choice"): (
        _("This platform is not known."),
        _("Choose one from the list in the template, or leave the cell empty."),
    ),
    ("region_code", "missing"): (
        _("The place of work is missing."),
        _("Write the county or district, such as 东昌府区, or choose one for all rows when you upload."),
    ),
    ("region_code", "unknown_region"): (
        _("This place of work is not known."),
        _("Write the full name of the county or district, such as 聊城市东昌府区, or its code."),
    ),
    ("region_code", "ambiguous_region"): (
        _("Several places have this name."),
        _("Write the name with the city before it, such as 聊城市东昌府区, or the code."),
    ),
    ("region_code", "region_too_wide"): (
        _("The place of work is too wide."),
        _("Write at least the county or district, such as 东昌府区."),
    ),
    ("region_code", "bad_region"): (
        _("This is not a region code."),
        _("Write a code with 6, 9 or 12 digits, or the name."),
    ),
    ("name", "missing"): (_("The name is missing."), _("Write the name as on the ID card.")),
    ("name", "bad_name"): (
        _("The name holds digits or signs."),
        _("Write the name as on the ID card; remarks belong in another column."),
    ),
    ("name", "too_long"): (_("The name is too long."), _("Write the name as on the ID card.")),
    ("id_number", "missing"): (_("The ID number is missing."), _("Write the number from the ID card.")),
    ("phone", "missing"): (_("The phone number is missing."), _("Write a mobile number with eleven digits.")),
    "bad_phone": (_("This is not a mobile number."), _("Write eleven digits beginning with 13 to 19.")),
    "bad_id_format": (_("This is not a number of this kind of document."), _FROM_CARD),
    "bad_id_area": (_("The first two digits of the ID number are no province."), _FROM_CARD),
    "bad_id_birth": (_("Digits 7 to 14 of the ID number are not a date of birth."), _FROM_CARD),
    "bad_id_check": (_("One digit of the ID number is wrong: the last character does not fit."), _FROM_CARD),
    "other_kind": (
        _("This is the number of a foreign permanent resident ID card."),
        _("Choose that kind of document in the column “kind of document”."),
    ),
    "too_young": (
        _("This person is under 16, the least working age by law (labor law, article 15)."),
        _("Leave the row out; if the birth date is wrong, mend it."),
    ),
    ("birth_on", "missing"): (
        _("The date of birth is missing; this kind of document does not tell it."),
        _("Write it like 1990-03-15."),
    ),
    "bad_birth": (_("This is not a date of birth."), _("Write it like 1990-03-15.")),
    ("sex", "missing"): (
        _("The sex is missing; this kind of document does not tell it."),
        _("Write 男 or 女, or M or F."),
    ),
    ("sex", "unknown_choice"): (_("The sex cannot be read."), _("Write 男 or 女, or M or F.")),
    "bad_credit_code": (
        _("This is not a credit code."),
        _("Compare it with the business license: 18 digits and capital letters."),
    ),
    "bad_credit_check": (
        _("One character of the credit code is wrong."),
        _("Compare it with the business license and type it again."),
    ),
    "bad_characters": (
        _("The cell holds invisible characters that cannot be stored."),
        _("Type the content again instead of copying it."),
    ),
    "too_long": (_("The content of this cell is too long."), _("Shorten it.")),
    "duplicate_row": (
        _("This person stands in another row of the same file, too."),
        _("Keep one of the rows and delete the others."),
    ),
    "duplicate_phone": (
        _("This phone number stands in another row of the same file, for another person."),
        _("Ask both for their own numbers; each phone belongs to one person."),
    ),
    "other_name": (
        _("This ID number is registered under another name."),
        _("Compare both with the ID card. If the card is right, ask the union to correct the registered name."),
    ),
    "rests_elsewhere": (
        _("This person's membership in another union is suspended."),
        _("Leave the row out; that union must resume or end the membership first."),
    ),
    "has_applied": (
        _("This person has an open application, which a union decides first."),
        _("Leave the row out, or upload it again once the application is decided."),
    ),
    "phone_held": (
        _("This phone number belongs to another registered person."),
        _("Ask the person for the number. If it is right, the person can have it released on the phone page."),
    ),
    "other_union": (
        _("Occupation and place of work lead to a union for which you may not enroll people."),
        _("Leave the row out, or ask that union."),
    ),
    "union_closed": (
        _("The union to which this row leads was closed meanwhile."),
        _("Upload the row again, so that it is led anew."),
    ),
    "other_employer": (
        _("The row names another employer than yours."),
        _("Leave the cell empty for your own people; leave the row out for others."),
    ),
    "no_union": (
        _("No union admits this person: occupation and place of work lead to none."),
        _("Check occupation group and place of work, or ask the county union."),
    ),
}


def explain(field: str, code: str) -> Words:
    """Return what is wrong and how to mend it, for a code of `check_fields`, of `read_row` or of the rows compared."""
    words = _PROBLEMS.get((field, code)) or _PROBLEMS.get(code)
    return words or (_("This cell cannot be taken as it is."), _("Check it against the template and type it again."))


def is_known(field: str, code: str) -> bool:
    """Answer whether there are words of its own for a problem."""
    return (field, code) in _PROBLEMS or code in _PROBLEMS
