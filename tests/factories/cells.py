"""What a cell keeps of a member who comes from another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.kernel.ids import new_id
from nuanxin.kernel.secrets import seal
from nuanxin.members.models import CellClaim, CellMessage, CellTransfer, EarlierStay
from tests.factories import NOW

if TYPE_CHECKING:
    from nuanxin.members.models import Membership


def make_cell_transfer(
    membership: Membership, *, state: str = "done", direction: str = "in", **fields: object
) -> CellTransfer:
    """Make the transfer of a member between cells, with its claim, one message and one earlier stay."""
    claim = CellClaim.objects.create(
        membership=membership, digest=bytes(32), state="granted", version=2, counted=True, asked_at=NOW, next_at=NOW
    )
    transfer = CellTransfer.objects.create(
        **{"other_union": "济南快递行业工会", "reason": "姓名不符", "opened_at": NOW, "other_cell": "3701"} | fields,
        membership=membership,
        claim=claim,
        direction=direction,
        state=state,
    )
    CellMessage.objects.create(
        transfer=transfer,
        claim=claim,
        receiver="3701",
        kind="request",
        sealed_body=seal("{}"),
        state="done",
        written_at=NOW,
        next_at=NOW,
        answered_at=NOW,
    )
    EarlierStay.objects.create(
        membership=membership,
        stay=new_id(),
        cell="3701",
        cell_name="济南",
        union_code="JNKD0000",
        union_name="济南快递行业工会",
        began_at=NOW,
        ended_at=NOW,
    )
    return transfer
