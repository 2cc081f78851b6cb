"""Lists of people that leave the system: only by those who may, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, NotAllowed
from nuanxin.members.queries.memberships import RELATED, visible_members
from nuanxin.members.queries.searching import narrow
from nuanxin.organizations.queries import public_union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Membership
    from nuanxin.members.queries.searching import Filters

#: Rows that one export may hold.
MOST_EXPORTED = 100_000


@transaction.atomic
def export_members(*, actor: Actor, filters: Filters, now: datetime) -> QuerySet[Membership]:
    """Return the members of a list for a workbook, newest first, and write down who took how many, narrowed by what.

    Only members of unions where the actor may export. What was typed to search is not written down: it may be a name.

    :raises NotAllowed: nowhere does a post include exporting lists of people.
    :raises Invalid: more rows than one export may hold.
    """
    actor.require(Permission.EXPORT_MEMBERS)
    paths = actor.reach(Permission.EXPORT_MEMBERS)
    if not paths:
        raise NotAllowed(Permission.EXPORT_MEMBERS)
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(union__path__startswith=path)
    rows = narrow(visible_members(actor).filter(reach), filters)
    count = rows.count()
    if count > MOST_EXPORTED:
        raise Invalid(
            "too_many_rows",
            _("These are %(count)s people; %(most)s at most fit into one file. Please narrow the filters.")
            % {"count": count, "most": MOST_EXPORTED},
        )
    top = public_union((filters.union_path or paths[0]).strip("/").split("/")[-1])
    record(
        actor,
        "members.list_exported",
        top,
        now=now,
        union_path=top.path,
        count=count,
        group=filters.group,
        region=filters.region,
        state=filters.state,
        searched=bool(filters.text.strip()),
    )
    return rows.select_related(*RELATED).order_by("-pk")
