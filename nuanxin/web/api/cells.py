"""What other installations say: to this cell, and to the directory where this installation is the directory."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Router

from nuanxin.members.actions.cells.receiving import receive
from nuanxin.members.rules.cells.messages import UnknownSender
from nuanxin.web.api.described import described
from nuanxin.web.api.schemas import EnvelopeIn, EnvelopeOut
from nuanxin.web.api.words import answer
from nuanxin.web.kit.guards import count
from nuanxin.web.kit.requests import Request

router = Router(tags=["cells"])
_PROBLEMS = (400, 401, 404, 409, 413, 422)
_WHO = "another cell that the directory knows: the message is signed by it, and so is the answer by us"


@router.post(
    "/cells/messages",
    **described("Take a message between cells", 200, EnvelopeOut, who=_WHO, problems=_PROBLEMS, example="envelope"),
)
def cell_message(request: Request, body: EnvelopeIn) -> HttpResponse:
    """Take a request for a member, a package, or a refusal; the same message again gets the same answer."""
    return _taken(request, body, as_directory=False)


@router.post(
    "/directory/messages",
    **described("Ask the directory of cells", 200, EnvelopeOut, who=_WHO, problems=_PROBLEMS, example="envelope"),
)
def directory_message(request: Request, body: EnvelopeIn) -> HttpResponse:
    """Claim people, hand one over, give people back, look up one's own, or list the cells; done once however often
    sent.
    """
    return _taken(request, body, as_directory=True)


def _taken(request: Request, body: EnvelopeIn, *, as_directory: bool) -> HttpResponse:
    try:
        text = receive(envelope=body.envelope, as_directory=as_directory, now=request.now)
    except UnknownSender:
        count(request, "keys_unknown")
        raise
    return answer({"envelope": text})
