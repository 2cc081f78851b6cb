"""States of applications, memberships and what hangs on them, with every move there is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel import documents


class ApplicationState(models.TextChoices):
    """Where an application stands."""

    UNCONFIRMED = "unconfirmed", _("Phone not confirmed yet")
    PHONE_HELD = "phone_held", _("Waiting for the phone number to be released")
    SUBMITTED = "submitted", _("With the union")
    ACCEPTED = "accepted", _("Taken up by the union")
    RETURNED = "returned", _("Back for correction")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Closed: no correction came")
    KNOWN_MEMBER = "known_member", _("Already a member: transfer offered")


A = ApplicationState
APPLICATION_MOVES: dict[str, frozenset[str]] = {
    A.UNCONFIRMED: frozenset({A.SUBMITTED, A.PHONE_HELD, A.KNOWN_MEMBER, A.APPROVED}),
    A.PHONE_HELD: frozenset({A.SUBMITTED, A.WITHDRAWN, A.REFUSED}),
    A.SUBMITTED: frozenset({A.SUBMITTED, A.ACCEPTED, A.RETURNED, A.APPROVED, A.REFUSED, A.WITHDRAWN}),
    A.ACCEPTED: frozenset({A.SUBMITTED, A.RETURNED, A.APPROVED, A.REFUSED, A.WITHDRAWN}),
    A.RETURNED: frozenset({A.SUBMITTED, A.WITHDRAWN, A.LAPSED}),
    A.APPROVED: frozenset(),
    A.REFUSED: frozenset(),
    A.WITHDRAWN: frozenset(),
    A.LAPSED: frozenset(),
    A.KNOWN_MEMBER: frozenset(),
}
#: What was refused opens again by one way only: a contest that the union above has decided in the applicant's favor.
REOPENING_MOVES: dict[str, frozenset[str]] = {A.REFUSED: frozenset({A.SUBMITTED})}
#: A person has at most one application in these.
OPEN = (A.PHONE_HELD, A.SUBMITTED, A.ACCEPTED, A.RETURNED)
#: A reviewer has something to do in these.
WAITING = (A.SUBMITTED, A.ACCEPTED)


class Act(models.TextChoices):
    """What was done to an application."""

    SUBMITTED = "submitted", _("sent and routed")
    ACCEPTED = "accepted", _("taken up")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    RETURNED = "returned", _("returned for correction")
    CORRECTED = "corrected", _("corrected and sent again")
    PASSED_ON = "passed_on", _("passed on to another union")
    ESCALATED = "escalated", _("moved to the upper union: time ran out")
    WITHDRAWN = "withdrawn", _("withdrawn by the applicant")
    LAPSED = "lapsed", _("closed: no correction came in time")
    PHONE_HELD = "phone_held", _("phone held by another person: release asked for")
    PHONE_RELEASED = "phone_released", _("phone released")
    KNOWN_MEMBER = "known_member", _("already a member: transfer offered")
    EMPLOYER_CONFIRMED = "employer_confirmed", _("the employer confirmed the person")
    EMPLOYER_DENIED = "employer_denied", _("the employer does not know the person")
    CONTESTED = "contested", _("contested by the applicant")
    CONTEST_ESCALATED = "contest_escalated", _("contest moved to the next union above: time ran out")
    CONTEST_UPHELD = "contest_upheld", _("contest decided: it stays as it was")
    CONTEST_SENT_BACK = "contest_sent_back", _("contest decided: somebody else decides anew")
    CONTEST_MOVED = "contest_moved", _("contest decided: sent to another union")
    CONTEST_ADMITTED = "contest_admitted", _("contest decided: admitted by the union above")
    CONTEST_DROPPED = "contest_dropped", _("contest ended together with the application")


class Decision(models.TextChoices):
    """What a reviewer may say."""

    ACCEPT = "accept", _("Take up")
    APPROVE = "approve", _("Approve")
    REFUSE = "refuse", _("Refuse")
    RETURN = "return", _("Return for correction")
    PASS_ON = "pass_on", _("Pass on")


class ContestKind(models.TextChoices):
    """What an applicant may contest, each once."""

    ROUTING = "routing", _("Which union it went to")
    REFUSAL = "refusal", _("The refusal")


class ContestState(models.TextChoices):
    """Where a contest stands."""

    OPEN = "open", _("Waiting for the union above")
    UPHELD = "upheld", _("It stays as it was")
    SENT_BACK = "sent_back", _("Back to the union: somebody else decides anew")
    MOVED = "moved", _("Sent to another union")
    ADMITTED = "admitted", _("Admitted by the union above")
    DROPPED = "dropped", _("Ended together with the application")


C = ContestState
CONTEST_MOVES: dict[str, frozenset[str]] = {
    C.OPEN: frozenset({C.UPHELD, C.SENT_BACK, C.MOVED, C.ADMITTED, C.DROPPED}),
    C.UPHELD: frozenset(),
    C.SENT_BACK: frozenset(),
    C.MOVED: frozenset(),
    C.ADMITTED: frozenset(),
    C.DROPPED: frozenset(),
}


class ContestDecision(models.TextChoices):
    """What the union above may say to a contest."""

    UPHOLD = "uphold", _("It stays as it was")
    SEND_BACK = "send_back", _("Back to the same union: somebody else decides anew")
    MOVE = "move", _("To another union")
    ADMIT = "admit", _("We admit the applicant ourselves")


class EmployerSays(models.TextChoices):
    """What the employer's people office said of an applicant."""

    NOTHING = "", _("not asked yet")
    CONFIRMED = "confirmed", _("works here")
    DENIED = "denied", _("does not work here")


