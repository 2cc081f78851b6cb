"""Creating, editing, moving and closing unions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Concat, Length, Substr
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.events import announce
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.actions.events import UnionClosed, UnionMoved
from nuanxin.organizations.models import AdmissionRule, Coverage, Union
from nuanxin.organizations.rules import check_depth, check_not_below, check_placement, default_admission, new_path
from nuanxin.organizations.rules.fields import read_union_fields
from nuanxin.organizations.states import EDIT_UNIONS
from nuanxin.records.actions import record
from nuanxin.regions.queries import get_region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_ONLY_ONE = {
    "union_one_pool_per_region": _("This region already has a holding pool."),
    "union_one_federation_per_region": _("This region already has a federation."),
    "union_one_per_credit_code": _("Another union already has this credit code."),
}


def hold_tree(*, alone: bool) -> None:
    """Keep the tree from being moved until the transaction ends; alone, keep everybody else from changing it at all.

    A union created below one that is being moved would keep its old path: the move does not see it yet.
    """
    with connection.cursor() as cursor:
        how = "FOR NO KEY UPDATE" if alone else "FOR SHARE"
        cursor.execute(f"SELECT 1 FROM organizations_union WHERE level = 'nation' {how}")


def fresh_union(union: Union, *, alone: bool = False) -> Union:
    """Return a union as it is now, or refuse: it may have moved or closed since the page was shown.

    :param alone: wait for whoever is just writing that something belongs to it, and let nobody begin.
    """
    rows = Union.objects.filter(pk=union.pk)
    found = (rows.select_for_update() if alone else rows).first()
    if found is None:
        raise NotFound
    if found.closed_at is not None:
        raise Conflict("union_closed", _("This union is closed."))
    return found


def _one_only(error: IntegrityError) -> Conflict:
    for name, message in _ONLY_ONE.items():
        if name in str(error):
            field = "credit_code" if name.endswith("credit_code") else "region"
            return Conflict(name.removeprefix("union_"), message, field=field)
    raise error


@transaction.atomic
def create_union(*, actor: Actor, parent: Union, fields: Mapping[str, Any], now: datetime) -> Union:
    """Create a union under a parent, with the admission rule that is usual for its kind.

    Refuses a kind or level that does not stand there, a region outside the parent's, a second federation or pool of
    one region, a credit code that another union has. Source of the places: `rules.placement`.

    :param fields: `name, kind, level, region`, and what else is known of it: see `rules.fields`.
    """
    actor.require(EDIT_UNIONS, at=parent)
    hold_tree(alone=False)
    above = fresh_union(parent)
    own = read_union_fields(fields)
    kind, level, region = (str(fields.get(name) or "") for name in ("kind", "level", "region"))
    check_placement(
        kind=kind,
        level=level,
        region_code=region,
        parent_kind=above.kind,
        parent_level=above.level,
        parent_region=above.region_id or "",
    )
    _check_region(region)
    code = random_letters(8)
    place = {"kind": kind, "level": level, "region_id": region, "parent": above, "path": new_path(above.path, code)}
    union = _insert(Union(code=code, created_at=now, **place, **own))
    _admit_by_default(union, now)
    record(
        actor,
        "organizations.union_created",
        union,
        now=now,
        union_path=union.path,
        code=code,
        name=union.name,
        kind=kind,
        level=level,
        region=region,
    )
    return union


def _insert(union: Union) -> Union:
    try:
        with transaction.atomic():
            union.save(force_insert=True)
    except IntegrityError as error:
        raise _one_only(error) from None
    return union


def _admit_by_default(union: Union, now: datetime) -> None:
    """Set the admission rule that is usual for the kind, if there is one."""
    if scope := default_admission(union.kind):
        AdmissionRule(
            union=union,
            employers=scope,
            valid_from=local_day(now),
            source_note="建会时的默认入会规则",
            source_note_en="Usual rule for a union of this kind",
        ).save(force_insert=True)


def _check_region(code: str) -> None:
    try:
        region = get_region(code)
    except NotFound:
        raise Invalid("unknown_region", _("Please choose the region from the list."), field="region") from None
    if region.is_pseudo:
        raise Invalid(
            "region_fills_level",
            _("This row only fills a level of the list. Please choose the municipality, province or county itself."),
            field="region",
        )


@transaction.atomic
def edit_union(*, actor: Actor, union: Union, fields: Mapping[str, Any], now: datetime) -> Union:
    """Change what a union says of itself: names, credit code, contact, address, working hours, founding date.

    Kind, level and region never change: close the union and create another. Refuses what `rules.fields` refuses and a
    credit code that another union has. Saving what is there already changes and records nothing.
    """
    actor.require(EDIT_UNIONS, at=union)
    held = fresh_union(union)
    own = read_union_fields({name: getattr(held, name) for name in _OWN} | dict(fields))
    changed = sorted(name for name, value in own.items() if getattr(held, name) != value)
    if not changed:
        return held
    try:
        with transaction.atomic():
            Union.objects.filter(pk=held.pk, closed_at=None).update(**{name: own[name] for name in changed})
    except IntegrityError as error:
        raise _one_only(error) from None
    record(
        actor,
        "organizations.union_edited",
        held,
        now=now,
        union_path=held.path,
        fields=changed,
        old_name=held.name,
        new_name=own["name"],
    )
    for name in changed:
        setattr(held, name, own[name])
    return held


_OWN = (
    "name",
    "name_en",
    "credit_code",
    "contact",
    "contact_phone",
    "address",
    "working_hours",
    "founded_on",
)


@transaction.atomic
def move_union(*, actor: Actor, union: Union, parent: Union, now: datetime) -> Union:
    """Put a union with everything below it under another parent, in one statement.

    Refuses a move under itself or below itself, and every place that `create_union` refuses. The actor needs the
    permission at the union and at the new parent. Announces `UnionMoved`, so that numbers kept by path move along.
    """
    actor.require(EDIT_UNIONS, at=parent)
    actor.require(EDIT_UNIONS, at=union)
    hold_tree(alone=True)
    held, above = fresh_union(union), fresh_union(parent)
    if held.parent_id is None:
        raise Invalid("root_stays", _("The national federation stays at the root."), field="parent")
    if held.parent_id == above.pk:
        return held
    check_not_below(held.path, above.path)
    check_placement(
        kind=held.kind,
        level=held.level,
        region_code=held.region_id or "",
        parent_kind=above.kind,
        parent_level=above.level,
        parent_region=above.region_id or "",
    )
    old, new = held.path, new_path(above.path, held.code)
    _check_depth(old, new)
    Union.objects.filter(path__startswith=old).update(path=Concat(Value(new), Substr(F("path"), len(old) + 1)))
    Union.objects.filter(pk=held.pk).update(parent=above)
    held.path, held.parent = new, above
    record(
        actor,
        "organizations.union_moved",
        held,
        now=now,
        union_path=new,
        old_path=old,
        new_path=new,
        parent=above.code,
    )
    announce(UnionMoved(held, old, new, now))
    return held


def _check_depth(old: str, new: str) -> None:
    """Refuse when the deepest union below would stand too deep."""
    deepest = (
        Union.objects.filter(path__startswith=old).order_by(Length("path").desc()).values_list("path", flat=True)[0]
    )
    check_depth(new + deepest[len(old) :])


@transaction.atomic
def close_union(*, actor: Actor, union: Union, reason: str, now: datetime) -> Union:
    """Close a union; its code is never used again.

    Refuses while an open union stands below it or an enterprise is still covered by it. Announces `UnionClosed`: the
    floors above refuse in turn while they have business with it (applications, members).
    """
    actor.require(EDIT_UNIONS, at=union)
    hold_tree(alone=True)
    held = fresh_union(union, alone=True)
    if held.parent_id is None:
        raise Invalid("root_stays", _("The national federation stays at the root."))
    why = reason.strip()
    if not why:
        raise Invalid("missing", _("Please write the reason."), field="reason")
    below = Union.objects.filter(parent=OuterRef("pk"), closed_at=None)
    covering = Coverage.objects.filter(union=OuterRef("pk"), valid_until=None)
    closed = Union.objects.filter(~Exists(below), ~Exists(covering), pk=held.pk, closed_at=None).update(closed_at=now)
    if not closed:
        raise Conflict(
            "union_in_use",
            _("There are still unions below this one, or enterprises it covers. Move or close those first."),
        )
    held.closed_at = now
    record(actor, "organizations.union_closed", held, now=now, union_path=held.path, reason=why[:200])
    announce(UnionClosed(held, now))
    return held


@transaction.atomic
def reopen_union(*, actor: Actor, union: Union, now: datetime) -> Union:
    """Open a closed union again, with everything it had.

    Refuses while its parent is closed, and a second pool or federation of one region.
    """
    actor.require(EDIT_UNIONS, at=union)
    hold_tree(alone=False)
    held = Union.objects.select_related("parent").get(pk=union.pk)
    if held.parent and held.parent.closed_at:
        raise Conflict("parent_closed", _("The parent union is closed. Open that one first."))
    try:
        with transaction.atomic():
            opened = Union.objects.filter(pk=held.pk, closed_at__isnull=False).update(closed_at=None)
    except IntegrityError as error:
        raise _one_only(error) from None
    if opened:
        record(actor, "organizations.union_reopened", held, now=now, union_path=held.path)
    held.closed_at = None
    return held
