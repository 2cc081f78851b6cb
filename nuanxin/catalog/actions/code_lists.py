"""Areas of services and classes of targets. They hold for the whole installation, so its root alone changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.catalog.models import Area, TargetClass
from nuanxin.catalog.rules.service import ICONS
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.organizations.rules.fields import needed
from nuanxin.organizations.rules.lists import check_code
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

Row = TypeVar("Row", Area, TargetClass)


@transaction.atomic
def save_area(*, actor: Actor, code: str, name: str, name_en: str, icon: str, position: int, now: datetime) -> Area:
    """Enter an area of services, or change its names, picture and place; its code stays, and what was counted in it.

    :raises NotFound, NotAllowed: the post does not reach the root of the unions.
    :raises Invalid: a malformed code, no name in one of both languages, a picture that there is not.
    """
    actor.require(Permission.EDIT_SERVICES, at=ROOT_PATH)
    if icon not in ICONS:
        raise Invalid("unknown_icon", _("Please choose one of the pictures."), field="icon")
    return _save(actor, Area, code, {**_names(name, name_en), "icon": icon, "position": position}, now)


@transaction.atomic
def save_class(*, actor: Actor, code: str, name: str, name_en: str, position: int, now: datetime) -> TargetClass:
    """Enter a class of targets, or change its names and place; its code stays.

    :raises NotFound, NotAllowed, Invalid: as `save_area`.
    """
    actor.require(Permission.EDIT_SERVICES, at=ROOT_PATH)
    return _save(actor, TargetClass, code, {**_names(name, name_en), "position": position}, now)


def _names(name: str, name_en: str) -> dict[str, str]:
    return {"name": needed(name, field="name", most=30), "name_en": needed(name_en, field="name_en", most=60)}


def _save(actor: Actor, model: type[Row], code: str, values: dict[str, Any], now: datetime) -> Row:
    check_code(code)
    row, new = model._default_manager.update_or_create(code=code, defaults=values)
    act = f"catalog.{model._meta.model_name}_{'listed' if new else 'edited'}"
    record(actor, act, row, now=now, code=code, fields=sorted(values))
    return row


@transaction.atomic
def remove_area(*, actor: Actor, code: str, now: datetime) -> None:
    """Take an area that nothing names off the list.

    :raises NotFound, NotAllowed: there is none of this code, or the post does not reach the root of the unions.
    :raises Conflict: a service or a target names it.
    """
    _remove(actor, Area, code, now)


@transaction.atomic
def remove_class(*, actor: Actor, code: str, now: datetime) -> None:
    """Take a class that no target names off the list. Refused as `remove_area`."""
    _remove(actor, TargetClass, code, now)


def _remove(actor: Actor, model: type[Area] | type[TargetClass], code: str, now: datetime) -> None:
    actor.require(Permission.EDIT_SERVICES, at=ROOT_PATH)
    row: models.Model | None = model._default_manager.filter(pk=code).first()
    if row is None:
        raise NotFound
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        raise Conflict("in_use", _("Services or targets name it. Change those first; then it can go.")) from None
    record(actor, f"catalog.{model._meta.model_name}_removed", model(code=code), now=now, code=code)