class MembershipState(models.TextChoices):
    """Standing of a membership."""

    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    RETAINED = "retained", _("Retained")
    ENDED = "ended", _("Ended")


MEMBERSHIP_MOVES: dict[str, frozenset[str]] = {
    MembershipState.ACTIVE: frozenset({MembershipState.SUSPENDED, MembershipState.RETAINED, MembershipState.ENDED}),
    MembershipState.SUSPENDED: frozenset({MembershipState.ACTIVE, MembershipState.ENDED}),
    MembershipState.RETAINED: frozenset({MembershipState.ACTIVE, MembershipState.ENDED}),
    MembershipState.ENDED: frozenset(),
}


class MembershipAct(models.TextChoices):
    """Acts upon a membership."""

    ADMITTED = "admitted", _("admitted")
    SUSPENDED = "suspended", _("suspended")
    RESUMED = "resumed", _("resumed")
    TRANSFERRED = "transferred", _("moved to another union")
    ARRIVED = "arrived", _("came from a union of another registry")
    RETAINED = "retained", _("retained: no dues, no vote, not counted as active")
    RETURNED = "returned", _("taken up again after it was retained")
    WARNED = "warned", _("asked to pay dues or take part again")
    CLEARED = "cleared", _("takes part again: the request is settled")
    MERGED = "merged", _("merged with another record of the same person")
    UNMERGED = "unmerged", _("the merger of two records was undone")
    ENDED = "ended", _("ended")


#: Acts that say in which standing a membership is from then on; the others leave it as it was.
STANDING_ACTS = (
    MembershipAct.ADMITTED,
    MembershipAct.ARRIVED,
    MembershipAct.SUSPENDED,
    MembershipAct.RESUMED,
    MembershipAct.RETAINED,
    MembershipAct.RETURNED,
    MembershipAct.UNMERGED,
    MembershipAct.ENDED,
)


class EndReason(models.TextChoices):
    """Why a membership ended (membership rules of 2016; union charter)."""

    LEFT = "left", _("Left of own accord")
    LEFT_AUTOMATICALLY = "left_automatically", _("Left: six months without dues or union life")
    EXPELLED = "expelled", _("Expelled")
    DECEASED = "deceased", _("Deceased")
    MOVED_AWAY = "moved_away", _("Moved to a union of another registry")
    ELSEWHERE = "elsewhere", _("A member of another registry already, and not moved here")
    UNDONE = "undone", _("Enrolled by a roster that was undone")
    MERGED = "merged", _("Kept under another record of the same person")


