"""What decides a draw: the public value, by two people; then the seed, at once, or the value alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.bookings.rules.draws import check_link, check_value, commitment_of, reveal_until
from nuanxin.bookings.states import DRAW_MOVES, DrawState, OfferState
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.secrets import keyring
from nuanxin.kernel.states import move
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.bookings.models import Draw
    from nuanxin.kernel.actor import Actor


class SeedLost(Conflict):
    """The sealed seed cannot be opened, or is not the one that was announced."""

    def __init__(self) -> None:
        super().__init__(
            "seed_lost",
            _(
                "The sealed seed cannot be opened here. Put the installation's keys back in time; otherwise, 24 hours "
                "after the hour of the public value, that value alone decides."
            ),
        )


@transaction.atomic
def enter_value(*, actor: Actor, draw: Draw, value: str, link: str, now: datetime) -> Draw:
    """Type the public value as it was published, with the page where everybody can read it.

    :raises Conflict: the list is not published, the hour has not come, or somebody typed a value before.
    :raises Invalid: nothing typed, or no page.
    """
    _check_may(actor, draw)
    text, page = check_value(value), check_link(link, field="link")
    if draw.state == DrawState.ANNOUNCED:
        raise Conflict("not_frozen", _("The list of tickets must be published first."))
    if now < draw.value_at:
        raise Conflict("hour_not_come", _("The hour of the public value has not come yet."))
    if draw.state != DrawState.FROZEN:
        raise Conflict("value_entered", _("A value was typed before. A second person confirms it, or takes it back."))
    move(
        draw,
        DRAW_MOVES,
        DrawState.VALUED,
        value=text,
        value_link=page,
        value_entered_at=now,
        value_entered_by_id=actor.account_id,
    )
    _record(actor, draw, "value_entered", now)
    return draw


@transaction.atomic
def take_value_back(*, actor: Actor, draw: Draw, now: datetime) -> Draw:
    """Take a value back that was mistyped, before it is confirmed; the audit keeps it.

    :raises Conflict: none was typed, or it was confirmed: then it stands.
    """
    _check_may(actor, draw)
    if draw.state != DrawState.VALUED:
        raise Conflict("nothing_to_take_back", _("There is no unconfirmed value to take back."))
    _record(actor, draw, "value_taken_back", now)
    table: dict[str, frozenset[str]] = {DrawState.VALUED: frozenset({DrawState.FROZEN})}
    met = {"value_entered_at": draw.value_entered_at}
    cleared = {"value": "", "value_link": "", "value_entered_at": None, "value_entered_by_id": None}
    return move(draw, table, DrawState.FROZEN, met=met, **cleared)


@transaction.atomic
def confirm_value(*, actor: Actor, draw: Draw, value: str, now: datetime) -> Draw:
    """Type the value a second time, by a second person who has read it on its page; then nobody can change it.

    :raises Conflict: no value waits, or the same person typed it.
    :raises Invalid: the two do not agree: then one of them looks again.
    """
    _check_may(actor, draw)
    if draw.state != DrawState.VALUED:
        raise Conflict("no_value_waits", _("There is no value that waits to be confirmed."))
    if actor.account_id is None or actor.account_id == draw.value_entered_by_id:
        raise Conflict("same_person", _("You typed the value yourself: a second person must confirm it."))
    if check_value(value) != draw.value:
        raise Invalid(
            "values_differ",
            _("This is not what the first person typed. Look at the page again; if that was wrong, take it back."),
            field="value",
        )
    table: dict[str, frozenset[str]] = {DrawState.VALUED: frozenset({DrawState.CONFIRMED})}
    met = {"value": draw.value, "value_entered_at": draw.value_entered_at}
    move(
        draw,
        table,
        DrawState.CONFIRMED,
        met=met,
        value_confirmed_at=now,
        value_confirmed_by_id=actor.account_id,
    )
    _record(actor, draw, "value_confirmed", now)
    return draw


@transaction.atomic
def reveal(*, actor: Actor, draw: Draw, now: datetime) -> Draw:
    """Reveal the seed; once 24 hours have passed since the hour of the value, let the value alone decide.

    Nobody chooses: the hours that were published say which of the two it is.

    :raises SeedLost: in time, and the seed cannot be opened; :raises Moved: not confirmed yet, or revealed before.
    """
    _check_may(actor, draw)
    if now >= reveal_until(draw.value_at):
        move(draw, DRAW_MOVES, DrawState.REVEALED, by_value_alone=True, revealed_at=now)
    else:
        move(draw, DRAW_MOVES, DrawState.REVEALED, seed=_open_seed(draw).hex(), revealed_at=now)
    _record(actor, draw, "revealed", now, by_value_alone=draw.by_value_alone)
    return draw


def _open_seed(draw: Draw) -> bytes:
    try:
        seed = keyring().unseal(bytes(draw.sealed_seed), bound_to=draw.pk.bytes)
    except (InvalidTag, KeyError, IndexError, ValueError) as error:
        raise SeedLost from error
    if commitment_of(seed) != bytes(draw.commitment):
        raise SeedLost
    return seed


def _check_may(actor: Actor, draw: Draw) -> None:
    actor.require(Permission.EDIT_OFFERS, at=draw.offer.union)
    if draw.offer.state in (OfferState.CANCELLED, OfferState.ENDED):
        raise Conflict("offer_over", _("This offer is over."))


def _record(actor: Actor, draw: Draw, act: str, now: datetime, **detail: Any) -> None:
    record(
        actor,
        f"bookings.draw_{act}",
        draw,
        now=now,
        union_path=draw.offer.union.path,
        number=draw.offer.number,
        value=draw.value,
        link=draw.value_link,
        **detail,
    )
