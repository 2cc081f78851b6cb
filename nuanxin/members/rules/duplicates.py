"""Whether two records are one person: evidence field by field, each with its points, and their sum.

Points are bits, as Fellegi and Sunter count them: by how many doublings a field makes it likelier that two records are
one person. A name tells the less, the more people have it; a birth date agrees by chance in one pair of 16,000; two
document numbers that are far apart speak against. Sources of the weights: docs/adr/0017-duplicates.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import TYPE_CHECKING

from pypinyin import Style, lazy_pinyin

from nuanxin.kernel.documents import CITIZEN_NUMBERS
from nuanxin.kernel.identifiers import to_18
from nuanxin.members.rules.terms import PASSED_OVER, squeezed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

#: From how many points two records are shown to a cadre, from how many they are likely, and almost certain.
THRESHOLD, LIKELY, CERTAIN = 28, 36, 45
#: Band → from how many points, and below how many.
BANDS = {"certain": (CERTAIN, 0), "likely": (LIKELY, CERTAIN), "possible": (THRESHOLD, LIKELY)}
#: What a field can say, the nearest first, and how many points that is.
POINTS: dict[str, dict[str, int]] = {
    # of a name that nobody else has: the doublings of how many have it are taken off
    "name": {
        "same": 20,
        "swapped": 17,
        "homophone": 16,
        "swapped_homophone": 13,
        "one_character": -20,
        "different": -30,
    },
    "birth": {"same": 14, "day_month": 9, "one_digit": 8, "two_digits_swapped": 8, "unknown": 0, "different": -12},
    "document": {"same": 60, "near": 14, "other_kind": 0, "far": -18},
    "phone": {"same": 18, "near": 6, "unknown": 0, "different": 0},
    "employer": {"same": 6, "unknown": 0, "different": 0},
    "place": {"township": 6, "county": 5, "city": 2, "different": 0},
    "sex": {"same": 1, "unknown": 0, "different": -4},
    "group": {"same": 1, "different": 0},
}
FIELDS = tuple(POINTS)
#: What document numbers and phones add at most, short of being the same; asked before they are opened.
MOST_BY_DOCUMENT, MOST_BY_PHONE = POINTS["document"]["near"], POINTS["phone"]["near"]
#: Names that agree in one of these ways bring two people together at all.
ALIKE = frozenset({"same", "swapped", "homophone", "swapped_homophone"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person; `phones` are digests of the number held now and of those held before."""

    name: str
    birth_on: date | None
    sex: str
    id_kind: str
    id_number: str
    phone: str
    phones: frozenset[bytes]
    employer: str
    region: str
    group: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """How near two records are in one field, and how many points that is."""

    field: str
    level: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """The sum and what it is made of, in the order of `FIELDS`."""

    points: int
    evidence: tuple[Evidence, ...]

    @property
    def is_candidate(self) -> bool:
        """Tell whether a cadre should look at the two."""
        return self.points >= THRESHOLD

    def as_rows(self) -> list[list[str | int]]:
        """Return the evidence as it is kept: field, level and points; no value of anybody."""
        return [[each.field, each.level, each.points] for each in self.evidence]


def band(points: int) -> str:
    """Return how sure a score is: `certain`, `likely` or `possible`."""
    return "certain" if points >= CERTAIN else "likely" if points >= LIKELY else "possible"


class _Syllables(dict[str, str]):
    """How each Chinese character sounds, by its first reading; for any other sign there is no answer."""

    def __missing__(self, char: str) -> str:
        if not "㐀" <= char <= "鿿":
            raise KeyError(char)
        self[char] = found = "".join(lazy_pinyin(char, style=Style.NORMAL)).lower()
        return found


_SYLLABLES = _Syllables()


def syllables(name: str) -> tuple[str, ...]:
    """Return a name as it sounds, one syllable a character, each by its first reading; Latin names word by word.

    Character by character and not by the phrase dictionary, so that a character sounds the same in every order.
    """
    found: list[str] = []
    word = ""
    for char in name.lower():
        is_chinese = "㐀" <= char <= "鿿"
        if not is_chinese and char not in PASSED_OVER:
            word += char
            continue
        if word:
            found.append(word)
            word = ""
        if is_chinese:
            found.append(_SYLLABLES[char])
    return tuple([*found, word] if word else found)


def reads(name: str) -> str:
    """Return the syllables of a name in the order of the alphabet: alike for all names that may be one."""
    try:
        found = sorted([_SYLLABLES[char] for char in name])  # a million names are read so
    except KeyError:
        found = sorted(syllables(name))
    return " ".join(found)[:200]


def name_level(one: str, other: str) -> str:
    """Return how near two names are."""
    if one == other:
        return "same"
    first, second = squeezed(one), squeezed(other)
    if first == second:
        return "same"
    if reads(one) == reads(other):
        if sorted(first) == sorted(second):
            return "swapped"
        return "homophone" if syllables(one) == syllables(other) else "swapped_homophone"
    differing = _differing(first, second) if len(first) == len(second) > 1 else 2
    return "one_character" if differing == 1 else "different"


