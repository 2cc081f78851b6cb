"""The retention register: which personal fields there are, why, for how long, and how they are erased.

Each package's `retention` module lists its own fields; a test walks the models and finds what nobody listed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonalField:
    """One personal field of one model.

    :param model: `app_label.ModelName`.
    :param names: the fields.
    :param purpose: why it is held, in words a worker can read.
    :param keep: how long, counted from what.
    :param erase: how it is erased: `destroy key`, `delete row`, or `blank`.
    """

    model: str
    names: tuple[str, ...]
    purpose: str
    keep: str
    erase: str


FIELDS = (
    PersonalField(
        "records.AuditEntry",
        ("sealed",),
        "Shows who changed what about a person",
        "as long as the membership's records",
        "destroy key",
    ),
    PersonalField(
        "records.IdempotencyKey", ("sealed_body",), "Answers a repeated request alike", "24 hours", "delete row"
    ),
    PersonalField(
        "records.Attachment",
        ("name", "sealed_content"),
        "Evidence for an act",
        "three years after the membership ends",
        "delete row",
    ),
)
