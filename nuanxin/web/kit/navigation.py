"""Entries of the desk's left navigation and of the phone's bottom tabs. Doors fill them; the base pages show them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    """One task in the navigation. `count` is what waits there; `exact` marks it only on its very page."""

    label: str
    url: str
    icon: str
    count: int = 0
    exact: bool = False
    heading: str = ""


@dataclass(frozen=True)
class PostChoice:
    """One post of a cadre in the switcher: what it is called, where, and the value the switch sends."""

    value: str
    label: str
    note: str = ""
    current: bool = False
