"""Packages of check-ups: lists with dates, for everybody or for a trade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.models import CheckPackage
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import check_text
from nuanxin.organizations.models import OccupationGroup
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Union

_MOST_ITEMS = 60


@dataclass(frozen=True, slots=True)
class PackageDraft:
    """One row of the list; `group` empty: for everybody, otherwise on top for that trade."""

    code: str
    name: str
    items: Sequence[str]
    valid_from: date
    source_note: str
    name_en: str = ""
    items_en: Sequence[str] = ()
    group: str = ""


@transaction.atomic
def add_package(*, actor: Actor, union: Union, draft: PackageDraft, now: datetime) -> CheckPackage:
    """Write a package into the union's list from a day on; an earlier row of the same code ends with that day.

    :raises NotFound, NotAllowed: a union out of reach, or no permission to make offers there.
    :raises Invalid: no items, an unknown trade, no source, or a day before today.
    :raises Conflict: a row of this code begins on that day already.
    """
    actor.require(Permission.EDIT_OFFERS, at=union)
    items = [text for text in (check_text(item, field="items", most=60) for item in draft.items) if text]
    if not 1 <= len(items) <= _MOST_ITEMS:
        raise Invalid("missing", _("Please name what is checked: 1 to %(most)s lines.") % {"most": _MOST_ITEMS},
                      field="items")  # fmt: skip
    if draft.group and not OccupationGroup.objects.filter(code=draft.group).exists():
        raise Invalid("unknown_code", _("Nobody knows: %(codes)s.") % {"codes": draft.group}, field="group")
    if draft.valid_from < local_day(now):
        raise Invalid("day_passed", _("It begins today or later: what was in force stays as it was."),
                      field="valid_from")  # fmt: skip
    row = CheckPackage(
        union=union,
        code=_needed(draft.code, "code", 30),
        name=_needed(draft.name, "name", 60),
        name_en=check_text(draft.name_en, field="name_en", most=120),
        items=items,
        items_en=[check_text(item, field="items_en", most=120) for item in draft.items_en if item.strip()],
        group_id=draft.group or None,
        is_add_on=bool(draft.group),
        valid_from=draft.valid_from,
        source_note=_needed(draft.source_note, "source_note", 200),
    )
    before = CheckPackage.objects.filter(union=union, code=row.code, valid_until=None, valid_from__lt=row.valid_from)
    before.update(valid_until=row.valid_from)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("row_there", _("A row of this code begins on that day already.")) from error
    record(actor, "activities.package_added", row, now=now, union_path=union.path, code=row.code)
    return row


def _needed(text: str, field: str, most: int) -> str:
    found = check_text(text, field=field, most=most)
    if not found:
        raise Invalid("missing", _("This is needed."), field=field)
    return found


@transaction.atomic
def end_package(*, actor: Actor, package: CheckPackage, now: datetime) -> None:
    """End a package with today; from tomorrow on it is not shown any more.

    :raises NotFound, NotAllowed: out of reach, or no permission. :raises Conflict: ended before, or not begun yet.
    """
    actor.require(Permission.EDIT_OFFERS, at=package.union)
    today = local_day(now)
    open_ones = CheckPackage.objects.filter(pk=package.pk, valid_until=None, valid_from__lt=today)
    if not open_ones.update(valid_until=today):
        raise Conflict("not_open", _("It has ended, or begins today or later."))
    record(actor, "activities.package_ended", package, now=now, union_path=package.union.path, code=package.code)
