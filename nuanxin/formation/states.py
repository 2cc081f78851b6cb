"""Choices of the formation floor and the moves they allow."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel import signatures


class PermitKind(models.TextChoices):
    """What a licensing system reports: 两个同步 of the city's transport, postal and market offices."""

    PERMIT_ISSUED = "permit_issued", _("Operating permit issued")
    PERMIT_REVIEWED = "permit_reviewed", _("Operating permit reviewed")
    QUALIFICATION_ISSUED = "qualification_issued", _("Qualification issued")
    QUALIFICATION_REVIEWED = "qualification_reviewed", _("Qualification reviewed")


#: Kinds that concern an enterprise; the others concern one person.
OF_ENTERPRISES = frozenset({PermitKind.PERMIT_ISSUED, PermitKind.PERMIT_REVIEWED})


class MessageState(models.TextChoices):
    """Where a message from a licensing system stands."""

    RECEIVED = "received", _("received")
    DONE = "done", _("carried out")
    FAILED = "failed", _("not carried out")


class Fate(models.TextChoices):
    """What came of a message that was carried out."""

    INVITED = "invited", _("The enterprise was invited to form a union and enroll its people")
    ASKED_TO_ENROLL = "asked_to_enroll", _("A union covers the enterprise; it was invited to enroll its people")
    INVITED_BEFORE = "invited_before", _("The enterprise has an open invitation already; nobody was told twice")
    AT_WORK = "at_work", _("A union covers the enterprise and its people office enrolls; nothing more to do")
    OFFERED = "offered", _("The worker got a link to an application that is filled in already")
    OFFERED_BEFORE = "offered_before", _("The worker has such a link already; nobody was told twice")
    MEMBER_ALREADY = "member_already", _("The person is a member already; nothing was sent")
    APPLIED_ALREADY = "applied_already", _("The person has an open application; nothing was sent")
    OVERTAKEN = "overtaken", _("A later message about the same paper came first; this one changes nothing")


class StepKind(models.TextChoices):
    """What happened to a message, in the order of time."""

    ARRIVED = "arrived", _("Arrived, signature checked")
    REPEATED = "repeated", _("Arrived once more, the same; got the same answer")
    CHANGED_COPY = "changed_copy", _("Arrived once more with other content; refused")
    DONE = "done", _("Carried out")
    FAILED = "failed", _("Failed")
    REPLAYED = "replayed", _("Tried again by hand")


class Signing(models.TextChoices):
    """How a licensing system signs."""

    HMAC = signatures.HMAC, _("HMAC-SHA256 with a shared secret")
    ECDSA = signatures.ECDSA, _("ECDSA P-256 with its own key")


class Wanted(models.TextChoices):
    """What an enterprise is invited to."""

    FORM = "form", _("form a union and enroll its people")
    ENROLL = "enroll", _("enroll its people")


class InvitationState(models.TextChoices):
    """Where an invitation stands."""

    SENT = "sent", _("sent")
    OPENED = "opened", _("opened")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    LAPSED = "lapsed", _("lapsed")


I = InvitationState  # noqa: E741 - short for the table below
INVITATION_MOVES: dict[str, frozenset[str]] = {
    I.SENT: frozenset({I.OPENED, I.ACCEPTED, I.DECLINED, I.LAPSED}),
    I.OPENED: frozenset({I.ACCEPTED, I.DECLINED, I.LAPSED}),
}
#: An invitation that still waits for an answer.
OPEN_INVITATIONS = (I.SENT, I.OPENED)


class OfferState(models.TextChoices):
    """Where an application stands that was filled in beforehand."""

    SENT = "sent", _("sent")
    OPENED = "opened", _("opened")
    USED = "used", _("confirmed by the worker")
    DECLINED = "declined", _("not wanted")
    LAPSED = "lapsed", _("lapsed")


O = OfferState  # noqa: E741 - short for the table below
OFFER_MOVES: dict[str, frozenset[str]] = {
    O.SENT: frozenset({O.OPENED, O.USED, O.DECLINED, O.LAPSED}),
    O.OPENED: frozenset({O.USED, O.DECLINED, O.LAPSED}),
    O.USED: frozenset({O.LAPSED}),
}
OPEN_OFFERS = (O.SENT, O.OPENED, O.USED)
