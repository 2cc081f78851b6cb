"""Search terms: what of a membership a search box may ask for, as keyed numbers in one indexed array.

A term is a word such as `~王小` or `u:3715` under the installation's index key, cut to 63 bits. One index answers any
mix of name, scope and filters without joining, and tells nothing without the key: see docs/adr/0011-search.md.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

from pypinyin import Style, lazy_pinyin

from nuanxin.kernel.secrets import keyring

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

#: Lengths of beginnings that are terms of their own: of the pinyin, of the given name's pinyin, of the initials.
PINYIN, GIVEN, INITIALS = (1, 2, 3, 4, 5, 6, 7, 8, 10), (2, 3, 4, 5, 6, 7, 8), (2, 3, 4, 5)
#: Region codes of counties and townships.
REGION = (6, 9)
_JOINERS = "·•・‧∙･"
#: Signs that are passed over when names are compared.
PASSED_OVER = f"{_JOINERS} .-'’‐‑"
_DROPPED = str.maketrans(dict.fromkeys(PASSED_OVER))


def squeezed(name: str) -> str:
    """Return a name as it is compared: without dots, blanks, hyphens and apostrophes, in small letters."""
    return unicodedata.normalize("NFC", name).translate(_DROPPED).lower()


@lru_cache(maxsize=8192)
def later_pinyin(name: str) -> tuple[str, ...]:
    """Return what a name may also begin with for whoever types letters: the given name, and each part after a dot."""
    if not name:
        return ()
    if not "㐀" <= name[0] <= "鿿":
        parts = name.lower().split()
        return tuple(squeezed("".join(parts[at:])) for at in range(1, len(parts)))
    starts = {1, *(at + 1 for at, char in enumerate(name) if char in _JOINERS)}
    return tuple("".join(map(_syllable, squeezed(name[at:]))) for at in sorted(starts) if at < len(name))


@lru_cache(maxsize=8192)
def _syllable(char: str) -> str:
    return "".join(lazy_pinyin(char, style=Style.NORMAL)).lower()


def name_words(name: str) -> set[str]:
    """Return the words of a name: its first character, each two characters side by side, and the whole."""
    plain = squeezed(name)
    if not plain:
        return set()
    return {f"^{plain[0]}", f"={plain}", *(f"~{plain[at : at + 2]}" for at in range(len(plain) - 1))}


def letter_words(name: str, pinyin: str, initials: str) -> set[str]:
    """Return the words of a name in Latin letters: beginnings of its pinyin, of the given name's, of its initials."""
    return {
        *(f"p{pinyin[:size]}" for size in PINYIN if size <= len(pinyin)),
        *(f"g{later[:size]}" for later in later_pinyin(name) for size in GIVEN if size <= len(later)),
        *(f"i{initials[:size]}" for size in INITIALS if size <= len(initials)),
    }


def path_words(path: str) -> set[str]:
    """Return the words of a union's path: each union from the second level down; everybody is below the first."""
    return {f"u:{code}" for code in path.strip("/").split("/")[1:]}


def scope_word(path: str) -> str:
    """Return the word that everybody at and below a union has; empty for the root and for everywhere."""
    codes = path.strip("/").split("/")
    return f"u:{codes[-1]}" if len(codes) > 1 else ""


def region_words(code: str) -> set[str]:
    """Return the words of a place: its county and its township."""
    return {f"r:{code[:size]}" for size in REGION if size <= len(code)}


def words_of(
    *,
    name: str,
    pinyin: str,
    initials: str,
    phone: str,
    group: str,
    region: str,
    employer_id: UUID | None,
    union_path: str,
    state: str,
    proved: Collection[str] = (),
) -> set[str]:
    """Return every word by which a membership is found. Being active is no word: almost everybody is.

    :param proved: what `rules.assurance.words_of_level` says of the person.
    """
    found = name_words(name) | letter_words(name, pinyin, initials) | path_words(union_path) | region_words(region)
    found.add(f"o:{group}")
    found.update(proved)
    if phone:
        found.add(f"4:{phone[-4:]}")
    if employer_id:
        found.add(f"e:{employer_id.hex}")
    if state != "active":
        found.add(f"s:{state}")
    return found


def terms(words: Iterable[str]) -> list[int]:
    """Return words as keyed numbers, in order and each once."""
    key = keyring().index
    return sorted([_term(word, key) for word in words])


def term(word: str) -> int:
    """Return one word as a keyed number of 63 bits."""
    return _term(word, keyring().index)


@lru_cache(maxsize=65536)
def _term(word: str, key: bytes) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8, key=key, person=b"term").digest(), "big") >> 1
