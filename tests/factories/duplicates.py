"""Pairs of records that may be one person, straight into the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.members.models import Duplicate
from tests.factories import NOW

if TYPE_CHECKING:
    from nuanxin.members.models import Membership
    from nuanxin.organizations.models import Union

EVIDENCE = [
    ["name", "swapped", 16],
    ["birth", "same", 14],
    ["document", "near", 14],
    ["phone", "different", 0],
    ["employer", "unknown", 0],
    ["place", "county", 5],
    ["sex", "different", -4],
    ["group", "same", 1],
]


def make_duplicate(one: Membership, other: Membership, *, union: Union, **fields: Any) -> Duplicate:
    """Make a pair that waits to be decided by a union."""
    first, second = sorted((one.worker, other.worker), key=lambda worker: worker.pk)
    points = sum(int(str(each[2])) for each in EVIDENCE)
    given: dict[str, Any] = {"points": points, "evidence": EVIDENCE, "found_at": NOW} | fields
    return Duplicate.objects.create(one=first, other=second, union=union, **given)
