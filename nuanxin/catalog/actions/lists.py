"""Lists of deliveries that leave the system: only by those who may, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.queries.deliveries import ORDER, RELATED, search_deliveries
from nuanxin.kernel.refusals import Invalid, NotAllowed
from nuanxin.organizations.queries import public_union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.catalog.models import Delivery
    from nuanxin.kernel.actor import Actor

#: Rows that one export may hold.
MOST_EXPORTED = 200_000


@transaction.atomic
def export_deliveries(*, actor: Actor, filters: Mapping[str, Any], now: datetime) -> QuerySet[Delivery]:
    """Return the deliveries of a list for a workbook, the latest day first, and write down who took how many.

    What was typed to find a person is not written down: it may be a name.

    :param filters: as `search_deliveries` takes them.
    :raises NotAllowed: nowhere does a post include seeing who was served.
    :raises Invalid: more rows than one export may hold.
    """
    actor.require(Permission.RECORD_DELIVERIES)
    paths = actor.reach(Permission.RECORD_DELIVERIES)
    if not paths:
        raise NotAllowed(Permission.RECORD_DELIVERIES)
    rows = search_deliveries(actor, **filters)
    count = rows[: MOST_EXPORTED + 1].count()
    if count > MOST_EXPORTED:
        raise Invalid(
            "too_many_rows",
            _("These are more than %(most)s deliveries; so many do not fit into one file. Please narrow the filters.")
            % {"most": MOST_EXPORTED},
        )
    top = public_union((filters.get("union_path") or paths[0]).strip("/").split("/")[-1])
    kept: dict[str, Any] = {
        name: f"{value}" for name, value in filters.items() if value and name not in {"member", "union_path"}
    }
    record(actor, "catalog.deliveries_exported", top, now=now, union_path=top.path, count=count, **kept)
    return rows.select_related(*RELATED, "service__area").order_by(*ORDER)
