"""How a transfer is told, at whichever door: where it stands, what was said, and every stay of a membership."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.members.states import MembershipAct, TransferAnswerKind, TransferSide, TransferStart, TransferState
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nuanxin.members.models import TransferRequest
    from nuanxin.members.queries.history import Stay

TONES = {
    TransferState.REQUESTED: "wait",
    TransferState.DONE: "good",
    TransferState.REFUSED: "bad",
    TransferState.LAPSED: "bad",
}
_STARTED = {
    TransferStart.OFFER: gettext_lazy("Asked for by the member, when applying again"),
    TransferStart.WORKER: gettext_lazy("Asked for by the member"),
    TransferStart.EMPLOYER: gettext_lazy("Asked for by the new employer"),
    TransferStart.CADRE: gettext_lazy("Asked for by a union"),
}
_SAID = {
    TransferAnswerKind.CONSENTED: gettext_lazy("%(union)s agreed"),
    TransferAnswerKind.REFUSED: gettext_lazy("%(union)s refused"),
    TransferAnswerKind.SILENT: gettext_lazy("%(union)s did not answer in time, which counts as consent"),
}
_CLOSED = {
    TransferState.DONE: gettext_lazy("Moved: the membership is with %(union)s"),
    TransferState.DECLINED: gettext_lazy("Cancelled"),
    TransferState.LAPSED: gettext_lazy("Closed: it could no longer be carried out"),
}


def transfer_steps(request: TransferRequest) -> list[dict[str, Any]]:
    """Return what happened to a transfer, oldest first, for a timeline."""
    unions = {TransferSide.OLD: request.from_union, TransferSide.NEW: request.to_union}
    steps: list[dict[str, Any]] = [
        {
            "text": str(_STARTED[TransferStart(request.started_by)]),
            "note": request.reason,
            "at": request.answered_at or request.offered_at,
        }
    ]
    for answer in sorted(request.answers.all(), key=lambda answer: (answer.at, answer.pk)):
        union = unions[TransferSide(answer.side)]
        said = str(_SAID[TransferAnswerKind(answer.answer)]) % {"union": local_name(union)}
        same = answer.reason == request.reason and answer.answer == TransferAnswerKind.CONSENTED
        steps.append({"text": said, "note": "" if same else answer.reason, "at": answer.at})
    if request.state in _CLOSED and request.closed_at:
        text = str(_CLOSED[TransferState(request.state)]) % {"union": local_name(request.to_union)}
        steps.append({"text": text, "note": "", "at": request.closed_at})
    if request.state == TransferState.REQUESTED and request.due_at:
        due = _("Answer due by %(due)s") % {"due": date_cn(request.due_at)}
        steps.append({"text": _("Waiting for the unions"), "note": due, "at": None})
    steps[-1]["now"] = True
    return steps


def stay_rows(stays: Sequence[Stay]) -> list[dict[str, Any]]:
    """Return every stay for a list, the newest first: union, from, until, and how it began."""
    return [
        {
            "union": stay.union,
            "since": stay.since,
            "until": stay.until,
            "how": MembershipAct(stay.entry.act).label if stay.entry else "",
            "reason": stay.entry.reason if stay.entry else "",
        }
        for stay in reversed(stays)
    ]
