"""Who sees which enterprises, and finding one by what an applicant types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, Value, When
from django.db.models.functions import Length

from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.organizations.models import Coverage, Enterprise, EnterprisePlatform, Union
from nuanxin.organizations.queries.unions import matching
from nuanxin.organizations.states import REGISTER_CONTACT, VIEW, UnionLevel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor


#: Levels whose reach holds so many enterprises that walking the list finds a page sooner than gathering them all.
_WIDE = (UnionLevel.NATION, UnionLevel.PROVINCE)


@dataclass(frozen=True, slots=True)
class EnterpriseHit:
    """What everybody may know of an enterprise: enough to recognize one's own employer."""

    id: UUID
    name: str
    credit_code: str
    region_code: str
    region_name: str


def visible_enterprises(actor: Actor, permission: str = VIEW) -> QuerySet[Enterprise]:
    """Return the enterprises covered by a union in reach, or in the region of one above the basic level."""
    reach = actor.reach(permission)
    if "/" in reach:
        return Enterprise.objects.all()
    tops = list(Union.objects.filter(path__in=reach).values_list("path", "region_id", "level"))
    if tops and not any(level in _WIDE for _path, _region, level in tops):
        return Enterprise.objects.filter(pk__in=_few(tops))
    condition = Q(pk__in=[])
    for path, region, level in tops:
        if level != UnionLevel.BASIC:
            condition |= Q(region__code__startswith=region or "")
        covering = Coverage.objects.filter(enterprise=OuterRef("pk"), valid_until=None, union__path__startswith=path)
        condition |= Q(Exists(covering))
    return Enterprise.objects.filter(condition)


def _few(tops: Iterable[tuple[str, str | None, str]]) -> QuerySet[Enterprise, Any]:
    """Return the keys of the enterprises of a city or less: found by region and by coverage, each by its own index."""
    found = Enterprise.objects.none().values("pk")
    for path, region, level in tops:
        covered = Coverage.objects.filter(valid_until=None, union__path__startswith=path).values("enterprise_id")
        found = found.union(covered)
        if level != UnionLevel.BASIC and region:
            found = found.union(Enterprise.objects.filter(region__code__startswith=region).values("pk"))
    return found


def get_enterprise(actor: Actor, enterprise_id: UUID) -> Enterprise:
    """Return one enterprise, also to its own people office; refuse with NotFound one out of reach."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_enterprises(actor).select_related("region").filter(pk=enterprise_id).first()
    if found is None:
        found = Enterprise.objects.select_related("region").filter(pk=enterprise_id).first()
        if found is None or not actor.may(REGISTER_CONTACT, at=found):
            raise NotFound
    return found


def list_enterprises(
    actor: Actor,
    *,
    text: str = "",
    region: str = "",
    platform: str = "",
    covered: str = "",
    union: Union | None = None,
    closed: bool = False,
) -> QuerySet[Enterprise]:
    """Return the enterprises in reach with region, open coverage and open platforms, by four statements at most.

    :param covered: `yes`, `no`, or empty for both.
    :param union: only enterprises that this union covers now.
    """
    found = visible_enterprises(actor).filter(closed_at__isnull=not closed)
    open_coverage = Coverage.objects.filter(enterprise=OuterRef("pk"), valid_until=None)
    if text.strip():
        found = found.filter(matching(text, ("credit_code",)))
    if region:
        found = found.filter(region__code__startswith=region)
    if platform:
        found = found.filter(
            Exists(EnterprisePlatform.objects.filter(enterprise=OuterRef("pk"), platform_id=platform, valid_until=None))
        )
    if union is not None:
        found = found.filter(Exists(open_coverage.filter(union=union)))
    elif covered in {"yes", "no"}:
        found = found.filter(Exists(open_coverage) if covered == "yes" else ~Exists(open_coverage))
    return found.select_related("region").prefetch_related(
        Prefetch("coverages", Coverage.objects.filter(valid_until=None).select_related("union"), to_attr="covering"),
        Prefetch(
            "platform_links",
            EnterprisePlatform.objects.filter(valid_until=None).select_related("platform").order_by("platform_id"),
            to_attr="works_for",
        ),
    )


def coverages_of(enterprise: Enterprise) -> QuerySet[Coverage]:
    """Return every coverage an enterprise ever had, the newest first."""
    return Coverage.objects.filter(enterprise=enterprise).select_related("union").order_by("-valid_from", "-pk")


def covering_unions(employers: Collection[UUID], *, on: date) -> list[Union]:
    """Return the open unions that cover some enterprises on a day, by name. That a union covers a firm is public."""
    rows = Coverage.objects.filter(enterprise__in=employers, valid_from__lte=on)
    rows = rows.filter(Q(valid_until=None) | Q(valid_until__gt=on))
    return list(Union.objects.filter(pk__in=rows.values("union"), closed_at=None).order_by("name", "pk"))


def platforms_of(enterprise: Enterprise) -> QuerySet[EnterprisePlatform]:
    """Return the platforms an enterprise works or worked for, the newest first."""
    links = EnterprisePlatform.objects.filter(enterprise=enterprise).select_related("platform")
    return links.order_by("-valid_from", "platform_id", "pk")


def find_employer(credit_code: str) -> Enterprise | None:
    """Return the open enterprise with a credit code, as an application names it."""
    return Enterprise.objects.filter(credit_code=credit_code, closed_at=None).first() if credit_code else None


def search_enterprises(text: str, *, near: str = "", limit: int = 10) -> list[EnterpriseHit]:
    """Return the open enterprises that a typed text may mean, best first, by one statement.

    Beginnings before insides, then those of the same city, then shorter names. One letter or digit alone finds
    nothing: the register is not to be listed.

    :param near: code of a region near which the employer probably is.
    """
    wanted = "".join(char for char in text if char.isprintable()).strip()[:60]
    if not wanted or (len(wanted) == 1 and wanted.isascii()):
        return []
    same_city = Q(region__code__startswith=near[:4]) if near else Q(pk=None)
    found = (
        Enterprise.objects.filter(matching(wanted, ("credit_code",)), closed_at=None)
        .annotate(
            begins=Case(When(name__startswith=wanted, then=Value(0)), default=Value(1)),
            near=Case(When(same_city, then=Value(0)), default=Value(1)),
        )
        .order_by("begins", "near", Length("name"), "name", "pk")
        .values_list("pk", "name", "credit_code", "region_id", "region__name")[:limit]
    )
    return [EnterpriseHit(*row) for row in found]
