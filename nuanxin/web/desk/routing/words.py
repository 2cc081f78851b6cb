"""Drafts and findings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from nuanxin.organizations.queries import occupation_groups, platforms
from nuanxin.organizations.states import EmployerScope
from nuanxin.regions.queries import get_regions
from nuanxin.regions.rules import parent_of
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from nuanxin.organizations.models import AdmissionRule, Enterprise, Union


def joined(names: Iterable[str]) -> str:
    """Join names as the reader's language does."""
    return _(", ").join(names)


def group_names() -> dict[str, str]:
    """Return the names of the occupation groups by code."""
    return {group.code: local_name(group) for group in occupation_groups()}


def platform_names() -> dict[str, str]:
    """Return the names of the platforms by code, closed ones too."""
    return {platform.code: local_name(platform) for platform in platforms(closed=True)}


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Return short names of places, with the unit above each, in one statement."""
    wanted = set(codes)
    regions = get_regions({code for each in wanted for code in (each, parent_of(each)) if code})
    names = {}
    for code in wanted:
        above = regions.get(parent_of(code) or "")
        parts = [above if above and not above.is_pseudo else None, regions.get(code)]
        names[code] = " ".join(local_name(part) for part in parts if part) or code
    return names


def rule_in_words(rule: AdmissionRule | Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return an admission rule, kept or as typed, as labels and values."""

    def of(name: str) -> Any:
        return rule[name] if isinstance(rule, dict) else getattr(rule, name)

    groups, named = group_names(), platform_names()
    places = place_names(of("region_codes"))
    return [
        (_("Whose workers"), str(EmployerScope(of("employers")).label)),
        (_("Occupation groups"), joined(groups.get(code, code) for code in of("occupation_groups")) or _("all")),
        (_("Platforms"), joined(named.get(code, code) for code in of("platforms")) or _("all")),
        (_("Regions"), joined(places[code] for code in of("region_codes")) or _("its own")),
        (_("From"), date_cn(of("valid_from"))),
        (_("Until"), date_cn(of("valid_until")) or "—"),
        (_("Source"), of("source_note")),
    ]


def coverage_in_words(enterprise: Enterprise, union: Union | None, on: date) -> list[tuple[str, str]]:
    """Return the coverage of an employer as labels and values."""
    return [
        (_("Enterprise"), enterprise.name),
        (_("Covering union"), local_name(union) if union else _("none any more")),
        (_("From"), date_cn(on)),
    ]
