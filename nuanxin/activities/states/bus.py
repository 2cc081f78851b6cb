"""Where a day of the bus stands, what a scanner answers to whoever arrives, and what may be wrong with that later."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DayState(models.TextChoices):
    """Where a day of the bus stands."""

    PLANNED = "planned", _("Planned")
    MOVED = "moved", _("Moved to another day")


class ArrivalAnswer(models.TextChoices):
    """What a scanner answers by itself to somebody whose card is good."""

    BOOKED = "booked", _("Welcome: booked for this time")
    WALK_IN = "walk_in", _("Welcome: a place for those without a booking")
    NOT_LISTED = "not_listed", _("Not on today's list")
    ALREADY = "already", _("Arrived already")
    EARLY = "early", _("Too early")
    LATE = "late", _("This time is over")
    WALK_INS_FULL = "walk_ins_full", _("No more places for those without a booking")
    NO_WINDOW = "no_window", _("The bus is not open now")


#: With these the person was let in; nothing else is reported.
LET_IN = (ArrivalAnswer.BOOKED, ArrivalAnswer.WALK_IN)


class ArrivalState(models.TextChoices):
    """Where an arrival stands that a scanner has told of."""

    COUNTED = "counted", _("Counted")
    CLASH = "clash", _("Waits for a decision")
    STANDS = "stands", _("Decided: was served")
    DROPPED = "dropped", _("Decided: does not count")


ARRIVAL_MOVES: dict[str, frozenset[str]] = {
    ArrivalState.CLASH: frozenset({ArrivalState.STANDS, ArrivalState.DROPPED}),
    ArrivalState.COUNTED: frozenset(),
    ArrivalState.STANDS: frozenset(),
    ArrivalState.DROPPED: frozenset(),
}


class ClashKind(models.TextChoices):
    """What the register says against an arrival."""

    DOUBLE = "double", _("The same person was let in elsewhere too")
    REVOKED = "revoked", _("The card was replaced before that")
    NOT_MEMBER = "not_member", _("The membership rested or had ended")
    CANCELLED = "cancelled", _("The booking had been given back")
    OTHER_TIME = "other_time", _("The booking is for another time")
    OVER_CAPACITY = "over_capacity", _("There was no place left")
    NOT_ENTITLED = "not_entitled", _("Not among those who may come without a booking")
    REPLAYED = "replayed", _("The same code was shown at another device")
    FORGED = "forged", _("The code is not genuine")
    BAD_CLOCK = "bad_clock", _("The device told an impossible time")


class Finding(models.TextChoices):
    """What came of a check-up, as coarse as the counts need it."""

    GOOD = "good", _("Nothing found")
    FOLLOW_UP = "follow_up", _("To be looked at again")
    URGENT = "urgent", _("To be treated soon")
