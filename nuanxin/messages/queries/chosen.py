"""What somebody has chosen, and where they are reached beside the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.models import Address, Preference
from nuanxin.messages.rules.addresses import mask_email
from nuanxin.messages.rules.kinds import chosen_or_usual
from nuanxin.messages.states import Channel, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.kernel.actor import Actor


def own_ways(actor: Actor, kinds: Iterable[Kind]) -> dict[Kind, frozenset[str]]:
    """Return by which ways the actor is told each kind, beside those that always go."""
    rows = Preference.objects.filter(account_id=actor.account_id) if actor.account_id else Preference.objects.none()
    chosen = dict(rows.values_list("kind", "channels"))
    return {kind: chosen_or_usual(kind, chosen.get(kind)) for kind in kinds}


def own_addresses(actor: Actor) -> dict[str, tuple[str, bool]]:
    """Return the actor's own addresses by channel: as they may be shown, and whether they are confirmed."""
    rows = Address.objects.filter(account_id=actor.account_id) if actor.account_id else Address.objects.none()
    return {
        row.channel: (
            mask_email(unseal(row.sealed_address)) if row.channel == Channel.EMAIL else "",
            row.confirmed_at is not None,
        )
        for row in rows
    }
