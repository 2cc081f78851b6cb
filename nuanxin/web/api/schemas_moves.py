"""What goes in and comes out where memberships move."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from nuanxin.web.api.schemas import Named, Text


class TransferIn(Schema):
    """Who moves where, and where the work is now."""

    member_number: Text = Field(examples=["37151234567897"])
    to_union_code: Text = Field(examples=["GLJDLH00"], description="Code of the union to come to.")
    region_code: Text | None = Field(
        None, examples=["371502001001"], description="Where the member works from now on; as before when left out."
    )
    employer_credit_code: Text | None = Field(None, description="With `region_code`: the new employer's credit code.")
    employer_name: Text | None = Field(None, description="With `region_code`: the new employer's name.")
    reason: Text | None = Field(None, description="Needed from a cadre.")


class TransferAnswerOut(Schema):
    """What one of the two unions said."""

    side: str = Field(description="`old` or `new`.")
    answer: str = Field(description="`consented`, `refused` or `silent`.")
    at: str


class TransferOut(Schema):
    """A transfer: where it stands."""

    id: str
    member_number: str
    state: str
    state_name: str
    from_union: Named
    to_union: Named
    started_by: str
    basis: str = Field(description="The dated rule that decided, with its source.")
    asked_at: str | None
    due_at: str | None
    closed_at: str | None
    answers: list[TransferAnswerOut]


class StayOut(Schema):
    """One stay with one union."""

    union: Named
    since: str
    until: str | None = Field(description="The day from which it is another one's; null while it lasts.")


class MemberActOut(Schema):
    """One act upon a membership."""

    act: str
    act_name: str
    union: Named
    from_union: Named | None
    effective_on: str
    at: str
    basis: str


class HistoryOut(Schema):
    """Every stay and every act of a membership, oldest first."""

    number: str
    stays: list[StayOut]
    acts: list[MemberActOut]
