"""Membership across cells: who is provisional, what waits to be asked or sent, and what a desk or a member sees."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.aggregates import BoolOr
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Exists, F, OuterRef, Q

from nuanxin.access.states import Permission
from nuanxin.kernel.documents import digest_text
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.remember import remembered
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import (
    Cell,
    CellClaim,
    CellMessage,
    CellReceipt,
    CellTransfer,
    DirectoryEntry,
    EarlierStay,
    Membership,
    MembershipEntry,
)
from nuanxin.members.rules.cells.states import (
    LIVE,
    OPEN_TRANSFERS,
    PROVISIONAL,
    CellTransferState,
    ClaimState,
    Kind,
    MessageState,
)
from nuanxin.members.rules.cells.stays import Act, Stay, stays
from nuanxin.members.states import MembershipAct, MembershipState

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker


def in_cells() -> bool:
    """Tell whether this installation is one cell of several: a directory is named in the settings."""
    return bool(settings.NUANXIN_DIRECTORY_URL)


def own_code() -> str:
    """Return this cell's code.

    :raises ImproperlyConfigured: a directory is named, and this cell is not.
    """
    code: str = settings.NUANXIN_CELL
    if not code:
        raise ImproperlyConfigured("NUANXIN_CELL is the code of this cell; see docs/cells.md.")
    return code


def own_name() -> str:
    """Return what this cell is called, as the directory knows it."""
    return cell_name(own_code())


def cell_name(code: str) -> str:
    """Return what a cell is called; its code, while the directory has not told."""

    def read() -> dict[str, str]:
        return dict(Cell.objects.values_list("code", "name"))

    return remembered("cells.names", seconds=5, make=read).get(code, code)


def identity_digest(kind: str, number: str) -> bytes:
    """Return by what the directory knows a person: a keyed hash of the document, under the key that all cells share.

    :raises ImproperlyConfigured: the key is missing or no 32 bytes.
    """
    try:
        key = base64.b64decode(settings.NUANXIN_DIRECTORY_KEY, validate=True)
    except ValueError:
        key = b""
    if len(key) != hashlib.sha256().digest_size:
        raise ImproperlyConfigured("NUANXIN_DIRECTORY_KEY is 32 bytes in base64; see docs/cells.md.")
    return hmac.new(key, b"nuanxin directory\0" + digest_text(kind, number).encode(), hashlib.sha256).digest()


def digest_of(worker: Worker) -> bytes:
    """Return by what the directory knows a worker."""
    return identity_digest(worker.id_kind, PersonKey(worker.sealed_key).unseal(worker.sealed_id))


def live_claim(membership_id: UUID) -> CellClaim | None:
    """Return the claim behind a membership that has not ended; None for one that the directory never heard of."""
    return CellClaim.objects.filter(membership=membership_id, state__in=LIVE).first()


def counts(membership_id: UUID) -> bool:
    """Tell whether this cell counts a membership: granted by the directory, or of a time before there was one."""
    claims = list(CellClaim.objects.filter(membership=membership_id).values_list("counted", flat=True))
    return not claims or any(claims)


def uncounted(memberships: Sequence[UUID]) -> set[UUID]:
    """Return those of many memberships that this cell does not count: see `counts`."""
    rows = CellClaim.objects.filter(membership__in=memberships).values("membership").annotate(any=BoolOr("counted"))
    return set(rows.filter(any=False).values_list("membership", flat=True))


def admitted_at(membership: Membership) -> str:
    """Return the path of the union that admitted a member."""
    rows = MembershipEntry.objects.filter(membership=membership, act=MembershipAct.ADMITTED).order_by("at", "pk")
    return rows.values_list("union__path", flat=True).first() or membership.union.path


def last_act(membership: Membership) -> datetime:
    """Return when something was last done to a membership."""
    return MembershipEntry.objects.filter(membership=membership).values_list("at", flat=True).latest("at")


def began_last(membership: Membership) -> datetime:
    """Return when the present stay began; the cell that let the member go has written it."""
    acts = [MembershipAct.ADMITTED, MembershipAct.ARRIVED]
    rows = MembershipEntry.objects.filter(membership=membership, act__in=acts)
    return rows.values_list("at", flat=True).latest("at")


def provisional_of(membership_ids: Iterable[UUID]) -> dict[UUID, CellClaim]:
    """Return the claims of those memberships that are not counted yet, in one statement; none in a single cell."""
    if not in_cells():
        return {}
    found = CellClaim.objects.filter(membership__in=list(membership_ids), state__in=PROVISIONAL)
    return {claim.membership_id: claim for claim in found}


def claims_due(*, now: datetime, most: int) -> list[CellClaim]:
    """Return the claims about which the directory is to be asked or told now, the longest waiting first.

    One that is held elsewhere is asked for again once its package is here. One of a person who is just being handed
    over waits until that has been said: else this cell would take back what it gives away.
    """
    handing = CellMessage.objects.filter(
        claim__digest=OuterRef("digest"), kind=Kind.HAND_OVER, state=MessageState.WAITING
    )
    arrived = CellTransfer.objects.filter(claim=OuterRef("pk"), state=CellTransferState.ARRIVED)
    wanted = Q(state__in=[ClaimState.WAITING, ClaimState.LEAVING]) | Q(state=ClaimState.ELSEWHERE) & Exists(arrived)
    due = CellClaim.objects.filter(wanted, next_at__lte=now).exclude(Exists(handing))
    return list(due.order_by("next_at", "pk")[:most])


def messages_due(*, now: datetime, most: int) -> list[CellMessage]:
    """Return the messages that are to be sent now, oldest first."""
    due = CellMessage.objects.filter(state=MessageState.WAITING, next_at__lte=now)
    return list(due.order_by("next_at", "pk")[:most])


def acts_of(membership: Membership) -> list[Act]:
    """Return the acts upon a membership, oldest first, as far as a history of stays needs them."""
    rows = (
        MembershipEntry.objects.filter(membership=membership)
        .order_by("at", "pk")
        .values_list("pk", "at", "act", "union__code", "union__name")
    )
    return [Act(*row) for row in rows]


def all_stays(membership: Membership) -> list[Stay]:
    """Return every stay of a member, here and in other cells, in order; a list to be sent or shown."""
    code = own_code()
    earlier = [
        Stay(row.stay, row.cell, row.cell_name, row.union_code, row.union_name, row.began_at, row.ended_at)
        for row in EarlierStay.objects.filter(membership=membership)
    ]
    here = stays(acts_of(membership), cell=code, cell_name=own_name())
    return sorted([*earlier, *here], key=lambda stay: (stay.began_at, stay.ended_at is None, stay.ended_at))


def visible_cell_transfers(actor: Actor) -> QuerySet[CellTransfer]:
    """Return the transfers to and from other cells of the members whom the actor may see."""
    reach = Q(pk__in=[])
    for path in actor.reach(Permission.VIEW_MEMBERS):
        reach |= Q(membership__union__path__startswith=path)
    return CellTransfer.objects.filter(reach).select_related("membership__worker", "membership__union", "decided_by")


def get_cell_transfer(actor: Actor, pk: UUID) -> CellTransfer:
    """Return one transfer that the actor may see; 404 otherwise."""
    found = visible_cell_transfers(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def own_cell_transfer(actor: Actor) -> CellTransfer | None:
    """Return the open transfer of the signed-in worker between cells, if there is one; nothing is asked in one cell."""
    if actor.worker_id is None or not in_cells():
        return None
    mine = CellTransfer.objects.filter(membership__worker=actor.worker_id, state__in=OPEN_TRANSFERS)
    return mine.select_related("membership__union", "membership__worker", "claim").order_by("-opened_at").first()


def log_of(transfer: CellTransfer) -> tuple[list[CellMessage], list[CellReceipt]]:
    """Return what was sent and what was taken about a transfer that the caller may see, oldest first."""
    sent = list(CellMessage.objects.filter(transfer=transfer).order_by("written_at", "pk"))
    taken = list(CellReceipt.objects.filter(transfer=transfer.pk).order_by("taken_at", "pk"))
    return sent, taken


def late_at(*, now: datetime, most: int) -> list[CellTransfer]:
    """Return the offers and requests whose time is over."""
    waiting = [CellTransferState.OFFERED, CellTransferState.ASKED]
    late = CellTransfer.objects.filter(state__in=waiting, due_at__lte=now)
    return list(late.select_related("membership__union", "membership__worker", "claim").order_by("due_at")[:most])


def counted_by_directory() -> dict[str, int]:
    """Return how many people each cell counts, by the directory's rows: each person is in exactly one number."""
    from django.db.models import Count

    rows = DirectoryEntry.objects.exclude(cell="").values("cell").annotate(people=Count("pk")).order_by("cell")
    return dict(rows.values_list("cell", "people"))


def counted_here() -> int:
    """Return how many people this cell counts: granted by the directory, and not ended."""
    return CellClaim.objects.filter(counted=True).exclude(membership__ended_on__isnull=False).count()


def claims_newest_first(membership: Membership) -> QuerySet[CellClaim]:
    """Return the claims behind a membership, the newest first; the caller may see the membership."""
    return CellClaim.objects.filter(membership=membership).order_by(F("asked_at").desc(), "-pk")


def provisional_here() -> int:
    """Return how many members of this cell are there, with a card that works, and not counted yet."""
    return CellClaim.objects.filter(state__in=PROVISIONAL).count()


def members_to_enter(*, most: int) -> list[Membership]:
    """Return members of whom the directory has never been told, the first of them."""
    return list(_not_entered().select_related("worker", "union").order_by("pk")[:most])


def not_entered() -> int:
    """Return how many members the directory has never been told of."""
    return _not_entered().count()


def _not_entered() -> QuerySet[Membership]:
    known = CellClaim.objects.filter(membership=OuterRef("pk"))
    return Membership.objects.exclude(state=MembershipState.ENDED).exclude(Exists(known))
