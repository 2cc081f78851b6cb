"""What licensing systems send, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from nuanxin.web.api.schemas import FieldProblem, Text

Id = Annotated[Text, StringConstraints(min_length=1, max_length=80)]


class PaperIn(Schema):
    """The permit or certificate."""

    number: Id = Field(examples=["鲁交运管许可聊字371502000123号"], description="Number of the permit or certificate.")
    type: Text = Field("", max_length=60, examples=["道路货物运输经营许可"], description="What it is called.")
    valid_until: Text | None = Field(None, examples=["2030-11-22"])


class EnterpriseIn(Schema):
    """Whose operating permit it is."""

    name: Text = Field(examples=["聊城通达物流有限公司"])
    credit_code: Text = Field(examples=["91371502MA3C12345X"], description="Unified social credit code.")
    region_code: Text = Field(examples=["371502001"], description="County (6 digits), township (9) or village (12).")
    headcount: int | None = Field(None, ge=0, le=10_000_000)
    contact: Text | None = Field(None, examples=["李强"])
    contact_phone: Text | None = Field(None, examples=["15400000002"], description="The invitation is texted here.")


class PersonIn(Schema):
    """Whose qualification it is: as in an application, without consents, which only the worker can give."""

    name: Text = Field(examples=["王小芳"])
    id_kind: Text = "resident_id"
    id_number: Text = Field(examples=["371502199003150018"])
    birth_on: Text | None = None
    sex: Text | None = None
    phone: Text = Field(examples=["15400000001"], description="The link is texted here.")
    occupation_group: Text = Field(examples=["truck_driver"], description="A code of `meta`.")
    region_code: Text = Field(examples=["371502001001"])
    employer_credit_code: Text | None = None
    employer_name: Text | None = None
    platform: Text | None = None


class PermitIn(Schema):
    """One message. `enterprise` with permits, `person` with qualifications."""

    id: Id = Field(examples=["JTJ-2026-000123"], description="Of the sender's own; never used twice.")
    kind: Text = Field(
        examples=["permit_issued"],
        description="`permit_issued`, `permit_reviewed`, `qualification_issued` or `qualification_reviewed`.",
    )
    at: datetime = Field(examples=["2026-11-23T10:00:00+08:00"], description="When it was issued or reviewed.")
    permit: PaperIn
    enterprise: EnterpriseIn | None = None
    person: PersonIn | None = None


class PermitOut(Schema):
    """What became of a message when it first arrived."""

    id: str
    state: str = Field(description="`done`, or `failed` with the problems; a failed one is kept.")
    received_at: str
    problems: list[FieldProblem]