#: What a cadre may end a membership with by hand; all others come of their own acts.
ENDS_BY_HAND = (EndReason.LEFT, EndReason.DECEASED)


class RetainReason(models.TextChoices):
    """Why a membership is retained (membership rules of 2016, articles 16 and 21; rules of 2000, article 6)."""

    RETIRED = "retired", _("Retired")
    UNEMPLOYED = "unemployed", _("Without work")
    MILITARY = "military", _("Military service")
    EMPLOYER_CLOSED = "employer_closed", _("The employer closed")


class IdKind(models.TextChoices):
    """Kinds of identity document."""

    RESIDENT_ID = documents.RESIDENT_ID, _("Resident ID card")
    RESIDENCE_PERMIT = documents.RESIDENCE_PERMIT, _("Residence permit for Hong Kong, Macao and Taiwan residents")
    HK_MACAO_PERMIT = documents.HK_MACAO_PERMIT, _("Mainland travel permit for Hong Kong and Macao residents")
    TAIWAN_PERMIT = documents.TAIWAN_PERMIT, _("Mainland travel permit for Taiwan residents")
    FOREIGN_RESIDENT = documents.FOREIGN_RESIDENT, _("Foreign permanent resident ID card")


class ConsentKind(models.TextChoices):
    """What an applicant agrees to, each on its own (personal information protection law, articles 14, 23, 29)."""

    PROCESSING = "processing", _("Handling of my data to join the union")
    IDENTITY = "identity", _("Handling of my ID number, which is sensitive")
    EMPLOYER = "employer", _("Asking my employer whether I work there")


class ReleaseState(models.TextChoices):
    """Where the release of a phone stands."""

    OPEN = "open", _("Waiting for the county")
    RELEASED = "released", _("Released")
    REFUSED = "refused", _("Refused")


RELEASE_MOVES: dict[str, frozenset[str]] = {
    ReleaseState.OPEN: frozenset({ReleaseState.RELEASED, ReleaseState.REFUSED}),
    ReleaseState.RELEASED: frozenset(),
    ReleaseState.REFUSED: frozenset(),
}


class TransferState(models.TextChoices):
    """Where a request for transfer stands."""

    OFFERED = "offered", _("Offered")
    REQUESTED = "requested", _("Waiting for the unions")
    DONE = "done", _("Moved")
    REFUSED = "refused", _("Refused by a union")
    DECLINED = "declined", _("Not wanted")
    LAPSED = "lapsed", _("Closed: it can no longer be carried out")


T = TransferState
TRANSFER_MOVES: dict[str, frozenset[str]] = {
    T.OFFERED: frozenset({T.REQUESTED, T.DONE, T.DECLINED, T.LAPSED}),
    T.REQUESTED: frozenset({T.DONE, T.REFUSED, T.DECLINED, T.LAPSED}),
    T.DONE: frozenset(),
    T.REFUSED: frozenset(),
    T.DECLINED: frozenset(),
    T.LAPSED: frozenset(),
}


class TransferStart(models.TextChoices):
    """Who started a transfer."""

    OFFER = "offer", _("offered to a member who applied again")
    WORKER = "worker", _("the member")
    EMPLOYER = "employer", _("the new employer's roster")
    CADRE = "cadre", _("a cadre of a union")


class TransferSide(models.TextChoices):
    """The two unions that a transfer concerns."""

    OLD = "old", _("the union that the member leaves")
    NEW = "new", _("the union that the member comes to")


class TransferAnswerKind(models.TextChoices):
    """What a union says to a transfer."""

    CONSENTED = "consented", _("agreed")
    REFUSED = "refused", _("refused")
    SILENT = "silent", _("did not answer in time: counts as consent")


