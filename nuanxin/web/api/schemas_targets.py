"""What is said of yearly targets."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class TargetOut(Schema):
    """One item of the yearly list, with how far it is: counted from deliveries, never typed in."""

    id: str
    number: int
    class_code: str
    class_name: str
    name: str
    unit: str = Field(description="`person` (each once a year), `time`, `enterprise` or `yuan`.")
    target: int
    done: int
    percent: float = Field(description="Rounded down: 100 is said when it is reached.")
    expected: int = Field(description="What would be done by now at an even pace.")
    standing: str = Field(description="`done`, `ahead`, `behind` or `overdue`.")
    due_on: str
    owner: str
    service: str | None = Field(description="The service that counts; with neither service nor area, every one does.")
    area: str | None
    occupation_group: str | None
    persons: int
    times: int
    enterprises: int
    yuan: str = Field(description="What the deliveries cost, with two decimals.")


class TargetPage(Schema):
    """A union's list of one year, whole."""

    items: list[TargetOut]
    next: str | None
    union: str
    year: int
    as_of: str
