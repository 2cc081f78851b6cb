"""Partners of the demo city: a counter of the tour stands at a place, with packs on its shelf for the tour's member."""

from __future__ import annotations

from demo.city import Report
from demo.guests import COUNTER_PARTNER
from nuanxin.access.models import PartnerDevice
from nuanxin.benefits.models import PackRight, PackStock
from nuanxin.benefits.queries.packs import shelves, sum_of_movements
from nuanxin.organizations.queries.partners import contract_in_force
from tests.factories import NOW, TODAY


def test_the_tours_counter_can_hand_the_tours_member_a_kit(lively_city: Report) -> None:
    assert lively_city.rows["partner_places"] > 5
    device = PartnerDevice.objects.filter(partner=COUNTER_PARTNER).select_related("place__partner").first()
    assert device is not None
    assert device.place is not None
    contract = contract_in_force(device.place.partner, on=TODAY)
    assert contract is not None
    assert "pack" in contract.kinds
    assert PackStock.objects.get(place=device.place, item="kit").on_hand > 0
    assert all(stock.on_hand == sum_of_movements(stock) for stock in PackStock.objects.all())
    right = PackRight.objects.select_related("worker").get(item="kit")
    assert (right.state, right.until is not None and right.until > TODAY) == ("granted", True)
    assert shelves(right.worker.region_id, items=["kit"], on=NOW.date())
