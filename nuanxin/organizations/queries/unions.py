"""Who sees which unions, the tree, and finding one by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.cache import cache
from django.db.models import Count, IntegerField, Max, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid, NotFound, NotSignedIn
from nuanxin.organizations.models import Coverage, Union
from nuanxin.organizations.states import VIEW, UnionKind, UnionLevel

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

_HOME: Final = "organizations.home_region"


def visible_unions(actor: Actor, permission: str = VIEW) -> QuerySet[Union]:
    """Return the unions at which the actor holds a permission, closed ones too."""
    reach = Q(pk__in=[])
    for path in actor.reach(permission):
        reach |= Q(path__startswith=path)
    return Union.objects.filter(reach).select_related("region")


def get_union(actor: Actor, code: str, permission: str = VIEW) -> Union:
    """Return one union; refuse with NotFound a code that is none or is out of reach, and whoever is not signed in."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    rows = visible_unions(actor, permission).select_related("region", "parent")
    union = rows.filter(code=code.upper()).first() if code.isalnum() else None
    if union is None:
        raise NotFound
    return union


def find_union(actor: Actor, text: str, permission: str = VIEW) -> Union:
    """Return the one union that a typed code or name means: the code, else the highest whose name fits.

    :raises Invalid: none in reach fits.
    """
    rows = visible_unions(actor, permission)
    found = rows.filter(code=text.strip().upper()).first()
    if found is None and text.strip():
        found = rows.filter(matching(text, ("code",)), closed_at=None).order_by(Length("path"), "name", "pk").first()
    if found is None:
        raise Invalid("unknown_union", _("No union in your reach is called that."), field="union")
    return found


def public_union(code: str) -> Union:
    """Return an open union as everybody may know it: what its poster says. Refuses unknown and closed ones."""
    union = Union.objects.filter(code=code.strip().upper(), closed_at=None).select_related("region").first()
    if union is None:
        raise NotFound(_("This code belongs to no union. Please scan the poster again, or choose your area."))
    return union


def ancestors_of(union: Union) -> list[Union]:
    """Return the unions above one, from the root down, by one statement. Their names are public."""
    return sorted(Union.objects.filter(code__in=union.ancestor_codes), key=lambda above: len(above.path))


def with_counts(unions: QuerySet[Union]) -> QuerySet[Union]:
    """Add `below`, the open unions directly below, and `covered`, the enterprises a union covers."""
    below = Union.objects.filter(parent=OuterRef("pk"), closed_at=None).order_by().values("parent")
    covered = Coverage.objects.filter(union=OuterRef("pk"), valid_until=None).order_by().values("union")
    return unions.annotate(
        below=Coalesce(Subquery(below.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        covered=Coalesce(Subquery(covered.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
    )


def children_of(actor: Actor, union: Union) -> QuerySet[Union]:
    """Return the open unions directly below one that the actor may see, with counts."""
    return with_counts(visible_unions(actor).filter(parent=union, closed_at=None))


def tops_of(actor: Actor) -> list[Union]:
    """Return where the actor's view of the tree begins: the highest unions in reach, with counts."""
    reach = actor.reach(VIEW)
    highest = Q(path__in=reach) | Q(parent=None) if "/" in reach else Q(path__in=reach)
    return list(with_counts(Union.objects.filter(highest, closed_at=None).select_related("region")).order_by("path"))


def union_names(codes: Collection[str]) -> dict[str, str]:
    """Return the names of unions by their codes, in the reader's language; names of unions are public."""
    is_english = (get_language() or "").startswith("en")
    rows = Union.objects.filter(code__in=codes).values_list("code", "name", "name_en")
    return {code: (is_english and english) or name for code, name, english in rows}


def search_unions(
    actor: Actor, *, text: str = "", kind: str = "", level: str = "", region: str = "", closed: bool = False
) -> QuerySet[Union]:
    """Return the unions in reach whose name, pinyin, initials or code a typed text may mean.

    :param region: only unions that answer for this region or one inside it.
    :param closed: closed unions instead of open ones.
    """
    found = visible_unions(actor).filter(closed_at__isnull=not closed)
    for condition in (
        Q(kind=kind) if kind else None,
        Q(level=level) if level else None,
        Q(region__code__startswith=region) if region else None,
        matching(text, ("code",)) if text.strip() else None,
    ):
        if condition is not None:
            found = found.filter(condition)
    return found


def matching(text: str, codes: tuple[str, ...]) -> Q:
    """Return the condition that a typed text means a row: inside its name, at the beginning of pinyin or a code."""
    wanted = "".join(char for char in text if char.isprintable()).strip()[:60]
    plain = "".join(wanted.lower().split())
    condition = Q(name__contains=wanted) | Q(pinyin__startswith=plain) | Q(pinyin__contains=f" {plain}")
    for field in codes:
        condition |= Q(**{f"{field}__startswith": wanted.upper()})
    return condition


def is_set_up() -> bool:
    """Answer whether any union has been created below the national federation."""
    return Union.objects.filter(parent__isnull=False).exists()


def has_pool(union: Union) -> bool:
    """Answer whether an open holding pool stands directly below a federation."""
    return Union.objects.filter(parent=union, kind=UnionKind.POOL, closed_at=None).exists()


def home_region() -> str:
    """Return the region in which all unions of cities and below lie: where an applicant here most probably works.

    Empty when they lie in several provinces, or when there is none. At most a minute old.
    """
    found: str | None = cache.get(_HOME)
    if found is None:
        below = Union.objects.filter(closed_at=None).exclude(level__in=(UnionLevel.NATION, UnionLevel.PROVINCE))
        ends = below.aggregate(first=Min("region_id"), last=Max("region_id"))
        first, last = ends["first"] or "", ends["last"] or ""
        found = next((first[:size] for size in (9, 6, 4, 2) if len(first) >= size and last[:size] == first[:size]), "")
        cache.set(_HOME, found, 60)
    return found
