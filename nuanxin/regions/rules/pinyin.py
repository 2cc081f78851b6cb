"""Pinyin of the names of places, for hundreds of thousands of names in seconds.

The phrase dictionary of pypinyin knows most names down to the township (东阿 dong'e, 六安 lu'an) but takes some 50 µs a
name. Names of villages are therefore read character by character, except where a character stands in them that is
read in more than one way in place names.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from pypinyin import lazy_pinyin

# Characters whose first reading in the dictionary is not the one of place names.
_IN_PLACES: Final[dict[str, str]] = {
    "长": "chang",
    "都": "du",
    "藏": "zang",
    "勒": "le",
    "什": "shi",
    "曾": "zeng",
    "翟": "zhai",
    "佛": "fo",
    "厦": "xia",
    "卜": "bu",
    "仇": "qiu",
    "解": "xie",
    "咀": "zui",
    "鹿": "lu",
}
# Characters read by what stands beside them: names with one of these go through the phrase dictionary.
_DEPENDING: Final = frozenset("乐重行朝番莘蚌")
# Endings of villages and communities; with them off, hundreds of thousands of names have a quarter fewer characters.
_ENDINGS: Final = (
    "社区居民委员会",
    "村民委员会",
    "居民委员会",
    "社区居委会",
    "村委会",
    "居委会",
)


@cache
def _syllable(char: str) -> str:
    return _IN_PLACES.get(char) or lazy_pinyin(char)[0].lower()


@cache
def _ending(text: str) -> tuple[str, str]:
    syllables = lazy_pinyin(text)
    return "".join(syllables), "".join(syllable[0] for syllable in syllables)


@cache
def _first_reading(char: str) -> str:
    return lazy_pinyin(char)[0]


def _by_phrase(name: str) -> list[str]:
    syllables: list[str] = []
    # A list keeps one item for each character without a reading; the annotation of the library knows text only.
    readings = lazy_pinyin(name, errors=list)  # type: ignore[arg-type]
    for char, syllable in zip(name, readings, strict=True):
        plain = char in _IN_PLACES and syllable == _first_reading(char)
        syllables.append(_IN_PLACES[char] if plain else syllable.lower())
    return syllables


def _join(syllables: list[str]) -> tuple[str, str]:
    kept = [syllable for syllable in syllables if syllable.isalnum()]
    return "".join(kept), "".join([syllable[0] for syllable in kept])


def read_name(name: str) -> tuple[str, str]:
    """Return full pinyin and initials of the name of a township or anything above, through the phrase dictionary."""
    return _join(_by_phrase(name))


@lru_cache(maxsize=1 << 16)
def _stem(stem: str) -> tuple[str, str]:
    by_phrase = not _DEPENDING.isdisjoint(stem)
    return _join(_by_phrase(stem) if by_phrase else [_syllable(char) for char in stem])


def read_village(name: str) -> tuple[str, str]:
    """Return full pinyin and initials of the name of a village or community, fast."""
    for ending in _ENDINGS:
        if name.endswith(ending):
            pinyin, initials = _stem(name[: -len(ending)])
            tail, tail_initials = _ending(ending)
            return pinyin + tail, initials + tail_initials
    return _stem(name)
