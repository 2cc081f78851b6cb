"""Lists as rows of a sheet, in the columns in which they can be handed in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from nuanxin.organizations.models import Enterprise, Union


def union_rows(unions: QuerySet[Union]) -> Iterator[dict[str, Any]]:
    """Give the unions from the root down, so that each parent stands above its children."""
    for union in unions.select_related("region", "parent").order_by("path", "pk").iterator(chunk_size=1000):
        yield {
            "code": union.code,
            "name": union.name,
            "name_en": union.name_en,
            "kind": union.kind,
            "level": union.level,
            "parent": union.parent.code if union.parent else "",
            "region": union.region_id or "",
            "region_name": union.region.name if union.region else "",
            "credit_code": union.credit_code,
            "contact": union.contact,
            "contact_phone": union.contact_phone,
            "address": union.address,
            "working_hours": union.working_hours,
            "founded_on": union.founded_on or "",
        }


def enterprise_rows(enterprises: QuerySet[Enterprise]) -> Iterator[dict[str, Any]]:
    """Give the enterprises by name, as `list_enterprises` fetched them: with covering union and platforms."""
    for enterprise in enterprises.order_by("name", "pk").iterator(chunk_size=1000):
        covering = next(iter(enterprise.covering), None)  # type: ignore[attr-defined]
        yield {
            "credit_code": enterprise.credit_code,
            "name": enterprise.name,
            "region": enterprise.region_id,
            "region_name": enterprise.region.name,
            "headcount": "" if enterprise.headcount is None else enterprise.headcount,
            "contact": enterprise.contact,
            "contact_phone": enterprise.contact_phone,
            "union": covering.union.code if covering else "",
            "union_name": covering.union.name if covering else "",
            "basis": covering.basis if covering else "",
            "platforms": ",".join(link.platform_id for link in enterprise.works_for),  # type: ignore[attr-defined]
        }
