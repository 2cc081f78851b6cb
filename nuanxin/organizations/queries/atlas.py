"""Every union that may matter for many cases at once, with the rules in force on a day: three statements in all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from nuanxin.organizations.queries.routing import RULES_OF_CHOSEN, gather
from nuanxin.organizations.rules.atlas import Atlas, KnownEmployer
from nuanxin.organizations.rules.facts import EmployerFacts
from nuanxin.organizations.states import ADMITTING_KINDS, ALWAYS_KINDS, UnionKind
from nuanxin.regions.models import Region
from nuanxin.regions.rules import is_code, prefixes_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

#: Kinds that stand for a place; the others come in by a scanned code, or by an employer they cover.
_PLACED: Final = sorted(map(str, {*ALWAYS_KINDS, *ADMITTING_KINDS, UnionKind.PLATFORM}))

_UNIONS: Final = (
    """
    WITH chosen AS (
        SELECT id FROM organizations_union
        WHERE closed_at IS NULL AND (
            level = 'nation' OR code = ANY(%(codes)s) OR id = ANY(%(ids)s)
            OR (kind = ANY(%(kinds)s) AND (region_id = ANY(%(prefixes)s) OR region_id LIKE %(within)s))
            OR path LIKE %(below)s
        )
        UNION
        SELECT rule.union_id FROM organizations_admissionrule AS rule
        JOIN organizations_union AS held ON held.id = rule.union_id
        WHERE held.closed_at IS NULL AND rule.region_codes <> '{}'
            AND (rule.region_codes && %(prefixes)s::varchar[]
                OR EXISTS (SELECT 1 FROM unnest(rule.region_codes) AS named (code) WHERE named.code LIKE %(within)s))
            AND rule.valid_from <= %(on)s AND (rule.valid_until IS NULL OR rule.valid_until > %(on)s)
    )
"""
    + RULES_OF_CHOSEN
)
_EMPLOYERS: Final = """
    SELECT DISTINCT ON (employer.id) employer.id, employer.name, employer.region_id, coverage.union_id, coverage.basis,
        ARRAY(
            SELECT link.platform_id FROM organizations_enterpriseplatform AS link
            WHERE link.enterprise_id = employer.id AND link.valid_from <= %(on)s
                AND (link.valid_until IS NULL OR link.valid_until > %(on)s)
            ORDER BY link.platform_id
        )
    FROM organizations_enterprise AS employer
    LEFT JOIN organizations_coverage AS coverage ON coverage.enterprise_id = employer.id
        AND coverage.valid_from <= %(on)s AND (coverage.valid_until IS NULL OR coverage.valid_until > %(on)s)
    WHERE employer.id = ANY(%(ids)s)
    ORDER BY employer.id, coverage.valid_from DESC
"""
#: A pattern that no code and no path has.
_NOWHERE: Final = "-"


def atlas_for(
    region_codes: Collection[str],
    *,
    on: date,
    employer_ids: Collection[UUID | None] = (),
    scanned_codes: Collection[str] = (),
    union_ids: Collection[UUID | None] = (),
) -> Atlas:
    """Return what routing may choose from in these regions, for these employers and scanned codes, on a day.

    :param employer_ids: those that are none are left out.
    :param union_ids: unions that must be among them although nothing sends anybody there yet.
    """
    codes = [code for code in set(region_codes) if is_code(code)]
    employers = _employers(employer_ids, on)
    covering = {known.facts.covered_by for known in employers.values() if known.facts.covered_by}
    unions = _rows(
        codes=[code for code in set(scanned_codes) if code],
        ids=[*covering, *(each for each in union_ids if each)],
        prefixes=sorted({prefix for code in codes for prefix in prefixes_of(code)}),
        on=on,
    )
    cities = dict(Region.objects.filter(code__in=codes).values_list("code", "city_code"))
    return Atlas(gather(unions), employers=employers, cities=cities)


def atlas_of_area(region_code: str, *, below: str, on: date) -> Atlas:
    """Return the unions that stand in a region or above it, and all those below a path; one statement.

    :param region_code: empty for the nation. Cities are left to the caller, who knows the places.
    """
    prefixes = prefixes_of(region_code) if region_code else []
    return Atlas(gather(_rows(prefixes=prefixes, within=f"{region_code}%", below=f"{below}%", on=on)))


def _rows(
    *,
    on: date,
    prefixes: Collection[str],
    codes: Collection[str] = (),
    ids: Collection[UUID] = (),
    within: str = _NOWHERE,
    below: str = _NOWHERE,
) -> list[tuple[Any, ...]]:
    parameters: dict[str, Any] = {
        "on": on,
        "prefixes": list(prefixes),
        "codes": list(codes),
        "ids": list(ids),
        "within": within,
        "below": below,
        "kinds": _PLACED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNIONS, parameters)
        return list(cursor.fetchall())


def _employers(ids: Collection[UUID | None], on: date) -> dict[UUID, KnownEmployer]:
    with connection.cursor() as cursor:
        cursor.execute(_EMPLOYERS, {"ids": [each for each in set(ids) if each], "on": on})
        return {
            key: KnownEmployer(EmployerFacts(key, name, region, union, basis or ""), tuple(platforms))
            for key, name, region, union, basis, platforms in cursor.fetchall()
        }
