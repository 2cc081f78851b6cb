"""Admission rules and every other dated rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.organizations.actions.seed import NATIONAL_CODE
from nuanxin.organizations.models import AdmissionRule, DatedRule, Union
from nuanxin.organizations.queries.drafts import check_dates, checked_rule, get_rule
from nuanxin.organizations.queries.rules import forget_rules
from nuanxin.organizations.rules.fields import needed
from nuanxin.organizations.rules.parameters import read_value
from nuanxin.organizations.states import EDIT_RULES, UnionKind
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: Where rules and lists that hold for the whole installation are edited.
ROOT_PATH = f"/{NATIONAL_CODE}/"


@transaction.atomic
def set_admission_rule(
    *,
    actor: Actor,
    union: Union,
    employers: str,
    valid_from: date,
    source_note: str,
    now: datetime,
    occupation_groups: Sequence[str] = (),
    region_codes: Sequence[str] = (),
    platforms: Sequence[str] = (),
    valid_until: date | None = None,
    source_note_en: str = "",
) -> AdmissionRule:
    """Let a union admit workers directly, from a day on.

    Refuses what `queries.drafts.checked_rule` refuses.
    """
    actor.require(EDIT_RULES, at=union)
    rule = checked_rule(
        union,
        employers=employers,
        valid_from=valid_from,
        source_note=source_note,
        occupation_groups=occupation_groups,
        region_codes=region_codes,
        platforms=platforms,
        valid_until=valid_until,
        source_note_en=source_note_en,
    )
    rule.save(force_insert=True)
    record(
        actor,
        "organizations.admission_rule_set",
        rule,
        now=now,
        union_path=union.path,
        union=union.code,
        employers=employers,
        occupation_groups=rule.occupation_groups,
        region_codes=rule.region_codes,
        platforms=rule.platforms,
        valid=f"{valid_from} – {valid_until or ''}",
    )
    return rule


@transaction.atomic
def change_admission_rule(
    *, actor: Actor, union: Union, rule_id: UUID, valid_from: date, now: datetime, **typed: Any
) -> AdmissionRule:
    """Let an admission rule end on the day on which another one takes its place; both stay on record.

    Refuses what setting the new one and ending the old one refuse.
    """
    end_admission_rule(actor=actor, union=union, rule_id=rule_id, on=valid_from, now=now)
    return set_admission_rule(actor=actor, union=union, valid_from=valid_from, now=now, **typed)


@transaction.atomic
def end_admission_rule(*, actor: Actor, union: Union, rule_id: UUID, on: date, now: datetime) -> AdmissionRule:
    """End an admission rule on a day; one that has not begun by then is taken back altogether.

    Refuses a rule of another union, and one that has ended before.
    """
    actor.require(EDIT_RULES, at=union)
    rule = get_rule(union, rule_id)
    if on <= rule.valid_from:
        AdmissionRule.objects.filter(pk=rule.pk).delete()
    elif not AdmissionRule.objects.filter(Q(valid_until=None) | Q(valid_until__gt=on), pk=rule.pk).update(
        valid_until=on
    ):
        raise Conflict("already_ended", _("This rule has already ended."))
    record(actor, "organizations.admission_rule_ended", rule, now=now, union_path=union.path, on=str(on))
    return rule


@transaction.atomic
def set_dated_rule(
    *,
    actor: Actor,
    name: str,
    value: object,
    valid_from: date,
    source_note: str,
    now: datetime,
    union: Union | None = None,
    region_code: str = "",
    valid_until: date | None = None,
) -> DatedRule:
    """Set a parameter for a union's subtree, a region, or everywhere; the open row of the same scope ends that day.

    Refuses an unknown name, a value out of bounds, both scopes at once, and a beginning before the open row's. For a
    region the permission is needed at its federation, for everywhere at the root.
    """
    if union is not None and region_code:
        raise Invalid("one_scope", _("Please choose a union or a region, not both."), field="region")
    place = _scope_path(union, region_code)
    actor.require(EDIT_RULES, at=place)
    kept = read_value(name, value)
    check_dates(valid_from, valid_until)
    note = needed(source_note, field="source_note", most=200)
    scope = {"name": name, "union": union, "region_id": region_code or None}
    held = _end_present(scope, valid_from)
    rule = DatedRule(**scope, value=kept, valid_from=valid_from, valid_until=valid_until, source_note=note)
    rule.save(force_insert=True)
    record(
        actor,
        "organizations.dated_rule_set",
        rule,
        now=now,
        union_path=place,
        name=name,
        before=held.value if held else None,
        after=kept,
        valid_from=str(valid_from),
        source_note=note,
    )
    transaction.on_commit(forget_rules)
    return rule


def _end_present(scope: dict[str, Any], on: date) -> DatedRule | None:
    """End the open row of the same scope on the day a new one begins, and return it as it was."""
    held = DatedRule.objects.select_for_update().filter(**scope, valid_until=None).order_by("-valid_from").first()
    if held and held.valid_from > on:
        raise Invalid(
            "before_present_rule",
            _("The present rule began on %(day)s. Please choose a later day.") % {"day": held.valid_from},
            field="valid_from",
        )
    if held and held.valid_from == on:
        DatedRule.objects.filter(pk=held.pk).delete()
    elif held:
        DatedRule.objects.filter(pk=held.pk).update(valid_until=on)
    return held


def _scope_path(union: Union | None, region_code: str) -> str:
    if union is not None:
        return union.path
    if not region_code:
        return ROOT_PATH
    federation = Union.objects.filter(kind=UnionKind.FEDERATION, region_id=region_code, closed_at=None).first()
    if federation is None:
        raise Invalid("no_federation", _("No federation answers for this region yet."), field="region")
    return federation.path
