"""Welcome packs as members, counters and cadres see them: what is due to whom, and what lies where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import PackMovement, PackRight, PackStock
from nuanxin.benefits.rules.packs import KIND, why_not
from nuanxin.benefits.states.packs import MANAGE_PACKS, SHELVED, MovementKind, PackItem, RightState
from nuanxin.catalog.rules.applies import Applies
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, NotSignedIn
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import PartnerContract, PartnerPlace
from nuanxin.regions.rules import prefixes_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from nuanxin.catalog.rules.applies import Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.models import Worker

#: Who may fetch a pack.
LIVE: Final = (MembershipState.ACTIVE, MembershipState.RETAINED)
#: Names as they are printed, whatever the reader's language.
ITEM_NAMES = {
    PackItem.KIT: ("新会员礼包", "Welcome kit"),
    PackItem.TICKET: ("电影票", "Film ticket"),
    PackItem.INSURANCE: ("一年期意外伤害保险", "One year of accident insurance"),
}


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a thing can be fetched."""

    place: PartnerPlace
    items: tuple[str, ...]
    #: Length of the region's code that the place shares with the member's: 12 the same village, 0 elsewhere.
    shared: int


@dataclass(frozen=True, slots=True)
class StockFilters:
    """Which stocks to list.

    :param state: `low` (at or below the mark), `out` (nothing left), or everything.
    """

    text: str = ""
    item: str = ""
    region: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class PackNumbers:
    """How many of one thing new members have a right to, have got, and have not fetched yet. Unit: pieces."""

    item: PackItem
    granted: int
    handed_out: int
    waiting: int


def rights_of(worker_id: UUID) -> QuerySet[PackRight]:
    """Return what a person has a right to, also under a record that was merged into theirs, in the usual order.

    What was lost and granted again is there once.
    """
    own = Q(worker_id=worker_id) | Q(worker__merged_into=worker_id)
    order = Case(*(When(item=item, then=Value(place)) for place, item in enumerate(PackItem)), default=Value(9))
    rows = PackRight.objects.filter(own).exclude(state=RightState.REPLACED)
    return rows.select_related("place").order_by(order, "pk")


def live_memberships(right: PackRight) -> QuerySet[Membership]:
    """Return the membership of the holder of a right, also under a record with which theirs was made one."""
    same = Q(worker=right.worker_id) | Q(worker__merged_into=right.worker_id)
    if right.worker.merged_into_id:
        same |= Q(worker=right.worker.merged_into_id)
    return Membership.objects.filter(same, state__in=LIVE)


def my_pack(actor: Actor) -> list[PackRight]:
    """Return the signed-in worker's own welcome pack. :raises NotSignedIn: no worker is signed in."""
    if actor.worker_id is None:
        raise NotSignedIn
    return list(rights_of(actor.worker_id))


def packs_here(worker: Worker, here: Here, now: datetime) -> list[Applies]:
    """Return what of a member's welcome pack lies at a counter's shelf, or why it does not come. One statement."""
    if KIND not in here.kinds:
        return []
    stock = PackStock.objects.filter(place_id=here.place_id, item=OuterRef("item")).values("on_hand")
    rights = rights_of(worker.pk).filter(item__in=SHELVED).exclude(state=RightState.AS_COUPON)
    day = local_day(now)
    found = []
    for right in rights.annotate(here=Coalesce(Subquery(stock, output_field=IntegerField()), 0)):
        name, name_en = ITEM_NAMES[PackItem(right.item)]
        reasons = why_not(right, on=day, on_hand=right.here, place_name=here.place_name)
        detail = _("Fetch by %(day)s") % {"day": date_format(right.until)} if right.until and not reasons else ""
        found.append(Applies(KIND, str(right.pk), name, name_en, detail, "hand_out", reasons))
    return found


def shelves(region_code: str, *, items: Collection[str], on: date, most: int = 10) -> list[Shelf]:
    """Return where things can be fetched, nearest first by region: the same village, township, county, city, elsewhere.

    Only open places of partners whose contract of the day includes packs, with at least one piece on the shelf.

    :param region_code: where the member lives or works; empty when that is not known.
    """
    prefixes = prefixes_of(region_code) if region_code else []
    shared = Case(
        *(When(region__code__startswith=prefix, then=Value(len(prefix))) for prefix in reversed(prefixes)),
        default=Value(0),
        output_field=IntegerField(),
    )
    contract = PartnerContract.objects.filter(
        partner=OuterRef("partner"), ended_at=None, valid_from__lte=on, valid_until__gt=on
    ).order_by("-valid_from", "-pk")
    places = (
        PartnerPlace.objects.filter(closed_at=None, partner__ended_at=None)
        .filter(Exists(PackStock.objects.filter(place=OuterRef("pk"), item__in=items, on_hand__gt=0)))
        .annotate(shared=shared, kinds=Subquery(contract.values("kinds")[:1]))
        .filter(kinds__contains=[KIND])  # type: ignore[misc] # an array, by the subquery
        .select_related("region", "partner")
        .order_by("-shared", "name", "pk")[:most]
    )
    chosen = list(places)
    lying: dict[UUID, list[str]] = {}
    rows = PackStock.objects.filter(place__in=chosen, item__in=items, on_hand__gt=0).order_by("item", "pk")
    for place_id, item in rows.values_list("place_id", "item"):
        lying.setdefault(place_id, []).append(item)
    return [Shelf(place, tuple(lying.get(place.pk, ())), place.shared) for place in chosen]


