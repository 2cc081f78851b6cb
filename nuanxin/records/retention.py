"""The retention register: which personal fields there are, why, for how long, and how they are erased.

Each package's `retention` module lists its own fields. The lines are executed, not only read: `found_by` finds the rows
of one person, `due` says when a row's own age ends it; a test walks the models and finds what nobody listed.
Source: personal information protection law, articles 19 (no longer than needed) and 47 (to erase of one's own accord).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from django.apps import apps
from django.utils.translation import gettext_noop as _

#: How a field is erased: the key under which it is sealed is gone, the field is emptied, or the row goes.
DESTROY_KEY, BLANK, DELETE_ROW = "destroy key", "blank", "delete row"
METHODS: Final = (DESTROY_KEY, BLANK, DELETE_ROW)
#: By what the rows of one person are known; see `found_by`.
ANCHORS: Final = ("worker", "application", "membership", "account", "phone", "identity", "subject", "moment")


@dataclass(frozen=True)
class Aged:
    """Due by the row's own age, whoever's it is: so long after a moment that the row itself holds.

    :param code: name of the rule in the register of what was erased.
    :param column: field with the moment or the day; a row without one is not due.
    :param period: how long after it.
    """

    code: str
    column: str
    period: timedelta


@dataclass(frozen=True)
class PersonalField:
    """One line of the register: personal fields of one model that share purpose, time and way of erasing.

    :param model: `app_label.ModelName`.
    :param names: the fields; where rows stay and end by their own age, the first one is empty once they have.
    :param purpose: why it is held, in words a worker can read.
    :param keep: how long, counted from what.
    :param erase: how it is erased: `destroy key`, `delete row`, or `blank`.
    :param found_by: pairs of a lookup from a row and one of `ANCHORS`: how the rows of one person are found; any of
        them will do. Empty for what belongs to no worker, such as a union's contact.
    :param due: when rows end by their own age; None when they end with the person, or never.
    """

    model: str
    names: tuple[str, ...]
    purpose: str
    keep: str
    erase: str
    found_by: tuple[tuple[str, str], ...] = ()
    due: Aged | None = None


@cache
def register() -> tuple[PersonalField, ...]:
    """Return every line of every package, lowest floor first."""
    lines: list[PersonalField] = []
    for config in apps.get_app_configs():
        if (
            config.name.startswith("nuanxin.")
            and not config.name.startswith("nuanxin.web.")
            and find_spec(f"{config.name}.retention")
        ):
            lines.extend(import_module(f"{config.name}.retention").FIELDS)
    return tuple(lines)


def aged() -> tuple[PersonalField, ...]:
    """Return the lines whose rows end by their own age, one for each rule."""
    found: dict[str, PersonalField] = {}
    for line in register():
        if line.due is not None:
            found.setdefault(line.due.code, line)
    return tuple(found.values())


_RECORDS = _("as long as the membership's records")

FIELDS = (
    PersonalField(
        "records.AuditEntry",
        ("sealed",),
        _("Shows who changed what about a person"),
        _RECORDS,
        DESTROY_KEY,
        found_by=(("subject_id", "subject"),),
    ),
    PersonalField(
        "records.IdempotencyKey",
        ("sealed_body",),
        _("Answers a repeated request alike"),
        _("two days"),
        DELETE_ROW,
        found_by=(("created_at", "moment"),),
        due=Aged("answers", "created_at", timedelta(days=2)),
    ),
    PersonalField(
        "records.Attachment",
        ("name", "sha256", "sealed_content"),
        _("Evidence for an act"),
        _RECORDS,
        DELETE_ROW,
        found_by=(("subject_id", "subject"),),
    ),
)
