"""States of gifted insurance, and which move leads where."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    """How far a batch of gifted insurance is."""

    DRAFT = "draft", _("being prepared")
    FREEZING = "freezing", _("the list is being frozen")
    FROZEN = "frozen", _("list frozen")
    SENDING = "sending", _("the roll is being sent")
    SENT = "sent", _("with the insurer")
    RETURNED = "returned", _("policies have come back")
    SETTLED = "settled", _("agrees to the unit")
    CANCELLED = "cancelled", _("given up")


B = BatchState
BATCH_MOVES: Final[dict[str, frozenset[str]]] = {
    B.DRAFT: frozenset({B.FREEZING, B.CANCELLED}),
    B.FREEZING: frozenset({B.FROZEN, B.DRAFT}),
    B.FROZEN: frozenset({B.SENDING, B.SENT, B.CANCELLED}),
    B.SENDING: frozenset({B.SENT}),
    B.SENT: frozenset({B.RETURNED}),
    B.RETURNED: frozenset({B.SETTLED}),
    B.SETTLED: frozenset({B.RETURNED}),
    B.CANCELLED: frozenset(),
}
#: The list stands and the insurer has it, or may have it: policies may come back.
WITH_INSURER: Final = (B.SENDING, B.SENT, B.RETURNED, B.SETTLED)
#: The list stands, and takes its people out of other batches of the same cover.
STANDING: Final = (B.FROZEN, *WITH_INSURER)


class ReturnWay(models.TextChoices):
    """How policies came back."""

    FILE = "file", _("file handed in at the desk")
    API = "api", _("message of the insurer")


class ReturnState(models.TextChoices):
    """How far a return is read."""

    READING = "reading", _("being read")
    DONE = "done", _("has been read")
    FAILED = "failed", _("cannot be read")


class DifferenceKind(models.TextChoices):
    """In what the insurer's policies differ from the list that was frozen."""

    MISSING = "missing", _("no policy came back")
    EXTRA = "extra", _("policy of somebody who is not on the list")
    NAME = "name", _("another name")
    ID = "id", _("another ID number")
    DATES = "dates", _("other dates")
    SUM = "sum", _("another sum insured")
    DOUBLED_NUMBER = "doubled_number", _("policy number used twice")
    DOUBLED_PERSON = "doubled_person", _("second policy of one person")
    UNREADABLE = "unreadable", _("row that cannot be read")


class DifferenceState(models.TextChoices):
    """What became of a difference."""

    OPEN = "open", _("to be settled")
    MENDED = "mended", _("mended by a later return")
    SETTLED = "settled", _("settled by the union")


class Settlement(models.TextChoices):
    """How the union settles a difference that no return mends."""

    ACCEPT = "accept", _("take it as the insurer has it")
    REFUSE = "refuse", _("not ours: not paid for")
    DROP = "drop", _("not insured this time")


D = DifferenceKind
#: Which settlements fit which difference.
SETTLEMENTS: Final[dict[str, tuple[Settlement, ...]]] = {
    D.MISSING: (Settlement.DROP,),
    D.EXTRA: (Settlement.REFUSE,),
    D.NAME: (Settlement.ACCEPT, Settlement.REFUSE),
    D.ID: (Settlement.ACCEPT, Settlement.REFUSE),
    D.DATES: (Settlement.ACCEPT, Settlement.REFUSE),
    D.SUM: (Settlement.ACCEPT, Settlement.REFUSE),
    D.DOUBLED_NUMBER: (Settlement.REFUSE,),
    D.DOUBLED_PERSON: (Settlement.REFUSE,),
    D.UNREADABLE: (Settlement.REFUSE,),
}


class ClaimState(models.TextChoices):
    """How far a claim is."""

    SENT = "sent", _("with the union")
    RETURNED = "returned", _("something is missing")
    FORWARDED = "forwarded", _("with the insurer")
    APPROVED = "approved", _("approved by the insurer")
    PAID = "paid", _("paid")
    REFUSED = "refused", _("claim refused")
    WITHDRAWN = "withdrawn", _("withdrawn")


C = ClaimState
CLAIM_MOVES: Final[dict[str, frozenset[str]]] = {
    C.SENT: frozenset({C.RETURNED, C.FORWARDED, C.REFUSED, C.WITHDRAWN}),
    C.RETURNED: frozenset({C.SENT, C.REFUSED, C.WITHDRAWN}),
    C.FORWARDED: frozenset({C.RETURNED, C.APPROVED, C.REFUSED, C.WITHDRAWN}),
    C.APPROVED: frozenset({C.PAID}),
    C.PAID: frozenset(),
    C.REFUSED: frozenset(),
    C.WITHDRAWN: frozenset(),
}
CLAIM_OPEN: Final = (C.SENT, C.RETURNED, C.FORWARDED, C.APPROVED)


class ClaimAct(models.TextChoices):
    """One step of a claim."""

    MADE = "made", _("Claim sent")
    ADDED = "added", _("Documents added")
    RETURNED = "returned", _("The union asks for something more")
    FORWARDED = "forwarded", _("The union passed it to the insurer")
    APPROVED = "approved", _("The insurer approved it")
    REFUSED = "refused", _("It was refused")
    PAID = "paid", _("The money was paid")
    WITHDRAWN = "withdrawn", _("Withdrawn by you")