def visible_stocks(actor: Actor) -> QuerySet[PackStock]:
    """Return the stocks at places of the unions where the actor looks after packs."""
    reach = Q(pk__in=[])
    for path in actor.reach(MANAGE_PACKS):
        reach |= Q(place__partner__union__path__startswith=path)
    return PackStock.objects.filter(reach).select_related("place__partner__union", "place__region")


def list_stocks(actor: Actor, filters: StockFilters) -> QuerySet[PackStock]:
    """Return the stocks that fit, with how many pieces went over the counter so far."""
    found = visible_stocks(actor)
    if filters.text.strip():
        text = filters.text.strip()[:60]
        found = found.filter(Q(place__name__icontains=text) | Q(place__partner__name__icontains=text))
    if filters.item:
        found = found.filter(item=filters.item)
    if filters.region:
        found = found.filter(place__region__code__startswith=filters.region[:12])
    if filters.state == "low":
        found = found.filter(on_hand__lte=F("low_at"))
    elif filters.state == "out":
        found = found.filter(on_hand=0)
    handed = PackMovement.objects.filter(stock=OuterRef("pk"), kind=MovementKind.HANDED).order_by().values("stock")
    return found.annotate(
        handed=Coalesce(Subquery(handed.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
    )


def get_stock(actor: Actor, pk: UUID) -> PackStock:
    """Return one stock in reach. :raises NotFound: there is none that the actor may see."""
    if actor.kind == "anonymous":
        raise NotSignedIn
    found = visible_stocks(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def places_for_packs(actor: Actor) -> QuerySet[PartnerPlace]:
    """Return the open places where the actor may keep stock."""
    reach = Q(pk__in=[])
    for path in actor.reach(MANAGE_PACKS):
        reach |= Q(partner__union__path__startswith=path)
    open_places = PartnerPlace.objects.filter(reach, closed_at=None, partner__ended_at=None)
    return open_places.select_related("partner__union", "region").order_by("name", "pk")


def movements_of(stock: PackStock) -> QuerySet[PackMovement]:
    """Return every change of a stock that was fetched before, newest first."""
    return PackMovement.objects.filter(stock=stock).select_related("account").order_by("-at", "-pk")


def stock_at(place_id: UUID) -> list[PackStock]:
    """Return what lies at a counter's own place."""
    return list(PackStock.objects.filter(place_id=place_id).order_by("item", "pk"))


def handed_at(place_id: UUID, *, since: datetime) -> list[PackRight]:
    """Return what was handed out at a place since a moment, newest first."""
    rows = PackRight.objects.filter(place_id=place_id, handed_at__gte=since)
    return list(rows.order_by("-handed_at", "-pk")[:50])


def pack_numbers(actor: Actor) -> list[PackNumbers]:
    """Return how far welcome packs have come, for the unions where the actor looks after them. One statement."""
    reach = Q(pk__in=[])
    for path in actor.reach(MANAGE_PACKS):
        reach |= Q(union__path__startswith=path)
    handed = Q(state__in=[RightState.HANDED_OUT, RightState.COVERED, RightState.AS_COUPON])
    waiting = Q(state=RightState.GRANTED)
    rows = (
        PackRight.objects.filter(reach)
        .exclude(state=RightState.REPLACED)
        .order_by()
        .values("item")
        .annotate(all=Count("pk"), got=Count("pk", filter=handed), open=Count("pk", filter=waiting))
    )
    counted = {row["item"]: row for row in rows}
    return [
        PackNumbers(item, row["all"], row["got"], row["open"])
        for item in PackItem
        if (row := counted.get(item.value)) is not None
    ]


def sum_of_movements(stock: PackStock) -> int:
    """Return what must lie there by the book: the sum of all movements."""
    total: int | None = PackMovement.objects.filter(stock=stock).aggregate(n=Sum("amount"))["n"]
    return total or 0