class CardAnswer(models.TextChoices):
    """What a counter is told of a code."""

    VALID = "valid", _("Valid member")
    RETAINED = "retained", _("Member, membership retained")
    SUSPENDED = "suspended", _("Membership suspended")
    ENDED = "ended", _("No longer a member")
    UNKNOWN = "unknown", _("Unknown code")
    EXPIRED = "expired", _("Code expired: ask for a new one")
    USED = "used", _("Code already used: ask for a new one")
    REVOKED = "revoked", _("Card replaced: this one is no longer valid")
    STALE = "stale", _("Old code: ask for a new one")
    CLOCK = "clock", _("Two clocks differ: the code is from the future")
    REPLAYED = "replayed", _("Code shown here before: ask for a new one")
    FORGED = "forged", _("Forged code")
    UNKNOWN_KEY = "unknown_key", _("Signed with an unknown key")


class Withdrawn(models.TextChoices):
    """Why a credential that is out counts no more; counters find it on the revocation list."""

    NO = "", _("in good standing")
    REVOKED = "revoked", _("card replaced")
    SUSPENDED = "suspended", _("membership suspended")
    ENDED = "ended", _("membership ended")


class DuplicateState(models.TextChoices):
    """What was decided of two records that may be one person."""

    OPEN = "open", _("To be looked at")
    LATER = "later", _("Put off")
    DISTINCT = "distinct", _("Not the same person")
    MERGED = "merged", _("Made one person")


DUPLICATE_MOVES: dict[str, frozenset[str]] = {
    DuplicateState.OPEN: frozenset({DuplicateState.LATER, DuplicateState.DISTINCT, DuplicateState.MERGED}),
    DuplicateState.LATER: frozenset({DuplicateState.DISTINCT, DuplicateState.MERGED}),
    DuplicateState.DISTINCT: frozenset({DuplicateState.LATER}),
    DuplicateState.MERGED: frozenset({DuplicateState.LATER}),
}


class SweepKind(models.TextChoices):
    """Through whom a search for duplicates goes."""

    FULL = "full", _("everybody")
    CHANGED = "changed", _("who is new or has changed")


class SweepState(models.TextChoices):
    """Where a search for duplicates stands."""

    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class RosterState(models.TextChoices):
    """Where a roster stands."""

    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked: waiting for your decision")
    COMMITTING = "committing", _("Being enrolled")
    DONE = "done", _("Done")
    FAILED = "failed", _("Could not be read")
    UNDONE = "undone", _("Undone")


RS = RosterState
ROSTER_MOVES: dict[str, frozenset[str]] = {
    RS.CHECKING: frozenset({RS.CHECKED, RS.FAILED, RS.UNDONE}),
    RS.CHECKED: frozenset({RS.CHECKING, RS.COMMITTING, RS.UNDONE}),
    RS.COMMITTING: frozenset({RS.DONE}),
    RS.DONE: frozenset({RS.UNDONE}),
    RS.FAILED: frozenset({RS.CHECKING}),
    RS.UNDONE: frozenset(),
}


class RosterOutcome(models.TextChoices):
    """What becomes of one row of a roster."""

    NEW = "new", _("New member")
    MEMBER = "member", _("Already a member here")
    TRANSFER = "transfer", _("Member of another union: transfer")
    CONFLICT = "conflict", _("Contradicts what is registered")
    ERROR = "error", _("Needs mending")


class Assurance(models.TextChoices):
    """How far it is proved who somebody is, from the weakest proof to the strongest."""

    REGISTERED = "registered", _("Registered")
    PHONE = "phone", _("Phone confirmed")
    WELLFORMED = "wellformed", _("ID number well-formed")
    VERIFIED = "verified", _("Verified by an outside source")
    SEEN = "seen", _("Seen in person")


#: The levels in order; each holds what those before it hold, but for the phone: that is a fact of its own.
ASSURANCE_LEVELS = tuple(Assurance)
#: Levels that rest on a proof of some day, which can grow old.
PROVED_LEVELS = (Assurance.VERIFIED, Assurance.SEEN)


class ProofAct(models.TextChoices):
    """What a proof did to a person's level."""

    RAISED = "raised", _("raised")
    RENEWED = "renewed", _("renewed")
    LOWERED = "lowered", _("lowered: the source no longer confirms it")


class CeremonyState(models.TextChoices):
    PLANNED = "planned", _("planned")
    OPEN = "open", _("people join")
    CLOSED = "closed", _("over")
