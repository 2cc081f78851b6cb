"""The other cell, of which only the keys exist, and what it says to this installation."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from nuanxin.insight.models import TallyDelta
from nuanxin.insight.queries.recount import recount
from nuanxin.kernel.envelopes import cell_keys, encode, read, seal_for, write
from nuanxin.kernel.secrets import unseal
from nuanxin.kernel.signing import PrivateKey
from nuanxin.members.actions.cells.claims import take_ruling
from nuanxin.members.actions.cells.offers import accept_offer
from nuanxin.members.actions.cells.outbox import bound_to
from nuanxin.members.actions.cells.receiving import receive
from nuanxin.members.models import (
    CellClaim,
    CellMessage,
    CellTransfer,
    Membership,
)
from nuanxin.members.queries.cells import digest_of
from nuanxin.members.rules.cells.messages import compose
from nuanxin.members.rules.cells.states import ClaimState, Kind
from tests.factories.members import worker_of


class Other:
    """The cell that only has keys."""

    code = "B"

    def __init__(self) -> None:
        self.signing, self.sealing = PrivateKey.new(), PrivateKey.new()

    def introduction(self) -> str:
        points = {name: getattr(self, name).public().compressed().hex() for name in ("signing", "sealing")}
        card = {"code": self.code, "name": "济南", "address": "http://127.0.0.1:9", **points}
        return write(card, self.signing)

    def say(
        self,
        kind: Kind,
        body: dict[str, Any],
        *,
        to: str = "A",
        identity: UUID | None = None,
        at: datetime | None = None,
        key: PrivateKey | None = None,
        sender: str = "B",
    ) -> dict[str, Any]:
        """Say something to this installation and return what it answers."""
        now = timezone.now()
        message = compose(identity=identity or uuid4(), kind=kind, sender=sender, receiver=to, body=body, now=at or now)
        text = receive(envelope=write(message, key or self.signing), as_directory=to == "directory", now=now)
        answer: dict[str, Any] = read(text).verify(cell_keys().signing.public())["body"]
        return answer

    def seal(self, transfer: UUID, content: dict[str, Any]) -> str:
        bound = bound_to(transfer, sender="B", receiver="A")
        return encode(seal_for(cell_keys().sealing.public(), json.dumps(content).encode(), bound_to=bound))

    def claim(self, digest: bytes, claim: UUID) -> dict[str, Any]:
        body = {"people": [{"digest": digest.hex(), "claim": str(claim)}]}
        ruling: dict[str, Any] = self.say(Kind.CLAIM, body, to="directory")["rulings"][0]
        return ruling


def ask_for(membership: Membership) -> CellClaim:
    """Ask the directory, which is this installation too, for a claim, and take the answer."""
    claim = CellClaim.objects.filter(membership=membership).latest("asked_at")
    kind = Kind.RELEASE if claim.state == ClaimState.LEAVING else Kind.CLAIM
    message = compose(
        identity=uuid4(),
        kind=kind,
        sender="A",
        receiver="directory",
        body={"people": [{"digest": bytes(claim.digest).hex(), "claim": str(claim.pk)}]},
        now=timezone.now(),
    )
    text = receive(envelope=write(message, cell_keys().signing), as_directory=True, now=timezone.now())
    take_ruling(claim=claim, ruling=read(text).message["body"]["rulings"][0], now=timezone.now())
    claim.refresh_from_db()
    return claim


def active() -> int:
    return sum(TallyDelta.objects.values_list("active", flat=True))


def mismatches() -> list[Any]:
    return [each for each in recount() if each.measure != "applications"]


def body_of(message: CellMessage) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(unseal(message.sealed_body))
    return body


def package_for(transfer: CellTransfer, *, number: str = "37159876543212", **changes: Any) -> dict[str, Any]:
    """Return what the other cell packs for a transfer to us."""
    worker = transfer.membership.worker
    from nuanxin.kernel.secrets import PersonKey

    let_go = timezone.now().isoformat()
    return {
        "number": number,
        "began_on": "2024-05-01",
        "released_at": let_go,
        "name": worker.name,
        "phone": "",
        "id_kind": worker.id_kind,
        "id_number": PersonKey(worker.sealed_key).unseal(worker.sealed_id),
        "group": "courier",
        "stays": [
            {
                "id": str(uuid4()),
                "cell": "B",
                "cell_name": "济南",
                "union_code": "JNKD0000",
                "union_name": "济南快递",
                "began_at": "2024-05-01T09:00:00+08:00",
                "ended_at": let_go,
            }
        ],
    } | changes


def arriving(other: Other, join: Callable[..., Membership]) -> CellTransfer:
    """Let somebody join here whom the other cell holds, and say yes to moving."""
    membership = join()
    held = uuid4()
    other.claim(digest_of(membership.worker), held)
    ask_for(membership)
    transfer = CellTransfer.objects.get(membership=membership)
    accept_offer(actor=worker_of(transfer.membership), now=timezone.now())
    transfer.refresh_from_db()
    transfer.held = held  # type: ignore[attr-defined]
    return transfer


def bring(other: Other, transfer: CellTransfer, **changes: Any) -> dict[str, Any]:
    sealed = other.seal(transfer.pk, package_for(transfer, **changes))
    return other.say(Kind.PACKAGE, {"transfer": str(transfer.pk), "sealed": sealed})


def hand_over(other: Other, transfer: CellTransfer) -> None:
    other.say(
        Kind.HAND_OVER,
        {
            "transfer": str(transfer.pk),
            "digest": bytes(transfer.claim.digest).hex(),
            "claim": str(transfer.held),  # type: ignore[attr-defined]
            "to_cell": "A",
            "to_claim": str(transfer.claim_id),
        },
        to="directory",
    )


def requested(
    other: Other, membership: Membership, name: str = "王小芳", **changes: Any
) -> tuple[UUID, dict[str, Any]]:
    """Let the other cell ask for a member of ours."""
    key = uuid4()
    body = {
        "transfer": str(key),
        "claim": str(uuid4()),
        "digest": digest_of(membership.worker).hex(),
        "union": "济南快递行业工会",
        "sealed": other.seal(key, {"name": name}),
    } | changes
    return key, other.say(Kind.REQUEST, body)
