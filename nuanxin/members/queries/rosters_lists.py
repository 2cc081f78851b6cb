"""What the words of a roster are looked up in: lists, places, employers, and the union that each row leads to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from nuanxin.members.queries.trials.cases import VILLAGE_ENDS, endings_of, narrowed
from nuanxin.members.rules.rosters.cells import (
    AMBIGUOUS_PLACE,
    GROUP_NAMES,
    UNKNOWN_PLACE,
    Lists,
    kind_names,
    names_of,
)
from nuanxin.members.rules.routing import Applicant, Route
from nuanxin.members.rules.trials.replay import Case, Router
from nuanxin.organizations.models import Coverage, Enterprise
from nuanxin.organizations.queries.atlas import atlas_for
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.regions.models import Region
from nuanxin.regions.queries import full_names
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from nuanxin.members.rules.applicants import Fields
    from nuanxin.organizations.models import Union

#: A place is looked for by name inside the union's city first, then inside its province, then everywhere.
_CIRCLES: Final = (4, 2, 0)


class Places:
    """Finds places by code or by name, each text once."""

    def __init__(self, near: str) -> None:
        self._near = near
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return the code of a place, or a problem's code after a question mark."""
        code = self._known.get(text)
        if code is None:
            code = self._known[text] = self._named(text)
        return code

    def learn(self, texts: Iterable[str]) -> None:
        """Look many codes up at once."""
        fresh = {text for text in texts if text not in self._known and text.isascii() and text.isdigit()}
        if fresh:
            found = set(Region.objects.filter(code__in=fresh, closed_on=None).values_list("code", flat=True))
            # a code that is too short or none at all is judged with the other fields
            self._known |= {code: code if code in found or len(code) < 6 else UNKNOWN_PLACE for code in fresh}

    def _named(self, text: str) -> str:
        if text.isascii() and text.isdigit():
            self.learn([text])
            return self._known[text]
        endings = endings_of(text)
        spelled = {name + end for name in endings for end in VILLAGE_ENDS}
        for size in _CIRCLES:
            if size and len(self._near) < size:
                continue
            rows = Region.objects.filter(
                code__startswith=self._near[:size], name__in=spelled, level__gte=Level.CITY, closed_on=None
            )
            found: dict[str, list[str]] = {}
            for code, name in rows.filter(is_pseudo=False).order_by("code").values_list("code", "name")[:200]:
                for end in VILLAGE_ENDS:
                    if name.endswith(end):
                        found.setdefault(name[: len(name) - len(end)], []).append(code)
            whole = full_names([code for codes in found.values() for code in codes])
            fitting = narrowed(text, endings, found, whole)
            if fitting:
                return fitting[0] if len(set(fitting)) == 1 else AMBIGUOUS_PLACE
        return UNKNOWN_PLACE


def lists_for(union: Union, defaults: Mapping[str, str], *, on: date) -> Lists:
    """Return what the cells of a roster for a union are looked up in."""
    groups, platforms = open_groups(on), open_platforms(on)
    return Lists(
        groups=names_of(((row.pk, row.name, row.name_en) for row in groups.values()), GROUP_NAMES),
        platforms=names_of((row.pk, row.name, row.name_en) for row in platforms.values()),
        places=Places(union.region_id or ""),
        kinds=kind_names(),
        defaults={key: value for key, value in defaults.items() if value},
    )


@dataclass
class Employers:
    """Finds open enterprises by credit code or by whole name, each once; a name that several bear finds none."""

    on: date
    _known: dict[str, UUID | None] = field(default_factory=dict)
    #: The union that covers each enterprise found.
    covered_by: dict[UUID, UUID] = field(default_factory=dict)

    def learn(self, texts: Collection[str]) -> None:
        """Look many up at once, by two statements."""
        fresh = {text for text in texts if text and text not in self._known}
        if not fresh:
            return
        rows = list(
            Enterprise.objects.filter(Q(credit_code__in=fresh) | Q(name__in=fresh), closed_at=None)
            .order_by("pk")
            .values_list("pk", "credit_code", "name")
        )
        named: dict[str, list[UUID]] = {}
        for pk, code, name in rows:
            named.setdefault(name, []).append(pk)
            if code:
                named[code] = [pk]
        for text in fresh:
            found = named.get(text, [])
            self._known[text] = found[0] if len(found) == 1 else None
        self.cover([pk for pk, _code, _name in rows])

    def cover(self, ids: Collection[UUID]) -> None:
        """Look up which unions cover enterprises on the day."""
        rows = Coverage.objects.filter(enterprise__in=ids, valid_from__lte=self.on, union__closed_at=None)
        rows = rows.filter(Q(valid_until=None) | Q(valid_until__gt=self.on))
        self.covered_by |= dict(rows.order_by("valid_from").values_list("enterprise_id", "union_id"))

    def find(self, fields: Fields) -> UUID | None:
        """Return the enterprise that a row names: by its credit code, else by its name."""
        code, name = fields.employer_credit_code, fields.employer_name
        return (self._known.get(code) if code else None) or (self._known.get(name) if name else None)


@dataclass
class Routes:
    """Leads rows to unions as a scanned code of the roster's union would, each combination once."""

    union: Union
    on: date
    _known: dict[tuple[UUID | None, str, str, str], Route | None] = field(default_factory=dict)

    def learn(self, wanted: Iterable[tuple[Fields, UUID | None]]) -> None:
        """Route what is new among rows and their employers, all by three statements."""
        fresh = {(who, f.region_code, f.occupation_group, f.platform): f for f, who in wanted}
        fresh = {key: fields for key, fields in fresh.items() if key not in self._known}
        if not fresh:
            return
        atlas = atlas_for(
            {region for _who, region, _group, _platform in fresh},
            on=self.on,
            employer_ids={who for who, *_rest in fresh},
            scanned_codes=[self.union.code],
        )
        router = Router(atlas)
        for key, fields in fresh.items():
            who, region, group, platform = key
            applicant = Applicant(group, region, platform, "" if who else fields.employer_name)
            self._known[key] = router.route(Case("", applicant, who, self.union.code))

    def of(self, fields: Fields, employer: UUID | None) -> Route | None:
        """Return the route of a row that was learned; None where no union answers."""
        return self._known[employer, fields.region_code, fields.occupation_group, fields.platform]
