"""Whom the tour names: a member to sign in as, people who may apply, people offices, counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from demo.identities import id_check
from nuanxin.access.models import PartnerDevice
from nuanxin.kernel.secrets import digest

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.enterprises import Firms
    from demo.loading import Row
    from demo.members import Members


@dataclass(frozen=True)
class Guest:
    """Somebody invented whom a newcomer plays."""

    name: str
    sex: str
    birth_on: date
    phone: str

    @property
    def number(self) -> str:
        """The resident ID: Dongchangfu District, sequence 000."""
        head = f"371502{self.birth_on:%Y%m%d}000"
        return head + id_check(head)


#: A courier who is a member; signs in by phone.
MEMBER = Guest("王新暖", "M", date(1993, 5, 1), "15400000001")
#: Three who may apply; none of them is in the city.
APPLICANTS = (
    Guest("李小雨", "F", date(1996, 3, 15), "15400000011"),
    Guest("赵长路", "M", date(1988, 11, 8), "15400000012"),
    Guest("阿依努尔·吐尔逊", "F", date(2001, 7, 20), "15400000013"),
)
#: Counters waiting to be enrolled: each code opens one, whenever it is used.
COUNTER_CODES = ("TRYNUAN001", "TRYNUAN002", "TRYNUAN003", "TRYNUAN004", "TRYNUAN005")
COUNTER_PARTNER = "聊城职工医院（演示）"
OFFICES = ("hr-own", "hr-partner", "hr-none")


class Guests:
    """Brings them in."""

    def __init__(self, members: Members) -> None:
        self.members, self.seed = members, members.seed
        self.cadres, self.tree = members.cadres, members.tree

    def invite(self, count_up: Callable[..., None]) -> None:
        """Make the member, and people offices at a firm with a union, a platform's partner, and a firm without one."""
        for guest in (MEMBER, *APPLICANTS):
            self.members.people.reserve(guest.number)
        node = self.tree.industries["courier", "371502"]
        self.members.admit(self.seed.midnight - timedelta(days=240, hours=-10), node, count_up, guest=MEMBER)
        for username, firm in zip(OFFICES, firms_with_office(self.members.firms), strict=True):
            self.cadres.people_office(username, firm)

    def enroll_counter(self) -> None:
        """Register the counters of a partner, each to be enrolled by its code."""
        moment = self.seed.midnight - timedelta(days=30)
        creator = next(row["id"] for row in self.cadres.accounts if row["username"] == "liaocheng")
        PartnerDevice.objects.bulk_create(
            PartnerDevice(
                id=self.seed.id_at(moment),
                union_id=self.tree.city.id,
                partner=COUNTER_PARTNER,
                name=f"{order}号窗口",
                enrollment_digest=digest("enrollment", code),
                enrollment_expires_at=self.seed.midnight + timedelta(days=3650),
                created_by_id=creator,
                created_at=moment,
            )
            for order, code in enumerate(COUNTER_CODES, start=1)
        )


def firms_with_office(firms: Firms) -> list[Row]:
    """Return the three firms whose people offices have a sign-in: own union, partner of a platform, no union."""
    bases = {row["enterprise_id"]: row["basis"] for row in firms.coverages}
    return [
        next(row for row in firms.rows if bases.get(row["id"]) == "own"),
        next(row for row in firms.rows if bases.get(row["id"]) == "partner"),
        next(row for row in firms.rows if row["id"] not in bases),
    ]
