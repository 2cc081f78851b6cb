"""What routing may choose from, in two statements whatever the size of the tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.rules.facts import AdmissionFacts, Candidates, EmployerFacts, UnionFacts
from nuanxin.organizations.states import ADMITTING_KINDS, ALWAYS_KINDS
from nuanxin.regions.rules import is_code, prefixes_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from nuanxin.organizations.models import AdmissionRule, Union

_ALWAYS: Final = sorted(map(str, ALWAYS_KINDS))
_ADMITTING: Final = sorted(map(str, ADMITTING_KINDS))

_PLACE: Final = """
    SELECT region.city_code, employer.id, employer.name, employer.region_id,
        coverage.union_id, coverage.basis,
        ARRAY(
            SELECT link.platform_id FROM organizations_enterpriseplatform AS link
            WHERE link.enterprise_id = employer.id AND link.valid_from <= %(on)s
                AND (link.valid_until IS NULL OR link.valid_until > %(on)s)
            ORDER BY link.platform_id
        )
    FROM regions_region AS region
    LEFT JOIN organizations_enterprise AS employer ON employer.id = %(employer)s
    LEFT JOIN organizations_coverage AS coverage ON coverage.enterprise_id = employer.id
        AND coverage.valid_from <= %(on)s AND (coverage.valid_until IS NULL OR coverage.valid_until > %(on)s)
    WHERE region.code = %(region)s
    ORDER BY coverage.valid_from DESC LIMIT 1
"""
#: What `gather` takes: the unions of the common table `chosen`, a row for each of their rules in force on a day.
RULES_OF_CHOSEN: Final = """
    SELECT held.id, held.code, held.name, held.name_en, held.kind, held.level, held.path,
        coalesce(held.region_id, ''),
        rule.id, rule.employers, rule.occupation_groups, rule.region_codes, rule.platforms,
        rule.source_note, rule.source_note_en
    FROM chosen
    JOIN organizations_union AS held USING (id)
    LEFT JOIN organizations_admissionrule AS rule ON rule.union_id = held.id
        AND rule.valid_from <= %(on)s AND (rule.valid_until IS NULL OR rule.valid_until > %(on)s)
    ORDER BY length(coalesce(held.region_id, '')), held.code, rule.valid_from, rule.id
"""
_UNIONS: Final = (
    """
    WITH chosen AS (
        SELECT id FROM organizations_union WHERE (code = %(scanned)s OR id = %(covering)s) AND closed_at IS NULL
        UNION
        SELECT id FROM organizations_union
        WHERE region_id = ANY(%(prefixes)s) AND kind = ANY(%(always)s) AND closed_at IS NULL
        UNION
        SELECT id FROM organizations_union WHERE level = 'nation' AND closed_at IS NULL
        UNION
        SELECT held.id FROM organizations_union AS held
        JOIN organizations_admissionrule AS rule ON rule.union_id = held.id
        WHERE held.region_id = ANY(%(prefixes)s) AND held.closed_at IS NULL
            AND (held.kind = ANY(%(admitting)s)
                OR (held.kind = 'platform' AND (rule.platforms = '{}' OR rule.platforms && %(platforms)s::varchar[])))
            AND rule.valid_from <= %(on)s AND (rule.valid_until IS NULL OR rule.valid_until > %(on)s)
        UNION
        SELECT rule.union_id FROM organizations_admissionrule AS rule
        JOIN organizations_union AS held ON held.id = rule.union_id
        WHERE rule.region_codes && %(prefixes)s::varchar[] AND held.closed_at IS NULL
            AND (rule.platforms = '{}' OR rule.platforms && %(platforms)s::varchar[])
            AND rule.valid_from <= %(on)s AND (rule.valid_until IS NULL OR rule.valid_until > %(on)s)
    )
