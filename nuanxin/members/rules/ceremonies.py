"""Collective joining ceremonies: their moves, and reading a typed list of who is expected. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text, person_name
from nuanxin.members.states import CeremonyState

CEREMONY_MOVES: dict[str, frozenset[str]] = {
    CeremonyState.PLANNED: frozenset({CeremonyState.OPEN}),
    CeremonyState.OPEN: frozenset({CeremonyState.CLOSED}),
}
#: Most people on a list.
MOST_GUESTS = 2000
#: Letters of the code in the picture.
CODE_LETTERS = 8


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who is expected: a name, and a phone when one was told."""

    name: str
    phone: str = ""


def read_guests(text: object) -> list[Guest]:
    """Return a typed list of people: a line each, the name, and if known a phone after it.

    :raises Invalid: a line that is no name, a phone that is none, or over 2,000 lines; says which line.
    """
    lines = [line for line in check_text(text, field="guests", most=100_000).splitlines() if line.strip()]
    if len(lines) > MOST_GUESTS:
        raise Invalid("too_many", _("A list holds 2,000 people at most."), field="guests")
    found = []
    for number, line in enumerate(lines, start=1):
        words = line.replace(",", " ").replace("，", " ").replace("\t", " ").split()
        phone = words.pop() if len(words) > 1 and words[-1][0].isdigit() else ""
        try:
            found.append(Guest(person_name(" ".join(words)), parse_phone(phone) if phone else ""))
        except Invalid:
            raise Invalid(
                "bad_line", _("Line %s cannot be read. Write the name, then the phone if you know it.") % number,
                field="guests",
            ) from None  # fmt: skip
    return found
