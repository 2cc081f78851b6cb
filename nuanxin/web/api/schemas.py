"""What goes in and comes out. Bodies that come in are typed here and judged by the domain; answers are written as
plain dictionaries of these forms, which the tests hold against the schema."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.text import check_text
from nuanxin.members.states import Decision


def _clean(value: str) -> str:
    try:
        return check_text(value, field="", most=500)
    except Invalid as refusal:
        raise PydanticCustomError(refusal.code, "{refused}", {"refused": refusal.message}) from None


#: A text that database and pages can hold; anything else is refused before a view runs.
Text = Annotated[str, AfterValidator(_clean)]


#: How many rows a page of a list holds.
PageSize = Annotated[int, Field(ge=1, le=200)]


class PlaceIn(Schema):
    """Trade and place of work."""

    occupation_group: Text = Field(examples=["courier"], description="A code of `meta`.")
    region_code: Text = Field(examples=["371502001001"], description="County (6 digits), township (9) or village (12).")
    employer_credit_code: Text | None = Field(None, description="Unified social credit code of the employer.")
    employer_name: Text | None = Field(None, description="What the employer is called, when it has no known code.")
    platform: Text | None = Field(None, description="A platform code of `meta`.")
    union_code: Text | None = Field(None, examples=["GLJDLH00"], description="Code of the poster that was scanned.")


class ApplicationIn(PlaceIn):
    """What an applicant tells. Full-width digits and inner spaces are mended."""

    name: Text = Field(examples=["王小芳"])
    id_kind: Text = Field(
        "resident_id",
        examples=["resident_id"],
        description="`resident_id`, `residence_permit`, `hk_macao_permit`, `taiwan_permit` or `foreign_resident`.",
    )
    id_number: Text = Field(examples=["371502199003150018"])
    birth_on: Text | None = Field(
        None, examples=["1990-03-15"], description="Needed where the number does not tell it: travel permits."
    )
    sex: Text | None = Field(None, examples=["F"], description="`M` or `F`; needed unless a citizen number tells it.")
    phone: Text = Field(examples=["15400000001"])
    door: Text | None = Field(None, examples=["h5"], description="A door code of `meta`; a machine's own door.")
    consent_version: Text = Field(examples=["2026-11-01"], description="Agreeing to this version of the texts.")
    consents: list[Text] | None = Field(
        None,
        max_length=10,
        examples=[["processing", "identity"]],
        description="What was agreed to, one by one; without it the consents that are needed.",
    )


class CodeIn(Schema):
    """A code that was sent by text message, or a card's code."""

    code: Text = Field(examples=["123456"])


class DecisionIn(Schema):
    """A reviewer's decision."""

    decision: Decision = Field(examples=["approve"])
    reason: Text = Field("", description="Needed to refuse, return and pass on: the applicant reads it.")
    to_union: Text | None = Field(None, description="Code of the union to pass on to.")


class FieldProblem(Schema):
    """One thing wrong with one field."""

    field: str
    code: str
    message: str


class Problem(Schema):
    """RFC 9457: why a request was refused, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem]


class Named(Schema):
    """A code and what it stands for, in the language of the request."""

    code: str
    name: str


class ReasonOut(Schema):
    """One step of the chain of reasons; the last `chosen` one decided."""

    rule: str
    outcome: str
    text: str
    detail: str
    chosen: bool


class ApplicationOut(Schema):
    """An application: where it stands, with whom, why, and until when somebody must act."""

    number: str
    state: str
    state_name: str
    union: Named | None
    reasons: list[ReasonOut]
    due_at: str | None
    door: str
    occupation_group: str
    region_code: str
    started_at: str
    member_number: str | None
    progress: str | None = Field(None, description="Secret link of the applicant, for whoever may have it.")
    name: str | None = Field(None, description="Masked, for reviewers.")


class ApplicationPage(Schema):
    """One page of applications, newest first."""

    items: list[ApplicationOut]
    next: str | None


class RouteOut(Schema):
    """Where an application would go, and why."""

    union: Named
    reasons: list[ReasonOut]


class MemberOut(Schema):
    """Standing of one member."""

    number: str
    state: str
    state_name: str
    name: str
    union: Named
    occupation_group: Named
    began_on: str
    ended_on: str | None


class CardCodeOut(Schema):
    """A short code for a counter: ten digits, one use."""

    code: str
    expires_at: str


class CheckedOut(Schema):
    """What a counter is told."""

    answer: str
    message: str
    surname: str | None
    badge: Named | None
    union: str | None


class RosterCommitIn(Schema):
    """How a roster is enrolled."""

    partial: bool = Field(False, description="Enroll whoever can be, although rows with errors are left out.")


class RosterCounts(Schema):
    """How many rows have which outcome."""

    new: int
    member: int
    transfer: int
    conflict: int
    error: int


class RosterOut(Schema):
    """A roster: where it stands, how far it is, and what became of its rows."""

    id: str
    number: str
    state: str
    state_name: str
    union: Named
    batch: str
    file_name: str
    rows: int
    counts: RosterCounts
    progress: float = Field(description="How much of what is going on is done, from 0 to 1.")
    partial: bool
    failure: str | None = Field(description="Why the file could not be read.")
    uploaded_at: str | None
    finished_at: str | None


class RosterTotal(Schema):
    """Several files of one list, counted together."""

    rosters: int
    rows: int
    counts: RosterCounts


class RosterPage(Schema):
    """The newest rosters, and the sum of a batch."""

    items: list[RosterOut]
    next: str | None
    total: RosterTotal | None


class UnionOut(Schema):
    """A union as its poster shows it."""

    code: str
    name: str
    name_zh: str
    name_en: str
    kind: str
    level: str
    region_code: str | None
    address: str
    working_hours: str
    contact_phone: str


class RegionOut(Schema):
    """One administrative division."""

    code: str
    name: str
    name_en: str
    full_name: str
    level: int
    level_name: str
    parent: str | None


class RegionPage(Schema):
    """Divisions: hits of a search, best first, or what lies directly below one."""

    items: list[RegionOut]
    next: str | None


class TallyOut(Schema):
    """Numbers of one row."""

    key: str
    name: str
    applications: int
    admissions: int
    refusals: int
    active: int


class TallyPage(Schema):
    """Numbers of a scope, cut by day, group, door or child, with their sum."""

    items: list[TallyOut]
    next: str | None
    total: TallyOut
    by: str
    since: str
    until: str
    as_of: str


class ConsentOut(Schema):
    """One thing to agree to."""

    kind: str
    needed: bool
    text: str


class MetaOut(Schema):
    """What a machine needs to know before it sends anything."""

    name: str
    version: str
    consent_version: str
    consents: list[ConsentOut]
    door_codes: list[str]
    occupation_group_codes: list[str]
    platform_codes: list[str]
    doors: list[Named]
    occupation_groups: list[Named]
    platforms: list[Named]
    own_door: str | None


Answer = dict[str, Any]


class EnvelopeIn(Schema):
    """A message between installations."""

    envelope: str = Field(max_length=60_000, description="`base64url(JSON).base64url(signature)`; see docs/cells.md.")


class EnvelopeOut(Schema):
    """The signed answer to a message between installations."""

    envelope: str
