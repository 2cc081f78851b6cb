"""What the tests ask of an instance from inside: people who join, answers to offers, and everything that is kept.

Run in a process of the instance by `tests.cells.inside`; each function takes and returns plain JSON values.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from nuanxin.access.actors import system
from nuanxin.insight.models import TallyDelta
from nuanxin.insight.queries.recount import recount
from nuanxin.members.actions.admission import admit
from nuanxin.members.actions.cells.offers import accept_offer, decline_offer
from nuanxin.members.actions.cells.registry import directory_point, introduction, register_cell
from nuanxin.members.actions.memberships import end
from nuanxin.members.models import (
    CellClaim,
    CellMessage,
    CellTransfer,
    DirectoryEntry,
    Membership,
    Worker,
)
from nuanxin.members.queries.cells import all_stays, counted_by_directory, counted_here, digest_of
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.rules.cells.states import OPEN_TRANSFERS, CellTransferState, ClaimState, MessageState
from nuanxin.members.states import MembershipState
from nuanxin.members.tasks.cells import refresh_cells
from nuanxin.organizations.models import DatedRule, Union
from tests.factories.access import make_roles
from tests.factories.members import make_application, worker_of
from tests.factories.organizations import make_tree


def set_up() -> None:
    """Make lists, roles and the small tree."""
    make_roles()
    make_tree()


def introduce(name: str) -> str:
    return introduction(name=name)


def point() -> str:
    return directory_point()


def register(introductions: list[str]) -> None:
    for text in introductions:
        register_cell(introduction=text)


def refresh_until_known() -> int:
    """Ask the directory which cells there are until an answer comes through."""
    for _try in range(50):
        if found := refresh_cells():
            return found
    raise AssertionError("the directory does not answer")


def ask_unions_first() -> None:
    """Let the dated rule decide nothing at once: the union is asked."""
    DatedRule.objects.filter(name="members.cell_release").update(value={"at_once": False})


def join(people: list[dict[str, str]]) -> None:
    """Admit people as a union does: applied, approved, a card in hand."""
    union = Union.objects.get(code="DCFKD000")
    now = timezone.now()
    for person in people:
        with transaction.atomic():
            known = Worker.objects.filter(id_digest=id_digest(person["id_number"])).first()
            application = make_application(
                union=union,
                name=person["name"],
                id_number=person["id_number"],
                phone=person["phone"],
                started_at=now,
                due_at=now,
                worker=known,
            )
            admit(system(), application, union=union, basis="test", now=now)


def answer_offers(wants: bool = True) -> int:
    """Let everybody to whom a transfer is offered say yes, or no; return how many."""
    offered = CellTransfer.objects.filter(state=CellTransferState.OFFERED).select_related("membership__worker__account")
    for transfer in (rows := list(offered)):
        act = accept_offer if wants else decline_offer
        act(actor=worker_of(transfer.membership), now=timezone.now())
    return len(rows)


def leave(id_number: str) -> None:
    """End somebody's membership, as a registrar does."""
    mine = Membership.objects.exclude(state=MembershipState.ENDED).get(worker__id_digest=id_digest(id_number))
    end(actor=system(), number=mine.number, end_reason="left", evidence="退会申请书", now=timezone.now())


def facts() -> dict[str, Any]:
    """Return what this instance keeps of everybody, by the digest by which the directory knows them."""
    people: dict[str, Any] = {}
    for worker in Worker.objects.all():
        people[digest_of(worker).hex()] = _facts_of(worker)
    return {
        "people": people,
        "directory": {
            bytes(row.digest).hex(): [row.cell, str(row.claim), row.version] for row in DirectoryEntry.objects.all()
        },
        "by_directory": counted_by_directory(),
        "counted": counted_here(),
        "tallied": _tallied(),
        # Applications are made here without being sent, and so were never counted.
        "mismatches": [str(each) for each in recount() if each.measure != "applications"],
        "waiting": _waiting(),
    }


def _facts_of(worker: Worker) -> dict[str, Any]:
    claims = CellClaim.objects.filter(membership__worker=worker)
    transfers = CellTransfer.objects.filter(membership__worker=worker, state__in=OPEN_TRANSFERS)
    messages = CellMessage.objects.filter(claim__membership__worker=worker, state=MessageState.WAITING)
    open_one = Membership.objects.filter(worker=worker).exclude(state=MembershipState.ENDED).first()
    return {
        "counted": [str(claim.pk) for claim in claims if claim.counted],
        "claims": {str(claim.pk): str(claim.state) for claim in claims},
        "number": open_one.number if open_one else "",
        "state": str(open_one.state) if open_one else "",
        "began_on": str(open_one.began_on) if open_one else "",
        "ends": sorted(Membership.objects.filter(worker=worker).values_list("end_reason", flat=True)),
        "stays": [stay.as_row() for stay in all_stays(open_one)] if open_one else [],
        "transfers": [str(transfer.state) for transfer in transfers],
        "messages": sorted(messages.values_list("kind", flat=True)),
    }


def _tallied() -> int:
    return sum(TallyDelta.objects.values_list("active", flat=True))


def _waiting() -> int:
    """Return how much is not settled yet."""
    unsettled = [ClaimState.WAITING, ClaimState.LEAVING]
    moving = [CellTransferState.REQUESTED, CellTransferState.ARRIVED, CellTransferState.SENT]
    return (
        CellClaim.objects.filter(state__in=unsettled).count()
        + CellMessage.objects.filter(state=MessageState.WAITING).count()
        + CellTransfer.objects.filter(state__in=moving).count()
    )


def troubles() -> list[str]:
    return sorted(set(CellMessage.objects.exclude(trouble="").values_list("trouble", flat=True)))
