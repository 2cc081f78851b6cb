"""Results of check-ups: the clinic gives them, the person reads them; every reading is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.queries.counters import counter_of
from nuanxin.activities.models import BusRoute, BusWindow, CheckResult
from nuanxin.activities.states.bus import Finding
from nuanxin.bookings.models import Booking
from nuanxin.bookings.states import BookingState
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound, Refusal
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker
from nuanxin.messages.actions import notify
from nuanxin.organizations.states import ScanKind
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.access.queries.counters import Counter
    from nuanxin.kernel.actor import Actor

MOST_BYTES: Final = 5 * 1024 * 1024
_COUNT = """
INSERT INTO activities_findingcount (id, route_id, group_code, finding, people) VALUES (%s, %s, %s, %s, 1)
ON CONFLICT (route_id, group_code, finding) DO UPDATE SET people = activities_findingcount.people + 1
"""
_UNCOUNT = """
UPDATE activities_findingcount SET people = people - 1
 WHERE route_id = %s AND group_code = %s AND finding = %s AND people > 0
"""


class NotTheClinic(Refusal):
    """Results come from the clinic of the route alone."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "not_the_clinic",
            _("Results are given and read by the route's clinic alone, by somebody who has said who stands there."),
        )


def clinic_of(actor: Actor, *, staff_id: UUID | None, now: datetime) -> Counter:
    """Return the acting device where it may handle results: at its own place, in a contract for check-ups, with
    somebody named standing there.

    :raises NotFound: no device. :raises NotTheClinic: another kind of counter, or nobody stands there.
    """
    counter = counter_of(actor, staff_id=staff_id, now=now)
    if counter.shut or counter.staff_id is None or ScanKind.CHECK_UP not in counter.kinds:
        raise NotTheClinic
    return counter


def _booking(counter: Counter, number: str) -> Booking:
    rows = Booking.objects.filter(number=number.strip().upper(), state=BookingState.CHECKED_IN)
    found = rows.select_related("offer__union", "session", "worker").first()
    if found is None:
        raise NotFound
    clinic = BusRoute.objects.filter(offer=found.offer_id).values_list("clinic_id", flat=True).first()
    if clinic is None or clinic != counter.partner_id:
        raise NotFound
    return found


@transaction.atomic
def give_result(
    *, actor: Actor, staff_id: UUID | None, number: str, report: bytes, finding: str, now: datetime
) -> CheckResult:
    """Seal the report of somebody who came under that person's own key; a later one takes the place of an earlier.

    :param number: of the booking. :param report: a PDF. :param finding: in a word, for counts without names.
    :raises NotTheClinic: the device is not the clinic's, or nobody stands there.
    :raises NotFound: nobody came by this booking to a route of this clinic.
    :raises Invalid: no PDF, too large, or an unknown finding.
    """
    counter = clinic_of(actor, staff_id=staff_id, now=now)
    booking = _booking(counter, number)
    if not report.startswith(b"%PDF-"):
        raise Invalid("bad_file", _("Please give the report as a PDF."), field="report")
    if len(report) > MOST_BYTES:
        raise Invalid("file_too_large", _("The file is too large: five megabytes at most."), field="report")
    if finding not in Finding.values:
        raise Invalid("bad_value", _("Please choose from the list."), field="finding")
    worker = Worker.objects.select_for_update(no_key=True).get(pk=booking.worker_id)
    key = PersonKey(worker.sealed_key)
    if key.is_destroyed:
        raise Conflict("erased", _("This person's records were erased; nothing can be sealed for them."))
    window = BusWindow.objects.select_related("bus_day").get(session=booking.session_id)
    before = CheckResult.objects.filter(booking=booking, replaced_at=None).first()
    if before is not None:
        CheckResult.objects.filter(pk=before.pk).update(replaced_at=now)
        _uncount(window.bus_day.route_id, worker, key.unseal(before.sealed_finding))
    result = CheckResult(
        booking=booking,
        worker=worker,
        bus_day=window.bus_day,
        sealed_report=key.seal_bytes(report),
        sealed_finding=key.seal(finding),
        size=len(report),
        device_id=counter.device_id,
        staff_id=counter.staff_id,
        given_at=now,
    )
    result.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [new_id(), window.bus_day.route_id, worker.occupation_group_id or "", finding])
    record(actor, "activities.result_given", result, now=now, union_path=booking.offer.union.path,
           staff=str(counter.staff_id))  # fmt: skip
    _tell(worker, result, booking.offer.union_id, now)
    return result


def _tell(worker: Worker, result: CheckResult, union_id: UUID, now: datetime) -> None:
    if worker.account_id is not None:
        notify(
            account_id=worker.account_id,
            template="checkup.result",
            values={},
            fact=f"result:{result.pk}",
            link="/check-ups/",
            union_id=union_id,
            now=now,
        )


def _uncount(route_id: UUID, worker: Worker, finding: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_UNCOUNT, [route_id, worker.occupation_group_id or "", finding])


@transaction.atomic
def read_own_result(*, actor: Actor, result_id: UUID, now: datetime) -> tuple[bytes, str]:
    """Open one's own report; that it was opened is written down. Returns the PDF and what was found.

    :raises NotFound: somebody else's, or none.
    """
    if actor.kind != "worker" or actor.worker_id is None:
        raise NotFound
    rows = CheckResult.objects.filter(pk=result_id, worker=actor.worker_id, replaced_at=None)
    return _open(actor, rows.select_related("worker", "booking__offer__union").first(), now)


@transaction.atomic
def read_result_at_clinic(*, actor: Actor, staff_id: UUID | None, number: str, now: datetime) -> tuple[bytes, str]:
    """Open a report at the clinic that gave it; who stood there is written down.

    :raises NotTheClinic, NotFound: as `give_result`.
    """
    counter = clinic_of(actor, staff_id=staff_id, now=now)
    booking = _booking(counter, number)
    rows = CheckResult.objects.filter(booking=booking, replaced_at=None)
    return _open(
        actor, rows.select_related("worker", "booking__offer__union").first(), now, staff=str(counter.staff_id)
    )


def _open(actor: Actor, found: CheckResult | None, now: datetime, staff: str = "") -> tuple[bytes, str]:
    if found is None:
        raise NotFound
    key = PersonKey(found.worker.sealed_key)
    union_path = found.booking.offer.union.path
    record(actor, "activities.result_read", found, now=now, union_path=union_path, by=actor.kind, staff=staff)
    return key.unseal_bytes(found.sealed_report), key.unseal(found.sealed_finding)
