"""Doors: entering them, switching them off and on, and the keys with which their apps sign launches."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.remember import forget
from nuanxin.kernel.secrets import seal
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.organizations.models import Door, Union
from nuanxin.organizations.queries.lists import DOORS
from nuanxin.organizations.queries.unions import get_union
from nuanxin.organizations.rules.fields import needed
from nuanxin.organizations.rules.launches import SECRET_BYTES, read_public_key
from nuanxin.organizations.rules.lists import check_code
from nuanxin.organizations.states import EDIT_RULES, SIGNING_KINDS, DoorKind
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from nuanxin.kernel.actor import Actor


@transaction.atomic
def save_door(
    *,
    actor: Actor,
    code: str,
    name: str,
    name_en: str,
    opened_on: date,
    kind: str = DoorKind.H5,
    union_code: str = "",
    now: datetime,
) -> Door:
    """Enter a door, or change its names, kind and day; its code and whose door it is never change.

    :param union_code: the union whose door it is; empty: the installation's.
    :raises NotFound: no such union in reach, or the installation is not.
    :raises NotAllowed: the post does not include it there.
    :raises Invalid: a malformed code, an empty name, or no such kind.
    :raises Conflict: the code is another union's door already.
    """
    union = get_union(actor, union_code, EDIT_RULES) if union_code else None
    path = _require(actor, union)
    if kind not in DoorKind.values:
        raise Invalid("unknown_kind", _("There is no such kind of door."), field="kind")
    values = {
        "name": needed(name, field="name", most=60),
        "name_en": needed(name_en, field="name_en", most=60),
        "opened_on": opened_on,
        "kind": kind,
    }
    check_code(code)
    door, new = Door.objects.get_or_create(code=code, defaults=values | {"union": union})
    if not new:
        if door.union_id != (union.pk if union else None):
            raise Conflict("code_taken", _("This code is another door's already."), field="code")
        Door.objects.filter(pk=door.pk).update(**values)
        door = Door.objects.select_related("union").get(pk=door.pk)
    act = "organizations.door_listed" if new else "organizations.door_edited"
    record(actor, act, door, now=now, union_path=path, code=code, fields=sorted(values))
    transaction.on_commit(_forget)
    return door


@transaction.atomic
def close_door(*, actor: Actor, code: str, on: date | None, now: datetime) -> None:
    """Close a door from a day on, or open it again with no day. Whoever has begun to apply may finish.

    :raises NotFound: no such door.
    :raises NotAllowed: the post does not include it there.
    """
    path = _require(actor, _door(code).union)
    Door.objects.filter(code=code).update(closed_on=on)
    record(actor, "organizations.door_closed", Door(code=code), now=now, union_path=path, code=code, on=str(on or ""))
    transaction.on_commit(_forget)


@transaction.atomic
def give_secret(*, actor: Actor, code: str, now: datetime) -> str:
    """Give a door a new secret with which its app signs launches; return it, this once. The one before counts no more.

    :raises NotFound: no such door.
    :raises NotAllowed: the post does not include it there.
    :raises Conflict: no app stands behind a door of this kind.
    """
    door = _signing(code)
    path = _require(actor, door.union)
    secret = base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode().rstrip("=")
    Door.objects.filter(code=code).update(sealed_secret=seal(secret), public_key="", keyed_at=now)
    record(actor, "organizations.door_keyed", door, now=now, union_path=path, code=code, by="secret")
    transaction.on_commit(_forget)
    return secret


@transaction.atomic
def take_public_key(*, actor: Actor, code: str, public_key: str, now: datetime) -> None:
    """Believe launches that an app signs with its own key from now on; with nothing, believe none.

    :param public_key: PEM text, a point in base64url, or empty to take the key away.
    :raises NotFound: no such door.
    :raises NotAllowed: the post does not include it there.
    :raises Conflict: no app stands behind a door of this kind.
    :raises Invalid: no key on the curve P-256.
    """
    door = _signing(code)
    path = _require(actor, door.union)
    point = read_public_key(public_key) if public_key.strip() else ""
    Door.objects.filter(code=code).update(sealed_secret=b"", public_key=point, keyed_at=now if point else None)
    by = "public_key" if point else "nothing"
    record(actor, "organizations.door_keyed", door, now=now, union_path=path, code=code, by=by)
    transaction.on_commit(_forget)


def _require(actor: Actor, union: Union | None) -> str:
    """Ask for the right at the union whose door it is, or above all of them; return the path."""
    path = union.path if union else ROOT_PATH
    actor.require(EDIT_RULES, at=path)
    return path


def _door(code: str) -> Door:
    door = Door.objects.select_related("union").filter(code=code).first()
    if door is None:
        raise NotFound
    return door


def _signing(code: str) -> Door:
    door = _door(code)
    if door.kind not in SIGNING_KINDS:
        raise Conflict("no_app", _("No app stands behind a door of this kind, so nobody can sign."))
    return door


def _forget() -> None:
    """Let this process read the doors anew; the others do within seconds."""
    forget(DOORS)
