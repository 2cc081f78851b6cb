"""Two cities, and what is written when a membership moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.insight.models import TallyDelta
from nuanxin.members.models import Membership, MembershipEntry, TransferAnswer, TransferRequest
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.organizations.models import Union
from nuanxin.organizations.states import EmployerScope, UnionKind
from nuanxin.records.models import AuditEntry
from tests.factories.organizations import make_union

if TYPE_CHECKING:
    from django.db.models import Model

    from tests.factories.organizations import Tree

#: Whatever a move may write.
TABLES: tuple[type[Model], ...] = (
    MembershipEntry,
    TransferRequest,
    TransferAnswer,
    AuditEntry,
    TallyDelta,
    TextMessage,
    Notice,
)


def make_beijing(tree: Tree) -> Union:
    """Make a union of Beijing that takes in everybody without a unionized employer."""
    federation = make_union(parent=tree.nation, region="11", name="北京市总工会", code="BJSZGH00")
    district = make_union(parent=federation, region="110101", name="东城区总工会", code="DCQZGH00")
    return make_union(
        parent=district,
        kind=UnionKind.FLEXIBLE,
        region="110101001",
        name="东华门街道灵活就业人员联合工会",
        code="DHMLH000",
        admits=EmployerScope.UNCOVERED,
    )


def written() -> list[int]:
    """Count the rows that a move writes."""
    return [table._default_manager.count() for table in TABLES]


def standing(membership: Membership) -> tuple[str, str, str]:
    """Return where a membership is: state, union, why it is retained."""
    row = Membership.objects.select_related("union").get(pk=membership.pk)
    return row.state, row.union.name, row.retained_for
