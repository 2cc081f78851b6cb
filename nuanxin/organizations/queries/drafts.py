"""Drafts: a rule or a coverage as it was typed, checked as its action checks it, and not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.organizations.models import AdmissionRule, Coverage, OccupationGroup, Platform, Union
from nuanxin.organizations.queries.routing import rule_facts
from nuanxin.organizations.rules.atlas import Draft
from nuanxin.organizations.rules.fields import needed, one_line
from nuanxin.organizations.states import COVERING_KINDS, EDIT_ENTERPRISES, EDIT_RULES, CoverageBasis, EmployerScope
from nuanxin.regions.queries import get_regions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Enterprise


def checked_rule(
    union: Union,
    *,
    employers: str,
    valid_from: date,
    source_note: str,
    occupation_groups: Sequence[str] = (),
    region_codes: Sequence[str] = (),
    platforms: Sequence[str] = (),
    valid_until: date | None = None,
    source_note_en: str = "",
) -> AdmissionRule:
    """Return an admission rule that may be kept, and is not.

    Refuses a closed union, unknown groups, platforms and regions, regions outside that of the parent union, an end
    that is not after the beginning, and a rule without a source.
    """
    if union.closed_at is not None:
        raise Conflict("union_closed", _("This union is closed."))
    check_dates(valid_from, valid_until)
    if employers not in EmployerScope.values:
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="employers")
    _check_listed(OccupationGroup.objects.values_list("code", flat=True), occupation_groups, "occupation_groups")
    _check_listed(Platform.objects.values_list("code", flat=True), platforms, "platforms")
    _check_areas(union, region_codes)
    return AdmissionRule(
        id=new_id(),
        union=union,
        employers=employers,
        occupation_groups=sorted(set(occupation_groups)),
        region_codes=sorted(set(region_codes)),
        platforms=sorted(set(platforms)),
        valid_from=valid_from,
        valid_until=valid_until,
        source_note=needed(source_note, field="source_note", most=200),
        source_note_en=one_line(source_note_en, field="source_note_en", most=200),
    )


def check_dates(valid_from: date, valid_until: date | None) -> None:
    """Refuse an end that is not after the beginning."""
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid("ends_before_start", _("The rule must end after it begins."), field="valid_until")


def _check_listed(known: Any, wanted: Sequence[str], field: str) -> None:
    if not set(wanted) <= set(known):
        raise Invalid("unknown_choice", _("This is not one of the choices."), field=field)


def _check_areas(union: Union, codes: Sequence[str]) -> None:
    if len(get_regions(codes)) != len(set(codes)):
        raise Invalid("unknown_region", _("Please choose the region from the list."), field="region_codes")
    above = (union.parent.region_id if union.parent else None) or ""
    if not all(code.startswith(above) for code in codes):
        raise Invalid(
            "region_outside_parent",
            _("A union admits only within the region of the union above it."),
            field="region_codes",
        )


def get_rule(union: Union, rule_id: UUID) -> AdmissionRule:
    """Return an admission rule of a union; refuse with NotFound another union's."""
    rule = AdmissionRule.objects.filter(pk=rule_id, union=union).first()
    if rule is None:
        raise NotFound
    return rule


def draft_rule(*, actor: Actor, union: Union, now: datetime, replaces: UUID | None = None, **typed: Any) -> Draft:
    """Return the draft of a new admission rule, or of one that takes the place of another from its first day on.

    :raises Invalid: whatever keeping it would refuse, and a rule that would be over already.
    """
    actor.require(EDIT_RULES, at=union)
    rule = checked_rule(union, **typed)
    on = max(local_day(now), rule.valid_from)
    if rule.valid_until is not None and rule.valid_until <= on:
        raise Invalid("rule_over", _("This rule would be over already: nobody could come by it."), field="valid_until")
    if replaces is not None:
        _check_open(get_rule(union, replaces), rule.valid_from)
    return Draft(on, union.pk, adds=rule_facts(rule), ends=replaces)


def draft_end(*, actor: Actor, union: Union, rule_id: UUID, on: date, now: datetime) -> Draft:
    """Return the draft of an admission rule's end. Refuses a rule of another union, and one that has ended before."""
    actor.require(EDIT_RULES, at=union)
    _check_open(get_rule(union, rule_id), on)
    return Draft(max(local_day(now), on), union.pk, ends=rule_id)


def _check_open(rule: AdmissionRule, on: date) -> None:
    if rule.valid_until is not None and rule.valid_until <= on:
        raise Conflict("already_ended", _("This rule has already ended."))


def draft_coverage(
    *, actor: Actor, enterprise: Enterprise, union: Union | None, on: date, now: datetime, basis: str = ""
) -> Draft:
    """Return the draft of another union for an employer's workers, or of none.

    Refuses what `cover_enterprise` and `end_coverage` refuse.
    """
    actor.require(EDIT_ENTERPRISES, at=enterprise)
    held = Coverage.objects.filter(enterprise=enterprise, valid_until=None).first()
    if union is None:
        if held is None:
            raise Conflict("not_covered", _("No union covers this enterprise."))
        if on <= held.valid_from:
            raise too_early(held)
    else:
        actor.require(EDIT_ENTERPRISES, at=union)
        check_covering(union, basis)
        if held and on < held.valid_from:
            raise too_early(held)
    return Draft(
        max(local_day(now), on), union.pk if union else None, employer=enterprise.pk, basis=basis if union else ""
    )


def check_covering(union: Union, basis: str) -> None:
    """Refuse a union that cannot cover employers, and an unknown basis."""
    if union.closed_at is not None:
        raise Conflict("union_closed", _("This union is closed."))
    if union.kind not in COVERING_KINDS:
        raise Invalid("cannot_cover", _("Federations and holding pools do not cover employers."), field="union")
    if basis not in CoverageBasis.values:
        raise Invalid("unknown_choice", _("This is not one of the choices."), field="basis")


def too_early(held: Coverage) -> Invalid:
    """Return the refusal of a day before the present coverage began."""
    return Invalid(
        "before_coverage",
        _("The present coverage began on %(day)s. Please choose a later day.") % {"day": held.valid_from},
        field="on",
    )
