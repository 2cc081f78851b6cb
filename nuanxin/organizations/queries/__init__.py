"""Reads of the organizations floor."""

from nuanxin.organizations.queries.enterprises import (
    EnterpriseHit,
    coverages_of,
    employer_by_code,
    get_enterprise,
    list_enterprises,
    platforms_of,
    search_enterprises,
    visible_enterprises,
)
from nuanxin.organizations.queries.lists import doors, listings, occupation_groups, occupation_sets, platforms
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.queries.rules import (
    Decided,
    RuleMissing,
    admission_rules_of,
    all_dated_rules,
    dated_rule,
    dated_rules,
)
from nuanxin.organizations.queries.unions import (
    ancestors_of,
    children_of,
    get_union,
    has_pool,
    is_set_up,
    public_union,
    search_unions,
    tops_of,
    visible_unions,
    with_counts,
)

__all__ = [
    "Decided",
    "EnterpriseHit",
    "RuleMissing",
    "admission_rules_of",
    "all_dated_rules",
    "ancestors_of",
    "candidates_for",
    "children_of",
    "coverages_of",
    "dated_rule",
    "dated_rules",
    "doors",
    "employer_by_code",
    "get_enterprise",
    "get_union",
    "has_pool",
    "is_set_up",
    "list_enterprises",
    "listings",
    "occupation_groups",
    "occupation_sets",
    "platforms",
    "platforms_of",
    "public_union",
    "search_enterprises",
    "search_unions",
    "tops_of",
    "visible_enterprises",
    "visible_unions",
    "with_counts",
]
