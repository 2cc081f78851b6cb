"""Pure decisions on codes and names; no database. Pinyin is a module of its own: its dictionaries are heavy."""

from nuanxin.regions.rules.codes import (
    CITY_PROVINCES,
    LENGTHS,
    city_code_of,
    contains,
    is_code,
    is_pseudo,
    level_of,
    parent_of,
    prefixes_of,
)

__all__ = [
    "CITY_PROVINCES",
    "LENGTHS",
    "city_code_of",
    "contains",
    "is_code",
    "is_pseudo",
    "level_of",
    "parent_of",
    "prefixes_of",
]
