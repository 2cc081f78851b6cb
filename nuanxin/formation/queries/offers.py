"""Applications that were filled in beforehand: found by the secret of their link."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nuanxin.formation.models import Offer
from nuanxin.kernel.refusals import NotFound
from nuanxin.kernel.secrets import digest, unseal
from nuanxin.members.models import Application
from nuanxin.members.states import ApplicationState

if TYPE_CHECKING:
    from collections.abc import Collection


def offer_digest(token: str) -> bytes:
    """Return the keyed digest under which an offer is held."""
    return digest("offer", token[:100])


def offer_by_token(token: str) -> Offer:
    """Return the offer of a link. :raises NotFound: there is none."""
    found = Offer.objects.select_related("union").filter(token_digest=offer_digest(token)).first()
    if found is None:
        raise NotFound
    return found


def values_of(offer: Offer) -> dict[str, str]:
    """Return what an offer holds of the person; nothing once it has ended."""
    sealed = bytes(offer.sealed_values)
    values: dict[str, str] = json.loads(unseal(sealed)) if sealed else {}
    return values


def was_sent(offer: Offer) -> bool:
    """Answer whether the application of an offer is on its way: confirmed by its code, and not only begun."""
    if not offer.application_number:
        return False
    rows = Application.objects.filter(number=offer.application_number)
    return rows.exclude(state=ApplicationState.UNCONFIRMED).exists()


def application_states(numbers: Collection[str]) -> dict[str, str]:
    """Return the states of applications by number; those that were never confirmed are gone after a day."""
    rows = Application.objects.filter(number__in=[each for each in numbers if each])
    return dict(rows.values_list("number", "state"))
