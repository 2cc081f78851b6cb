"""States of what two cells and the directory keep of one person, with every move there is."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ClaimState(models.TextChoices):
    """How a cell stands towards the directory for one stay of one member."""

    WAITING = "waiting", _("The directory is being asked")
    GRANTED = "granted", _("Granted: this cell counts the member")
    ELSEWHERE = "elsewhere", _("Another cell holds the member")
    LEAVING = "leaving", _("Ended: the directory is being told")
    HANDED = "handed", _("Handed over to another cell")
    CLOSED = "closed", _("Closed")


C = ClaimState
CLAIM_MOVES: dict[str, frozenset[str]] = {
    C.WAITING: frozenset({C.GRANTED, C.ELSEWHERE, C.LEAVING}),
    C.ELSEWHERE: frozenset({C.GRANTED, C.WAITING, C.LEAVING}),
    C.GRANTED: frozenset({C.LEAVING, C.HANDED}),
    C.LEAVING: frozenset({C.CLOSED}),
    C.HANDED: frozenset(),
    C.CLOSED: frozenset(),
}
#: The membership behind these has not ended; there is one for each at most.
LIVE = (C.WAITING, C.GRANTED, C.ELSEWHERE)
#: The membership is there and the card works, but it is not counted yet.
PROVISIONAL = (C.WAITING, C.ELSEWHERE)


class Direction(models.TextChoices):
    """Whether a member comes or goes."""

    IN = "in", _("Comes to us")
    OUT = "out", _("Leaves us")


class CellTransferState(models.TextChoices):
    """Where the transfer of a member between two cells stands, as one of the two sees it."""

    OFFERED = "offered", _("Offered to the member")
    REQUESTED = "requested", _("The other cell is being asked")
    ARRIVED = "arrived", _("The package is here; the directory is being asked")
    ASKED = "asked", _("The other cell asks for the member")
    SENT = "sent", _("The package is on its way")
    DONE = "done", _("Moved")
    REFUSED = "refused", _("Refused")
    DECLINED = "declined", _("Not wanted")
    LAPSED = "lapsed", _("Closed: nobody answered in time, or there is nothing to move any more")


T = CellTransferState
CELL_TRANSFER_MOVES: dict[str, frozenset[str]] = {
    T.OFFERED: frozenset({T.REQUESTED, T.DECLINED, T.LAPSED}),
    T.REQUESTED: frozenset({T.ARRIVED, T.REFUSED, T.LAPSED}),
    T.ARRIVED: frozenset({T.DONE}),
    T.ASKED: frozenset({T.SENT, T.REFUSED, T.LAPSED}),
    T.SENT: frozenset({T.DONE}),
    T.DONE: frozenset(),
    T.REFUSED: frozenset(),
    T.DECLINED: frozenset(),
    T.LAPSED: frozenset(),
}
#: Not closed yet.
OPEN_TRANSFERS = (T.OFFERED, T.REQUESTED, T.ARRIVED, T.ASKED, T.SENT)


class MessageState(models.TextChoices):
    """Where a message to another installation stands."""

    WAITING = "waiting", _("Not answered yet")
    DONE = "done", _("Answered")


class Kind(models.TextChoices):
    """What installations say to each other."""

    CLAIM = "claim", _("asks whether we may count people")
    RELEASE = "release", _("gives people back whose membership ended")
    HAND_OVER = "hand_over", _("hands a person over to another cell")
    LOOK_UP = "look_up", _("looks up whether we hold a person")
    CELLS = "cells", _("asks which cells there are")
    REQUEST = "request", _("asks for a member who wants to come")
    PACKAGE = "package", _("brings a member with number and history")
    REFUSAL = "refusal", _("does not let a member go, and says why")


#: Asked of the directory; the others of a cell.
OF_THE_DIRECTORY = frozenset({Kind.CLAIM, Kind.RELEASE, Kind.HAND_OVER, Kind.LOOK_UP, Kind.CELLS})
