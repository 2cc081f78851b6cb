"""Results of check-ups: given by the clinic, sealed, read by two alone, and counted so that nobody can be made out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from nuanxin.access.actions import add_staff
from nuanxin.access.actors import actor_of_key, system
from nuanxin.activities.actions.results import NotTheClinic, give_result, read_own_result, read_result_at_clinic
from nuanxin.activities.models import BusRoute, CheckResult, FindingCount
from nuanxin.activities.queries.results import findings_of
from nuanxin.bookings.actions.arriving import check_in
from nuanxin.bookings.actions.booking import book
from nuanxin.bookings.models import Booking
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.activities import make_route
from tests.factories.members import make_member, worker_of
from tests.factories.partners import make_contract, make_counter, make_partner, make_place

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from tests.factories.organizations import Tree

PDF = b"%PDF-1.7 a report of somebody"


class Clinic:
    """A hospital with a counter at which somebody stands, and people who came to its bus."""

    def __init__(self, tree: Tree) -> None:
        self.partner = make_partner(union=tree.city, name="职工医院", kind="hospital")
        make_contract(partner=self.partner)
        place = make_place(union=tree.city, partner=self.partner)
        self.device, key = make_counter(place)
        self.actor = actor_of_key(key, NOW)
        cadre = actor_for("services", union=tree.city)
        self.staff = add_staff(actor=cadre, partner=self.partner, name="李医生", kinds=[], now=NOW)[0]
        self.route = make_route(union=tree.city, clinic=self.partner)
        self.tree = tree

    def came(self, *, here: bool = True) -> tuple[Membership, Booking]:
        """Make a member who booked for today and, if so, came."""
        member = make_member(union=self.tree.couriers)
        session = self.route.offer.sessions.order_by("starts_at")[0]
        then = NOW - timedelta(days=1)
        done = book(actor=system(), offer=self.route.offer_id, session=session.pk, worker=member.worker_id, now=then)
        assert done.booking_id is not None
        if here:
            check_in(actor=system(), booking_id=done.booking_id, now=NOW)
        return member, Booking.objects.get(pk=done.booking_id)

    def give(self, booking: Booking, **changed: Any) -> CheckResult:
        """Give a result of somebody."""
        told: dict[str, Any] = {"number": booking.number, "report": PDF, "finding": "good", "staff_id": self.staff.pk}
        return give_result(actor=self.actor, **told | changed, now=NOW)


@pytest.fixture
def clinic(tree: Tree) -> Clinic:
    return Clinic(tree)


def test_only_the_person_and_the_clinic_open_it_and_each_time_is_written_down(clinic: Clinic, tree: Tree) -> None:
    member, booking = clinic.came()
    result = clinic.give(booking, finding="follow_up")
    stored = CheckResult.objects.get()
    assert PDF not in bytes(stored.sealed_report)
    own = worker_of(member)
    assert read_own_result(actor=own, result_id=result.pk, now=NOW) == (PDF, "follow_up")
    at_clinic = read_result_at_clinic(actor=clinic.actor, staff_id=clinic.staff.pk, number=booking.number, now=NOW)
    assert at_clinic == (PDF, "follow_up")
    entries = list(AuditEntry.objects.filter(action="activities.result_read").order_by("at", "pk"))
    assert [entry.detail["by"] for entry in entries] == ["worker", "device"]
    assert entries[1].detail["staff"] == str(clinic.staff.pk)
    for stranger in (worker_of(make_member(union=tree.couriers)), actor_for("administrator", union=tree.nation)):
        with pytest.raises(NotFound):
            read_own_result(actor=stranger, result_id=result.pk, now=NOW)
    assert AuditEntry.objects.filter(action="activities.result_read").count() == 2


def test_a_counter_that_is_not_the_clinics_and_a_nameless_one_are_refused(clinic: Clinic, tree: Tree) -> None:
    _member, booking = clinic.came()
    with pytest.raises(NotTheClinic):
        clinic.give(booking, staff_id=None)
    other = make_place(union=tree.city)
    device, key = make_counter(other)
    cadre = actor_for("services", union=tree.city)
    stranger = add_staff(actor=cadre, partner=other.partner, name="王护士", kinds=[], now=NOW)[0]
    with pytest.raises(NotFound):
        give_result(actor=actor_of_key(key, NOW), staff_id=stranger.pk, number=booking.number, report=PDF,
                    finding="good", now=NOW)  # fmt: skip
    assert device.pk
    assert not CheckResult.objects.exists()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"report": b"<html>"}, "report"),
        ({"report": PDF + b"x" * 5_300_000}, "report"),
        ({"finding": "ill"}, "finding"),
    ],
)
def test_what_is_no_report_is_refused(clinic: Clinic, changed: dict[str, Any], field: str) -> None:
    _member, booking = clinic.came()
    with pytest.raises(Invalid) as refused:
        clinic.give(booking, **changed)
    assert refused.value.field == field
    assert not CheckResult.objects.exists()


def test_nobody_who_did_not_come_has_a_result(clinic: Clinic) -> None:
    _member, booking = clinic.came(here=False)
    with pytest.raises(NotFound):
        clinic.give(booking)


def test_counts_follow_corrections_and_hide_small_numbers(clinic: Clinic) -> None:
    people = [clinic.came()[1] for _nth in range(7)]
    for booking in people:
        clinic.give(booking)
    clinic.give(people[0], finding="urgent")
    clinic.give(people[0], finding="follow_up")
    counts = dict(FindingCount.objects.values_list("finding", "people"))
    assert counts == {"good": 6, "urgent": 0, "follow_up": 1}
    shown = findings_of(BusRoute.objects.get())
    assert [row.counts for row in shown] == [(None, None, 0)]
    assert CheckResult.objects.filter(replaced_at=None).count() == 7
