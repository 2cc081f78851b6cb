"""What can be told from a code alone: level, parent, path, city. Pure functions, no database.

Source of the lengths: GB/T 2260 (province 2, city 4, county 6 digits) and the statistical codes for divisions below the
county (township 9, village and community 12 digits) of the National Bureau of Statistics.
"""

from typing import Final

from nuanxin.regions.states import Level

LENGTHS: Final[dict[Level, int]] = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
}
_LEVELS: Final[dict[int, Level]] = {length: level for level, length in LENGTHS.items()}

# Provinces that are themselves a city: the four municipalities and the two special administrative regions.
CITY_PROVINCES: Final[frozenset[str]] = frozenset({"11", "12", "31", "50", "81", "82"})

_FILLER_NAMES: Final[frozenset[str]] = frozenset({"市辖区", "县"})
_FILLER_PHRASE: Final = "直辖县级行政"


def is_code(text: str) -> bool:
    """Tell whether the text has the shape of a region's code."""
    return len(text) in _LEVELS and text.isascii() and text.isdigit()


def level_of(code: str) -> Level:
    """Return the level a code stands on.

    Raises ValueError for text that is no code: callers check what comes from outside with `is_code`.
    """
    if not is_code(code):
        raise ValueError(f"not a region code: {code!r}")
    return _LEVELS[len(code)]


def parent_of(code: str) -> str | None:
    """Return the code directly above, or None for a province."""
    level = level_of(code)
    return None if level is Level.PROVINCE else code[: LENGTHS[Level(level - 1)]]


def prefixes_of(code: str) -> list[str]:
    """Return the codes from the province down to the code itself."""
    return [code[:length] for length in LENGTHS.values() if length <= LENGTHS[level_of(code)]]


def contains(outer: str, inner: str) -> bool:
    """Tell whether one division lies in another; each lies in itself."""
    return level_of(outer) <= level_of(inner) and inner.startswith(outer)


def is_pseudo(code: str, name: str) -> bool:
    """Tell whether a row of the code list only fills a level and is no division of its own.

    At city level: everything directly below a municipality (1101 市辖区, 5002 县), the collective units for counties
    that a province governs directly (4190, 4290, 4690, 6590), and whatever bears such a name in a later edition. At
    county level: the row that repeats a city without counties (441900 东莞市).
    """
    level = level_of(code)
    if level is Level.CITY:
        collective = code.endswith("90") or name in _FILLER_NAMES or _FILLER_PHRASE in name
        return collective or code[:2] in CITY_PROVINCES
    if level is Level.COUNTY:
        return code.endswith("00") or name in _FILLER_NAMES or _FILLER_PHRASE in name
    return False


def city_code_of(code: str, *, pseudo: bool) -> str:
    """Return the code of the prefecture-level unit a division belongs to.

    `pseudo` tells whether the city-level row above the division (or the division itself) only fills its level; then the
    municipality or province takes the city's part. An ordinary province has no city: the answer is empty.
    """
    if level_of(code) is Level.PROVINCE:
        return code if code in CITY_PROVINCES else ""
    return code[:2] if pseudo else code[:4]
