"""The code lists: occupation groups and their sets, platforms. They hold for the whole installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.organizations.models import GroupListing, OccupationGroup, OccupationSet, Platform
from nuanxin.organizations.rules.fields import needed, one_line
from nuanxin.organizations.rules.lists import check_code
from nuanxin.organizations.states import EDIT_RULES
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor

M = TypeVar("M", bound=models.Model)


def _save(actor: Actor, model: type[M], code: str, values: dict[str, Any], now: datetime) -> M:
    """Make or change one row of a list and record it; a code never changes once it is there."""
    check_code(code)
    row, new = model._default_manager.update_or_create(code=code, defaults=values)
    name = f"organizations.{model._meta.model_name}_{'listed' if new else 'edited'}"
    record(actor, name, row, now=now, code=code, fields=sorted(values))
    return row


@transaction.atomic
def save_platform(*, actor: Actor, code: str, name: str, name_en: str, now: datetime) -> Platform:
    """Enter a platform, or change its names. Refuses a malformed code and an empty name."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    values = {"name": needed(name, field="name", most=60), "name_en": one_line(name_en, field="name_en", most=60)}
    return _save(actor, Platform, code, values, now)


@transaction.atomic
def close_platform(*, actor: Actor, code: str, closed: bool, now: datetime) -> None:
    """Take a platform off the list for new choices, or put it back; rows that name it stay."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    if not Platform.objects.filter(code=code).update(closed_at=now if closed else None):
        raise NotFound
    record(
        actor, f"organizations.platform_{'closed' if closed else 'reopened'}", Platform(code=code), now=now, code=code
    )


@transaction.atomic
def save_group(
    *, actor: Actor, code: str, name: str, name_en: str, icon: str, position: int, now: datetime
) -> OccupationGroup:
    """Enter an occupation group, or change its names, picture and place. Refuses a malformed code and empty names."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    values = {
        "name": needed(name, field="name", most=30),
        "name_en": needed(name_en, field="name_en", most=60),
        "icon": one_line(icon, field="icon", most=30) or "user",
        "position": position,
    }
    return _save(actor, OccupationGroup, code, values, now)


@transaction.atomic
def save_set(
    *, actor: Actor, code: str, name: str, name_en: str, source_note: str, valid_from: date, now: datetime
) -> OccupationSet:
    """Enter a published set of groups, or change what it says. Refuses one without a source."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    values = {
        "name": needed(name, field="name", most=60),
        "name_en": one_line(name_en, field="name_en", most=100),
        "source_note": needed(source_note, field="source_note", most=200),
        "valid_from": valid_from,
    }
    return _save(actor, OccupationSet, code, values, now)


@transaction.atomic
def list_group(*, actor: Actor, set_code: str, group_code: str, on: date, now: datetime) -> None:
    """Put a group into a set from a day on. Refuses unknown codes; a group that is in it stays as it is."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    held = OccupationSet.objects.filter(code=set_code).first()
    if held is None or not OccupationGroup.objects.filter(code=group_code).exists():
        raise NotFound
    _row, new = GroupListing.objects.get_or_create(
        occupation_set=held, group_id=group_code, valid_until=None, defaults={"valid_from": on}
    )
    if new:
        record(actor, "organizations.group_listed", held, now=now, group=group_code, on=str(on))


@transaction.atomic
def unlist_group(*, actor: Actor, set_code: str, group_code: str, on: date, now: datetime) -> None:
    """Take a group out of a set from a day on. Refuses when it is not in it."""
    actor.require(EDIT_RULES, at=ROOT_PATH)
    listed = GroupListing.objects.filter(occupation_set_id=set_code, group_id=group_code, valid_until=None)
    if not listed.update(valid_until=on):
        raise Conflict("not_listed", _("This group is not in the set."))
    record(actor, "organizations.group_unlisted", OccupationSet(code=set_code), now=now, group=group_code, on=str(on))
