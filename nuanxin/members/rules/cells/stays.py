"""The history that travels: every stay of a member, cell by cell, union by union, without gap or overlap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from nuanxin.members.rules.cells.messages import BadMessage
from nuanxin.members.rules.memberships import is_member_number
from nuanxin.members.states import MembershipAct

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Texts of a package are cut to this; a longer one was not written by this program.
_LONGEST = 200
#: How many stays one package holds, the newest: more than a working life has, and within one message.
MOST_STAYS = 60


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay of a member in one union; open while it has no end."""

    id: UUID
    cell: str
    cell_name: str
    union_code: str
    union_name: str
    began_at: datetime
    ended_at: datetime | None = None

    def as_row(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "id": str(self.id),
            "cell": self.cell,
            "cell_name": self.cell_name,
            "union_code": self.union_code,
            "union_name": self.union_name,
            "began_at": self.began_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
        }


@dataclass(frozen=True, slots=True)
class Act:
    """One act upon a membership, as far as it begins or ends a stay."""

    id: UUID
    at: datetime
    act: str
    union_code: str
    union_name: str


def stays(acts: Iterable[Act], *, cell: str, cell_name: str) -> list[Stay]:
    """Return the stays in this cell that the acts tell of, in order.

    A member who comes from another cell begins here when the other one let go: the days before, in which this cell had
    the member only provisionally, are none of the history.
    """
    found: list[Stay] = []
    settled = 0
    for act in acts:
        begins = act.act in (MembershipAct.ADMITTED, MembershipAct.TRANSFERRED, MembershipAct.ARRIVED)
        if act.act == MembershipAct.ARRIVED:
            del found[settled:]
        if (begins or act.act == MembershipAct.ENDED) and found and found[-1].ended_at is None:
            found[-1] = replace(found[-1], ended_at=act.at)
        if act.act == MembershipAct.ENDED:
            settled = len(found)
        if begins:
            found.append(Stay(act.id, cell, cell_name, act.union_code, act.union_name, act.at))
    return found


@dataclass(frozen=True, slots=True)
class Package:
    """What travels with a member: enough to go on, and nothing more."""

    number: str
    began_on: date
    released_at: datetime
    name: str
    phone: str
    id_kind: str
    id_number: str
    group: str
    stays: tuple[Stay, ...]

    def as_row(self) -> dict[str, Any]:
        """Return plain JSON values, to be sealed for the cell that receives them."""
        return {
            "number": self.number,
            "began_on": self.began_on.isoformat(),
            "released_at": self.released_at.isoformat(),
            "name": self.name,
            "phone": self.phone,
            "id_kind": self.id_kind,
            "id_number": self.id_number,
            "group": self.group,
            "stays": [stay.as_row() for stay in self.stays],
        }


def read_package(row: Any) -> Package:
    """Return a package from plain JSON values.

    :raises BadMessage: something is missing, has the wrong form, or does not hang together.
    """
    try:
        package = Package(
            number=str(row["number"]),
            began_on=date.fromisoformat(row["began_on"]),
            released_at=_moment(row["released_at"]),
            name=str(row["name"])[:_LONGEST],
            phone=str(row["phone"])[:_LONGEST],
            id_kind=str(row["id_kind"]),
            id_number=str(row["id_number"]),
            group=str(row["group"]),
            stays=tuple(_stay(each) for each in row["stays"][:MOST_STAYS]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadMessage("bad_package") from None
    if not is_member_number(package.number) or not joined_up(package):
        raise BadMessage("bad_package")
    return package


def joined_up(package: Package) -> bool:
    """Answer whether the stays follow each other without overlap, and the last one ended when the member was let go."""
    if not package.stays or package.stays[-1].ended_at != package.released_at:
        return False
    pairs = zip(package.stays, package.stays[1:], strict=False)
    return all(stay.ended_at is not None and stay.began_at <= stay.ended_at for stay in package.stays) and all(
        earlier.ended_at is not None and earlier.ended_at <= later.began_at for earlier, later in pairs
    )


def _stay(row: Any) -> Stay:
    return Stay(
        UUID(row["id"]),
        str(row["cell"])[:20],
        str(row["cell_name"])[:100],
        str(row["union_code"])[:20],
        str(row["union_name"])[:_LONGEST],
        _moment(row["began_at"]),
        _moment(row["ended_at"]) if row["ended_at"] else None,
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment


def same_name(mine: str, theirs: str) -> bool:
    """Answer whether two names are written alike, dots and blanks left aside."""
    squeezed = ["".join(char for char in name.casefold() if char.isalnum()) for name in (mine, theirs)]
    return bool(squeezed[0]) and squeezed[0] == squeezed[1]
