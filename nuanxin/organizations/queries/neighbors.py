"""Unions that somebody looks for by name near a place: their names and rules are public."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Length

from nuanxin.organizations.models import AdmissionRule, Union
from nuanxin.organizations.queries.routing import facts_of
from nuanxin.organizations.queries.unions import matching

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from nuanxin.organizations.rules.facts import UnionFacts


def unions_named(text: str, *, near: str, on: date, limit: int = 20) -> list[UnionFacts]:
    """Return open unions of a region that a typed text may mean, with their admission rules, in two statements.

    Names that begin with the text before others, then the shortest.

    :param near: code of the region in which to look; empty for everywhere.
    """
    found = list(
        Union.objects.filter(matching(text, ("code",)), closed_at=None, region__code__startswith=near).order_by(
            Length("name"), "name", "pk"
        )[:limit]
    )
    in_force = Q(valid_from__lte=on) & (Q(valid_until=None) | Q(valid_until__gt=on))
    rules: dict[UUID, list[AdmissionRule]] = defaultdict(list)
    for rule in AdmissionRule.objects.filter(in_force, union__in=found).order_by("valid_from", "pk"):
        rules[rule.union_id].append(rule)
    return [facts_of(union, rules[union.pk]) for union in found]
