"""What insurers send back, and what they are answered."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from nuanxin.web.api.schemas import Text

Id = Annotated[Text, StringConstraints(min_length=1, max_length=80)]
Short = Annotated[Text, StringConstraints(max_length=80)]


class PolicyIn(Schema):
    """One policy."""

    ref: int | None = Field(None, ge=1, le=999_999_999, description="Line of the roll that it answers.")
    policy_number: Short = Field(examples=["PA2026371500000001"])
    name: Short = Field(examples=["王小芳"])
    id_number: Short = Field(examples=["371502199003150018"])
    cover_from: Short = Field(examples=["2026-12-01"], description="The first day of the cover.")
    cover_until: Short = Field(examples=["2027-11-30"], description="The last day of the cover.")
    sum_insured: Short = Field(examples=["100000.00"], description="In yuan.")


class PoliciesIn(Schema):
    """One message of policies."""

    id: Id = Field(examples=["PA-2026-12-01-07"], description="Of the insurer's own; never used twice for a batch.")
    policies: list[PolicyIn] = Field(max_length=5000)
    last: bool = Field(False, description="True once the insurer has sent all it has for now: then lists are compared.")


class PoliciesOut(Schema):
    """What was taken."""

    batch: str
    id: str
    number: int = Field(description="How many messages and files came back for this batch so far, this one included.")
    rows: int
    received_at: str
