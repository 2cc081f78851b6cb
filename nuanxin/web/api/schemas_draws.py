"""The public file of a draw."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field


class DrawOfferOut(Schema):
    """What is given by lot."""

    id: str
    number: str
    name: str
    name_en: str
    union: str
    union_en: str
    opens_at: str | None
    closes_at: str | None


class DrawShareOut(Schema):
    """A share of the places."""

    code: str
    name: str
    name_en: str
    kind: str = Field(description="`reserved`, `open`, `most` (a group gets at most so many) or `walk_in` (not drawn).")


class DrawSourceOut(Schema):
    """The public value that is mixed in: announced before it can be known."""

    name: str
    name_en: str
    link: str
    value_at: str | None = Field(description="Nobody can know the value before.")
    reveal_until: str | None = Field(description="Without the seed by then, the value alone decides.")
    earlier: list[dict[str, str]] = Field(description="Announced before, and passed before the list was published.")


class DrawPlacesOut(Schema):
    """Places when the list was published."""

    share: str
    session: str = Field(description="Code of the session; `-`: none.")
    places: int
    kind: str


class DrawSessionOut(Schema):
    """A session and its code."""

    id: str
    code: str
    starts_at: str
    place: str
    place_en: str


class DrawValueOut(Schema):
    """The public value, once two people have typed it."""

    text: str
    link: str
    entered_at: str | None
    confirmed_at: str | None


class DrawRevealOut(Schema):
    """The seed, once it is revealed."""

    seed: str = Field(description="64 hexadecimal digits; empty before, and where the value alone decides.")
    by_value_alone: bool
    at: str | None


class DrawFileOut(Schema):
    """All that is published of a draw by now; once it is drawn, enough to recheck it: docs/recheck_draw.py."""

    rule: str
    id: str
    state: str = Field(description="`announced`, `frozen`, `valued`, `confirmed`, `revealed` or `drawn`.")
    offer: DrawOfferOut
    announced_at: str | None
    commitment: str = Field(description="SHA-256 of the seed, in hexadecimal digits.")
    shares: list[DrawShareOut]
    fill: list[str] = Field(description="Codes of the shares in the order in which they are filled.")
    source: DrawSourceOut
    frozen_at: str | None
    list_digest: str = Field(description="SHA-256 of the lines of `tickets`, joined by line feeds.")
    sessions: list[DrawSessionOut]
    places: list[DrawPlacesOut]
    most: list[DrawPlacesOut]
    tickets: list[str] = Field(description="`ticket shares session seats`, in the order of the tickets.")
    value: DrawValueOut
    reveal: DrawRevealOut
    drawn_at: str | None
    winners: list[str] = Field(description="`ticket share session`, in the drawn order.")
