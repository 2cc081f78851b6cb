"""Welcome packs: given by the dated rule to whoever joins, in the background, and handed out by scan at any station."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.actions.events import HandedOut
from nuanxin.benefits.models import PackMark, PackMovement, PackRight, PackStock
from nuanxin.benefits.queries.packs import ITEM_NAMES, LIVE, live_memberships, rights_of
from nuanxin.benefits.rules.packs import DAYS, KIND, WHAT, OutOfStock, is_same_tap, items_of, until_of, why_not
from nuanxin.benefits.states.packs import SHELVED, MovementKind, PackItem, RightState
from nuanxin.catalog.rules.applies import Done
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import first_id
from nuanxin.kernel.refusals import Conflict, NotFound, Refusal
from nuanxin.kernel.rows import insert
from nuanxin.members.models import CeremonyKit, Membership
from nuanxin.messages.actions import notify
from nuanxin.organizations.models import PartnerPlace
from nuanxin.organizations.queries.rules import dated_rules, rows_named
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from nuanxin.benefits.actions.insurance_reconciling import PoliciesIssued
    from nuanxin.catalog.rules.applies import Here
    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.events import KitHandedOut
    from nuanxin.members.models import Worker

_MARK: Final = "members"
_FIRST: Final = UUID(int=0)
#: Members whose transaction may still have been open when the last look went past their ids are looked at again.
OVERLAP: Final = timedelta(minutes=5)
#: Members looked through in one transaction.
CHUNK: Final = 500


class NotHere(Refusal):
    """This counter, or whoever stands there, may not hand out packs."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "not_here", _("This counter may not hand out welcome packs. The union says which kinds it may.")
        )


def grant_packs(*, now: datetime) -> int:
    """Give every new member what the dated rule of the day of joining gives; return how many people got something.

    Goes through memberships in the order in which they began, from where it stopped before: nothing of it lies on the
    way of an admission, and killed at any moment it goes on. A person gets each thing once, whoever asks how often.
    """
    if not _any_rule(now):
        return 0
    given, after = 0, None
    while True:
        people, after = _grant_chunk(after, now=now)
        given += people
        if after is None:
            return given


def _any_rule(now: datetime) -> bool:
    """Answer whether any rule gives anything today: without one nobody is looked through."""
    return any(items_of(row.value) for row in rows_named(WHAT, on=local_day(now)))


@transaction.atomic
def _grant_chunk(after: UUID | None, *, now: datetime) -> tuple[int, UUID | None]:
    """Look through the next members; return how many got something, and after whom to go on, None at the end."""
    PackMark.objects.get_or_create(name=_MARK, defaults={"upto": _FIRST})
    # Two that look at once go one after the other.
    mark = PackMark.objects.select_for_update().get(name=_MARK)
    start = max(after, mark.upto) if after is not None else mark.upto
    known = PackRight.objects.filter(worker=OuterRef("worker"))
    rows = Membership.objects.filter(pk__gt=start).order_by("pk").select_related("union", "worker")
    people = list(rows[:CHUNK])
    if not people:
        return 0, None
    fresh = Membership.objects.filter(pk__in=[each.pk for each in people], state__in=LIVE).exclude(Exists(known))
    wanted = set(fresh.values_list("pk", flat=True))
    kits = dict(
        CeremonyKit.objects.filter(membership__in=wanted).order_by("-at", "-pk").values_list("membership_id", "at")
    )
    rights = [right for each in people if each.pk in wanted for right in _rights(each, kits.get(each.pk), now)]
    PackRight.objects.bulk_create(rights, ignore_conflicts=True)
    _tell(people, rights, now)
    last = people[-1].pk
    PackMark.objects.filter(name=_MARK).update(upto=max(mark.upto, min(last, first_id(now - OVERLAP))))
    return len({right.worker_id for right in rights}), last if len(people) == CHUNK else None


def _rights(membership: Membership, kit_at: datetime | None, now: datetime) -> list[PackRight]:
    """Return what the rule of the day of joining gives; a kit that was had at a ceremony is handed out already."""
    rules = dated_rules(WHAT, DAYS, union=membership.union, on=membership.began_on)
    return [
        PackRight(
            worker_id=membership.worker_id,
            membership=membership,
            union_id=membership.union_id,
            item=item,
            granted_at=now,
            source_note=rules[WHAT].row.source_note,
            until=until_of(item, membership.began_on, rules[DAYS].value),
            **({"state": RightState.HANDED_OUT, "handed_at": kit_at} if item == PackItem.KIT and kit_at else {}),
        )
        for item in items_of(rules[WHAT].value)
    ]