"""
    + RULES_OF_CHOSEN
)


@dataclass(frozen=True, slots=True)
class _Place:
    city_code: str
    employer: EmployerFacts | None
    platforms: tuple[str, ...] = ()


def candidates_for(
    *,
    region_code: str,
    employer_id: UUID | None = None,
    platform: str | None = None,
    group_code: str,
    scanned_code: str | None = None,
    on: date,
) -> Candidates:
    """Return every union that may be relevant for one applicant, with the admission rules in force on a day.

    These are: the scanned union; the union that covers the employer; federations and pools of the region and of all
    above it, up to the nation; industry, new-employment, chain and local unions of the same regions that admit anybody
    directly; platform unions of the platform; and unions elsewhere whose rule names one of these regions.
    Which of them it is, the rules of routing decide: nothing is left out for its group or its employers.

    :param group_code: kept for the caller's sake; a union that admits other groups belongs into the reasons, too.
    :raises Invalid: the region does not exist.
    """
    del group_code
    place = _place(region_code, employer_id, on)
    parameters = {
        "scanned": scanned_code or "",
        "covering": place.employer.covered_by if place.employer else None,
        "prefixes": prefixes_of(region_code),
        "always": _ALWAYS,
        "admitting": _ADMITTING,
        "platforms": sorted({*([platform] if platform else []), *place.platforms}),
        "on": on,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNIONS, parameters)
        unions = gather(cursor.fetchall())
    return Candidates(
        region_code,
        place.city_code,
        next((union.id for union in unions if union.code == scanned_code), None),
        _if_open(place.employer, unions),
        unions,
    )


def _place(region_code: str, employer_id: UUID | None, on: date) -> _Place:
    row = None
    if is_code(region_code):
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, {"region": region_code, "employer": employer_id, "on": on})
            row = cursor.fetchone()
    if row is None:
        raise Invalid("unknown_region", _("Please choose where you work from the list."), field="region_code")
    city_code, employer, name, region, union, basis, platforms = row
    if employer is None:
        return _Place(city_code, None)
    return _Place(city_code, EmployerFacts(employer, name, region, union, basis or ""), tuple(platforms))


def _if_open(employer: EmployerFacts | None, unions: tuple[UnionFacts, ...]) -> EmployerFacts | None:
    """Return the employer without its union when that union has closed."""
    if employer is None or employer.covered_by in {None, *(union.id for union in unions)}:
        return employer
    return EmployerFacts(employer.id, employer.name, employer.region_code)


def gather(rows: list[tuple[Any, ...]]) -> tuple[UnionFacts, ...]:
    """Return one fact for each union, out of rows of which there is one for each admission rule."""
    heads: dict[UUID, tuple[Any, ...]] = {}
    rules: dict[UUID, list[AdmissionFacts]] = {}
    for row in rows:
        heads.setdefault(row[0], row[:8])
        kept = rules.setdefault(row[0], [])
        if row[8] is not None:
            kept.append(AdmissionFacts(row[8], row[9], tuple(row[10]), tuple(row[11]), tuple(row[12]), *row[13:15]))
    return tuple(_fact(head, tuple(rules[key])) for key, head in heads.items())


def _fact(head: tuple[Any, ...], admission: tuple[AdmissionFacts, ...]) -> UnionFacts:
    key, code, name, name_en, kind, level, path, region_code = head
    return UnionFacts(key, code, name, name_en, kind, level, path, region_code, admission)


def facts_of(union: Union, rules: Sequence[AdmissionRule]) -> UnionFacts:
    """Return a union and its admission rules, both fetched before, as the facts routing works on."""
    return UnionFacts(
        union.pk,
        union.code,
        union.name,
        union.name_en,
        union.kind,
        union.level,
        union.path,
        union.region_id or "",
        tuple(rule_facts(rule) for rule in rules),
    )


def rule_facts(rule: AdmissionRule) -> AdmissionFacts:
    """Return an admission rule, kept or not, as the facts routing works on."""
    return AdmissionFacts(
        rule.pk,
        rule.employers,
        tuple(rule.occupation_groups),
        tuple(rule.region_codes),
        tuple(rule.platforms),
        rule.source_note,
        rule.source_note_en,
    )
