"""What scanners of partners send and are told."""

from __future__ import annotations

from uuid import UUID

from ninja import Field, Schema

from nuanxin.web.api.schemas import CheckedOut, Text


class ScanIn(Schema):
    """Any of a member's codes: on the phone, signed offline, or printed."""

    code: Text = Field(examples=["4829103756"])
    person: UUID | None = Field(None, description="Who stands at the counter, where the partner has named its people.")


class ReasonOfThing(Schema):
    """Why something cannot be done here and now, and what to do about it."""

    code: str
    message: str
    remedy: str


class ThingOut(Schema):
    """One thing that applies to the member at this counter."""

    kind: str
    key: str
    title: str
    detail: str
    act: str = Field(description="`check_in`, `redeem` or `hand_out`.")
    refused: list[ReasonOfThing] = Field(description="Empty when it can be done at once.")


class ScanOut(CheckedOut):
    """What stands behind a code, and what applies to its bearer here."""

    scan: UUID | None = Field(description="Names the scan for ten minutes; none when nothing can follow.")
    shut: str | None = Field(description="Why nothing may be done at this counter now.")
    applies: list[ThingOut]


class ActIn(Schema):
    """The one thing to be done, as `applies` named it."""

    kind: Text = Field(examples=["pack"])
    key: Text = Field(examples=["019ab3f0-5c7e-7d3a-9a51-2f6c8e0b4d17"])
    person: UUID | None = Field(None, description="Who stands at the counter, where the partner has named its people.")


class PersonIn(Schema):
    """Six digits of whoever stands at the counter."""

    digits: Text = Field(examples=["402817"])


class PersonOut(Schema):
    """Who stands at the counter, and what this person may do there."""

    person: UUID
    name: str
    kinds: list[str]


class DoneOut(Schema):
    """What was done."""

    message: str
    again: bool = Field(description="It had been done by this very scan before: nothing happened twice.")


class RedemptionIn(Schema):
    """Which coupon is redeemed, and by which scan."""

    scan: UUID = Field(description="As the scan was named.")
    coupon: UUID = Field(description="The key of a thing of the kind `coupon`, as the scan told it.")
    person: UUID | None = Field(None, description="Who stands at the counter, where the partner has named its people.")


class RedeemedOut(Schema):
    """A redemption."""

    redemption: UUID
    message: str
    again: bool = Field(description="It had been redeemed by this very scan before: nothing happened twice.")
    face: str = Field(description="What to take off, in yuan.", examples=["1.99"])
    least_spend: str = Field(description="From a bill of so many yuan; 0.00: from any.", examples=["2.00"])