def use_up_kit(event: KitHandedOut) -> None:
    """Count the kit of a joining ceremony as the one of the welcome pack: nobody gets two."""
    waiting = PackRight.objects.filter(worker_id=event.worker_id, item=PackItem.KIT, state=RightState.GRANTED)
    waiting.update(state=RightState.HANDED_OUT, handed_at=event.at)


def note_covered(event: PoliciesIssued) -> None:
    """Note that the year of insurance of a welcome pack is in force for whoever got a policy."""
    people = [policy.worker_id for policy in event.policies]
    waiting = PackRight.objects.filter(worker__in=people, item=PackItem.INSURANCE, state=RightState.GRANTED)
    waiting.update(state=RightState.COVERED)


def _tell(people: Sequence[Membership], rights: Sequence[PackRight], now: datetime) -> None:
    """Tell in the app whoever has something to fetch; whoever has never signed in finds it on the first page."""
    given = {right.worker_id for right in rights}
    for each in people:
        if each.worker_id in given and each.worker.account_id is not None:
            notify(
                account_id=each.worker.account_id,
                template="pack.granted",
                values={},
                fact=f"pack:{each.worker_id}",
                link="/packs/",
                union_id=each.union_id,
                now=now,
            )


@transaction.atomic
def hand_out(*, actor: Actor, worker: Worker, here: Here, key: str, now: datetime) -> Done:
    """Hand one thing of a welcome pack to the member whose code was scanned here; once, from the stock of this place.

    The right is taken first, then a piece from the shelf, each by a conditional UPDATE: of two stations only one
    hands it out, and the last piece goes to one of two members.

    :param key: the right's id, as `packs_here` told it.
    :returns: what was done; with `again` for a doubled tap of the same scan.
    :raises NotHere: the counter may not hand out packs, or another device acts.
    :raises NotFound: no such thing of this member.
    :raises Conflict: handed out before, taken back, too late, not a member any more.
    :raises OutOfStock: none of it is left here.
    """
    if KIND not in here.kinds or here.place_id is None or actor.source_id != here.device_id:
        raise NotHere
    right = _right(worker, key)
    if not _take(right, here, now):
        return _why_not_taken(_right(worker, key), here, now)
    stock = PackStock.objects.filter(place_id=here.place_id, item=right.item)
    if not stock.filter(on_hand__gte=1).update(on_hand=F("on_hand") - 1):
        raise OutOfStock(here.place_name)
    movement = PackMovement(
        stock_id=stock.values_list("pk", flat=True).get(),
        kind=MovementKind.HANDED,
        amount=-1,
        at=now,
        right=right,
        source_id=here.device_id,
    )
    insert(movement)
    record(actor, "benefits.pack_handed_out", right, now=now, union_path=here.union_path, item=right.item,
           place=str(here.place_id))  # fmt: skip
    place = PartnerPlace.objects.only("name", "name_en").get(pk=here.place_id)
    announce(HandedOut(actor, right.pk, right.worker_id, right.item, place.name, place.name_en, now))
    return _done(right)


def _right(worker: Worker, key: str) -> PackRight:
    try:
        pk = UUID(key)
    except ValueError:
        raise NotFound from None
    found = rights_of(worker.pk).filter(pk=pk, item__in=SHELVED).first()
    if found is None:
        raise NotFound
    return found


def _take(right: PackRight, here: Here, now: datetime) -> int:
    """Mark a right as used, if it is open, in time, and its holder is a member still."""
    still = Exists(live_memberships(right))
    open_ones = PackRight.objects.filter(still, pk=right.pk, state=RightState.GRANTED, until__gte=local_day(now))
    return open_ones.update(
        state=RightState.HANDED_OUT,
        handed_at=now,
        place_id=here.place_id,
        device_id=here.device_id,
        staff_id=here.staff_id,
        scan_id=here.scan_id,
    )


def _why_not_taken(right: PackRight, here: Here, now: datetime) -> Done:
    """Say why a right could not be used; a doubled tap of the scan that used it is told the same as the first."""
    if is_same_tap(right, here.scan_id):
        return _done(right, again=True)
    reasons = why_not(right, on=local_day(now), on_hand=1, place_name=here.place_name)
    if not reasons:
        raise Conflict("not_a_member", _("The membership has ended or rests: nothing can be handed out for now."))
    raise Conflict(reasons[0].code, reasons[0].words)


def _done(right: PackRight, *, again: bool = False) -> Done:
    name, name_en = ITEM_NAMES[PackItem(right.item)]
    named = name_en if (get_language() or "").startswith("en") else name
    return Done(_("Hand out now: %(item)s") % {"item": named}, again=again)
