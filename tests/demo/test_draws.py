"""The draws of the demo city: one to recheck, one to enter."""

from __future__ import annotations

import pytest

from demo.city import Report
from nuanxin.bookings.models import Booking, Draw, Entry
from nuanxin.bookings.queries.draws import public_file
from nuanxin.bookings.rules.draws import Places, in_order, read_line, winners


@pytest.mark.full
def test_one_is_drawn_and_one_is_open(lively_city: Report) -> None:
    done, open_one = Draw.objects.select_related("offer__union").order_by("announced_at")
    file = public_file(done)
    assert (file["state"], public_file(open_one)["state"]) == ("drawn", "announced")
    order = in_order(
        [read_line(line) for line in file["tickets"]],
        seed=bytes.fromhex(file["reveal"]["seed"]),
        value=file["value"]["text"],
    )
    places = [Places(each["share"], each["session"], each["places"]) for each in file["places"]]
    assert [each.line() for each in winners(order, fill=file["fill"], places=places, most={})] == file["winners"]
    assert Booking.objects.filter(offer=done.offer).count() == len(file["winners"]) == 30
    assert Entry.objects.filter(draw=open_one).count() > 10
