"""Stock of welcome packs at a place: it comes in, goes out, moves elsewhere, and is counted; never below zero."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.models import PackMovement, PackStock
from nuanxin.benefits.rules.packs import NotEnough, pieces
from nuanxin.benefits.states.packs import MANAGE_PACKS, SHELVED, MovementKind
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import PartnerPlace


class ChangedMeanwhile(Conflict):
    """Somebody moved stock between looking and writing."""

    def __init__(self, on_hand: int) -> None:
        super().__init__(
            "changed_meanwhile",
            _("It changed meanwhile: by the book %(count)s pieces lie there now. Please look again.")
            % {"count": on_hand},
        )


def keep_stock(*, actor: Actor, place: PartnerPlace, item: str, now: datetime) -> PackStock:
    """Return the stock of a thing at a place; begin one with nothing in it where there is none.

    :raises NotAllowed: without `benefits.manage_packs` at the union of the place's partner.
    :raises Invalid: nothing that lies on a shelf.
    """
    actor.require(MANAGE_PACKS, at=place.partner.union)
    if item not in SHELVED:
        raise Invalid("bad_value", _("Please choose from the list."), field="item")
    PackStock.objects.bulk_create([PackStock(place=place, item=item)], ignore_conflicts=True)
    return PackStock.objects.select_related("place__partner__union", "place__region").get(place=place, item=item)


@transaction.atomic
def take_in(*, actor: Actor, stock: PackStock, amount: object, note: object = "", token: UUID, now: datetime) -> bool:
    """Put pieces on the shelf.

    :param token: names this movement: sent twice, it counts once.
    :returns: whether it was new.
    :raises Invalid: no whole number above zero.
    """
    count = pieces(amount)
    return _moved(actor, stock, MovementKind.IN, count, note, token, now)


@transaction.atomic
def take_out(*, actor: Actor, stock: PackStock, amount: object, note: object, token: UUID, now: datetime) -> bool:
    """Take pieces from the shelf for another end: damaged, given back, used at an event.

    :raises Invalid: no whole number above zero, or no reason.
    :raises NotEnough: less lies there.
    """
    count = pieces(amount)
    if not check_text(note, field="note", most=200):
        raise Invalid("missing", _("Please write what they were taken for."), field="note")
    return _moved(actor, stock, MovementKind.OUT, -count, note, token, now)


@transaction.atomic
def carry(
    *, actor: Actor, stock: PackStock, to: PackStock, amount: object, note: object = "", token: UUID, now: datetime
) -> bool:
    """Carry pieces to another place, both sides at once.

    :raises NotAllowed: without `benefits.manage_packs` at both.
    :raises Invalid: no whole number above zero, the same place, or another thing.
    :raises NotEnough: less lies there.
    """
    count = pieces(amount)
    if stock.pk == to.pk or stock.item != to.item:
        raise Invalid("same_place", _("Please choose another place."), field="to")
    sides = [(stock, MovementKind.MOVED_OUT, -count, token), (to, MovementKind.MOVED_IN, count, new_id())]
    # Always in the order of the keys: two that carry to and fro never wait for each other in a ring.
    sides.sort(key=lambda side: side[0].pk)
    done = [_moved(actor, row, kind, moved, note, pk, now, transfer=token) for row, kind, moved, pk in sides]
    if not all(done):
        transaction.set_rollback(True)
    return all(done)


@transaction.atomic
def count_stock(
    *, actor: Actor, stock: PackStock, counted: object, seen: object, note: object = "", token: UUID, now: datetime
) -> bool:
    """Write down what was counted on the shelf; the difference to the book is a movement of its own.

    :param seen: what the book said when the counting began: what changed since would be lost.
    :raises Invalid: no whole number from zero up.
    :raises ChangedMeanwhile: the book says something else by now.
    """
    count, before = pieces(counted, field="counted", least=0), pieces(seen, field="seen", least=0)
    actor.require(MANAGE_PACKS, at=stock.place.partner.union)
    if not _written(stock, MovementKind.COUNTED, count - before, note, token, now, actor):
        return False
    if not PackStock.objects.filter(pk=stock.pk, on_hand=before).update(on_hand=count):
        raise ChangedMeanwhile(_on_hand(stock))
    _record(actor, stock, MovementKind.COUNTED, count - before, now)
    return True


@transaction.atomic
def mark_low(*, actor: Actor, stock: PackStock, low_at: object, now: datetime) -> None:
    """Set at how many pieces a place asks for more.

    :raises Invalid: no whole number from zero up.
    """
    actor.require(MANAGE_PACKS, at=stock.place.partner.union)
    PackStock.objects.filter(pk=stock.pk).update(low_at=pieces(low_at, field="low_at", least=0))
    record(actor, "benefits.pack_low_marked", stock, now=now, union_path=stock.place.partner.union.path)


def _moved(
    actor: Actor,
    stock: PackStock,
    kind: MovementKind,
    amount: int,
    note: object,
    token: UUID,
    now: datetime,
    *,
    transfer: UUID | None = None,
) -> bool:
    """Write a movement and change the stock by it; False, and nothing done, when the token was used before."""
    actor.require(MANAGE_PACKS, at=stock.place.partner.union)
    if not _written(stock, kind, amount, note, token, now, actor, transfer=transfer):
        return False
    if not PackStock.objects.filter(pk=stock.pk, on_hand__gte=-amount).update(on_hand=F("on_hand") + amount):
        raise NotEnough(_on_hand(stock))
    _record(actor, stock, kind, amount, now)
    return True


def _written(
    stock: PackStock,
    kind: MovementKind,
    amount: int,
    note: object,
    token: UUID,
    now: datetime,
    actor: Actor,
    *,
    transfer: UUID | None = None,
) -> bool:
    movement = PackMovement(
        pk=token,
        stock=stock,
        kind=kind,
        amount=amount,
        at=now,
        transfer_id=transfer,
        account_id=actor.account_id,
        source_id=actor.source_id,
        note=check_text(note, field="note", most=200),
    )
    try:
        with transaction.atomic():
            movement.save(force_insert=True)
    except IntegrityError as error:
        if "pkey" not in str(error):
            raise
        return False
    return True


def _on_hand(stock: PackStock) -> int:
    return PackStock.objects.values_list("on_hand", flat=True).get(pk=stock.pk)


def _record(actor: Actor, stock: PackStock, kind: MovementKind, amount: int, now: datetime) -> None:
    record(
        actor,
        "benefits.pack_stock_moved",
        stock,
        now=now,
        union_path=stock.place.partner.union.path,
        kind=kind.value,
        amount=amount,
        item=stock.item,
    )
