"""What somebody means who types into the one search box of the members' list."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.documents import kinds_of
from nuanxin.kernel.ids import luhn_ok
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text, compact
from nuanxin.members.rules.terms import GIVEN, INITIALS, PINYIN, squeezed

#: Most characters of a search, and the fewest digits that say enough.
MOST_TYPED, LEAST_DIGITS = 50, 4
#: Runs of one kind: Latin letters, digits, anything else but blanks.
_RUNS = re.compile(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9\s]+")


@dataclass(frozen=True, slots=True)
class Letters:
    """Pinyin or initials: any of the words will do; `rest` is what must be checked beyond them, or empty."""

    words: frozenset[str]
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for.

    `exact` is `document`, `phone`, `number` or `number_prefix` with its `value` in regular form, or empty; otherwise
    every one of `words` and of `letters` must fit, and every one of `parts` must stand inside the name.
    """

    exact: str = ""
    value: str = ""
    words: frozenset[str] = frozenset()
    letters: tuple[Letters, ...] = ()
    parts: tuple[str, ...] = ()


def read_search(text: object) -> Wanted | None:
    """Tell by its form what somebody typed to find a member; None when nothing was typed.

    A whole number of an identity document, a whole phone, a member number or its beginning (from five digits). Or any
    of these side by side, in any order: one character that the name begins with, two or more that stand together
    inside it, the beginning of its pinyin, of the given name's pinyin or of the initials, the last four digits of the
    phone. Every sign is a sign: nothing stands for any other.

    :raises Invalid: too long, too few digits, or characters that cannot be typed.
    """
    typed = check_text(text, field="q", most=MOST_TYPED)
    plain = compact(typed).upper()
    if not plain:
        return None
    if exact := _exact(plain):
        return exact
    words: set[str] = set()
    letters, parts = [], []
    for piece in _pieces(typed):
        if piece.isascii() and piece.isdigit():
            if len(piece) != LEAST_DIGITS:
                raise _few_digits()
            words.add(f"4:{piece}")
        elif piece.isascii() and piece.isalpha():
            letters.append(_letters(piece))
        else:
            words |= _inside(piece)
            parts += [piece] if len(piece) > 2 else []
    if not words and not letters:
        raise Invalid("search_short", _("Please type at least one character of the name."), field="q")
    return Wanted(words=frozenset(words), letters=tuple(letters), parts=tuple(parts))


def _exact(plain: str) -> Wanted | None:
    digits = plain.isascii() and plain.isdigit()
    if next(iter(kinds_of(plain)), None) and (len(plain) == 18 or not digits):
        return Wanted("document", plain)
    if not digits or len(plain) == LEAST_DIGITS:
        return None
    if len(plain) < LEAST_DIGITS:
        raise _few_digits()
    if len(plain) == 11 and plain[0] == "1":
        return Wanted("phone", plain)
    if len(plain) == 14 and luhn_ok(plain):
        return Wanted("number", plain)
    return Wanted("number_prefix", plain)


def _few_digits() -> Invalid:
    return Invalid(
        "search_digits",
        _("Please type the last four digits of the phone, or at least five digits of the member number."),
        field="q",
    )


def _pieces(typed: str) -> list[str]:
    """Cut what was typed at blanks and where letters, digits and other signs meet; as names are compared."""
    found = []
    for word in typed.replace("ü", "v").replace("Ü", "v").split():
        plain = compact(squeezed(word))
        found += [run.lower() for run in _RUNS.findall(plain)]
    return found


def _inside(piece: str) -> set[str]:
    return {f"^{piece}"} if len(piece) == 1 else {f"~{piece[at : at + 2]}" for at in range(len(piece) - 1)}


def _letters(typed: str) -> Letters:
    words, whole = set(), True
    for sign, sizes in (("p", PINYIN), ("g", GIVEN), ("i", INITIALS)):
        size = max((size for size in sizes if size <= len(typed)), default=0)
        # nobody types more initials than a name has characters, and few names have so many
        if size and not (sign == "i" and size < len(typed)):
            words.add(f"{sign}{typed[:size]}")
            whole = whole and size == len(typed)
    return Letters(frozenset(words), "" if whole else typed)