def birth_level(one: date | None, other: date | None) -> str:
    """Return how near two birth dates are: the same, or as far apart as one slip of the pen."""
    if one is None or other is None:
        return "unknown"
    if one == other:
        return "same"
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return "day_month"
    return _slip(f"{one:%Y%m%d}", f"{other:%Y%m%d}") or "different"


def document_level(one_kind: str, one: str, other_kind: str, other: str) -> str:
    """Return how near two document numbers are; old resident IDs of 15 digits are compared in their new form.

    The check character follows from the others, so a slip in a number that was taken shows in it, too: it is left out.
    """
    citizens = one_kind in CITIZEN_NUMBERS and other_kind in CITIZEN_NUMBERS
    if not one or not other or (one_kind != other_kind and not citizens):
        return "other_kind"
    first, second = (to_18(one), to_18(other)) if citizens else (one, other)
    if first == second:
        return "same"
    if citizens:
        first, second = first[:17], second[:17]
        if f"{first[:10]}{first[12:14]}{first[10:12]}{first[14:]}" == second:
            return "near"
    return "near" if _slip(first, second) else "far"


def phone_level(one: Facts, other: Facts) -> str:
    """Return how near the phones are: one of them was or is held by both, or one digit differs, or nothing is known."""
    if one.phones & other.phones:
        return "same"
    if not one.phone or not other.phone:
        return "unknown"
    return "near" if _slip(one.phone, other.phone) else "different"


def _slip(one: str, other: str) -> str:
    """Return which slip of the pen makes one text of the other: one sign, two neighbors exchanged, or none."""
    if len(one) != len(other):
        return ""
    places = [at for at, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    if len(places) == 1:
        return "one_digit"
    if len(places) == 2 and places[1] == places[0] + 1:
        first, second = places
        if one[first] == other[second] and one[second] == other[first]:
            return "two_digits_swapped"
    return ""


def _differing(one: str, other: str) -> int:
    return sum(left != right for left, right in zip(one, other, strict=True))


def _place_level(one: str, other: str) -> str:
    for size, level in ((9, "township"), (6, "county"), (4, "city")):
        if one[:size] == other[:size] and len(one) >= size:
            return level
    return "different"


def _same(one: str, other: str, *, unknown: bool = True) -> str:
    if unknown and not (one and other):
        return "unknown"
    return "same" if one == other else "different"


def points_of(field: str, level: str, *, namesakes: int = 1) -> int:
    """Return the points of a field; of a name that agrees, less the doublings of how many people have it.

    :param namesakes: how many people of the registry have a name that sounds so.
    """
    points = POINTS[field][level]
    return points - round(log2(max(namesakes, 2))) if field == "name" and level in ALIKE else points


def levels_of(one: Facts, other: Facts) -> dict[str, str]:
    """Return how near two records are in each field."""
    return {
        "name": name_level(one.name, other.name),
        "birth": birth_level(one.birth_on, other.birth_on),
        "document": document_level(one.id_kind, one.id_number, other.id_kind, other.id_number),
        "phone": phone_level(one, other),
        "employer": _same(one.employer, other.employer),
        "place": _place_level(one.region, other.region),
        "sex": _same(one.sex, other.sex),
        "group": _same(one.group, other.group, unknown=False),
    }


def total(levels: dict[str, str], *, namesakes: int) -> int:
    """Return the points of all fields together."""
    rare = round(log2(max(namesakes, 2))) if levels["name"] in ALIKE else 0
    return sum([POINTS[field][level] for field, level in levels.items()]) - rare


def score_of(levels: dict[str, str], *, namesakes: int) -> Score:
    """Return the score of fields that have been compared, with its evidence."""
    evidence = tuple(
        Evidence(field, level, points_of(field, level, namesakes=namesakes)) for field, level in levels.items()
    )
    return Score(sum(each.points for each in evidence), evidence)


def score(one: Facts, other: Facts, *, namesakes: int) -> Score:
    """Weigh two records: the same whichever is named first, and never less for a field that agrees better.

    :param namesakes: how many people of the registry have a name that sounds like theirs.
    """
    return score_of(levels_of(one, other), namesakes=namesakes)


def common_path(one: str, other: str) -> str:
    """Return the path of the lowest union above both of two paths."""
    shared: list[str] = []
    for left, right in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if left != right:
            break
        shared.append(left)
    return f"/{'/'.join(shared)}/" if shared else ""


def upper_paths(path: str) -> Iterable[str]:
    """Give a path and those of the unions above it, the nearest first."""
    codes = path.strip("/").split("/")
    for size in range(len(codes), 0, -1):
        yield f"/{'/'.join(codes[:size])}/"
