"""Where an application would go, and why, with nothing written: for the last step of applying and for anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nuanxin.kernel.clock import local_day
from nuanxin.members.rules.applicants import check_place
from nuanxin.members.rules.routing import Applicant, Route, route
from nuanxin.organizations.queries.enterprises import find_employer
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.organizations.queries.routing import candidates_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def explain_route(raw: Mapping[str, Any], *, scanned_code: str = "", now: datetime) -> Route:
    """Return the route of somebody with this trade, area, employer and platform.

    :param raw: `occupation_group, region_code`, and if wanted `employer_credit_code, employer_name, platform`.
    :raises Invalid: fields; all errors at once.
    """
    day = local_day(now)
    place = check_place(raw, groups=open_groups(day), platforms=open_platforms(day))
    employer = find_employer(place.employer_credit_code) if place.employer_credit_code else None
    candidates = candidates_for(
        region_code=place.region_code,
        employer_id=employer.pk if employer else None,
        platform=place.platform,
        group_code=place.occupation_group,
        scanned_code=scanned_code,
        on=day,
    )
    applicant = Applicant(
        group=place.occupation_group,
        region_code=place.region_code,
        platform=place.platform,
        employer_name="" if employer else place.employer_name or place.employer_credit_code,
    )
    return route(applicant, candidates)
