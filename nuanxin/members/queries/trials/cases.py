"""Cases that somebody typed or pasted: each line read, then all of them routed over one atlas. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import local_day
from nuanxin.members.rules.applicants import LEAST_REGION
from nuanxin.members.rules.routing import Applicant
from nuanxin.members.rules.trials.replay import Case, Router
from nuanxin.organizations.models import Enterprise, Union
from nuanxin.organizations.queries.atlas import atlas_for
from nuanxin.organizations.queries.lists import open_groups, open_platforms
from nuanxin.organizations.states import EDIT_RULES
from nuanxin.regions.models import Region
from nuanxin.regions.queries import full_names
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.rules.routing import Route
    from nuanxin.members.rules.trials.lines import Line

#: What the register adds to the name of a village that people leave out.
VILLAGE_ENDS: Final = ("", "居委会", "社区居委会", "村委会", "居民委员会", "村民委员会", "社区居民委员会", "村村委会")
#: What the name of a unit above ends in: after it another name may begin.
_UNIT_ENDS: Final = frozenset("省市区县旗州盟镇乡道处")


@dataclass(frozen=True, slots=True)
class Routed:
    """A line that could be read, as it was understood, and where it goes."""

    line: Line
    case: Case
    place: str
    group: Any
    platform: Any
    employer: str
    scanned: str
    route: Route | None

    @property
    def as_text(self) -> str:
        """Return the line in codes, as it may be pasted again."""
        applicant = self.case.applicant
        return f"{applicant.region_code}\t{applicant.group}\t{applicant.platform}\t{self.employer}\t{self.scanned}"


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that could not be read, and everything that is wrong with it."""

    line: Line
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of a list: lines with their routes, and lines to mend."""

    routed: list[Routed]
    unread: list[Unread]


def route_lines(actor: Actor, lines: Sequence[Line], *, now: datetime) -> Answers:
    """Read and route a list of cases; ten statements at most, whatever its length.

    Trade and platform are codes or names in either language; a place is a code, or a name inside the actor's own
    area; an employer is a credit code or a whole name, and counts as unknown when the register has none such.
    """
    day = local_day(now)
    groups, platforms = _by_name(open_groups(day)), _by_name(open_platforms(day))
    places = _Places(actor, {line.cells.get("place", "") for line in lines})
    employers = _employers({line.cells.get("employer", "") for line in lines})
    unions = _unions({line.cells.get("scanned", "") for line in lines})
    read: list[tuple[Line, Case, str, Any, Any, str, str]] = []
    unread = []
    for line in lines:
        cells = line.cells
        wrong: list[str] = []
        place = places.find(cells.get("place", ""), wrong)
        group = _chosen(cells.get("group", ""), groups, _("Occupation"), wrong, needed=True)
        platform = _chosen(cells.get("platform", ""), platforms, _("Platform"), wrong)
        named = employers.get(cells.get("employer", ""), [])
        scanned = _scanned(cells.get("scanned", ""), unions, wrong)
        if len(named) > 1:
            wrong.append(
                _("Several employers are called “%(name)s”: please give the credit code.") % {"name": named[0][1]}
            )
        if wrong or place is None or group is None:
            unread.append(Unread(line, tuple(wrong)))
            continue
        typed = cells.get("employer", "")
        applicant = Applicant(group.pk, place, platform.pk if platform else "", "" if named else typed)
        case = Case(str(line.number), applicant, named[0][0] if named else None, scanned, line=line.number)
        read.append((line, case, place, group, platform, typed, scanned))
    atlas = atlas_for(
        {case.applicant.region_code for _line, case, *_rest in read},
        employer_ids={case.employer_id for _line, case, *_rest in read},
        scanned_codes={case.scanned_code for _line, case, *_rest in read},
        on=day,
    )
    router = Router(atlas)
    return Answers([Routed(*each, router.route(each[1])) for each in read], unread)


def _by_name(rows: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): row for code, row in rows.items() for name in (code, row.name, row.name_en) if name}


def _chosen(text: str, known: Mapping[str, Any], what: str, wrong: list[str], *, needed: bool = False) -> Any:
    if not text:
        if needed:
            wrong.append(_("%(what)s is missing.") % {"what": what})
        return None
    found = known.get(text.lower())
    if found is None:
        wrong.append(_("%(what)s “%(text)s” is not in the list.") % {"what": what, "text": text})
    return found


def _employers(texts: Iterable[str]) -> dict[str, list[tuple[UUID, str]]]:
    """Return the open enterprises that each text names: by credit code, else by its whole name."""
    wanted = {text for text in texts if text}
    codes = {text.upper() for text in wanted}
    rows = Enterprise.objects.filter(Q(credit_code__in=codes) | Q(name__in=wanted), closed_at=None)
    found: dict[str, list[tuple[UUID, str]]] = defaultdict(list)
    by_code = {}
    for pk, name, code in rows.order_by("name", "pk").values_list("pk", "name", "credit_code"):
        found[name].append((pk, name))
        by_code[code] = (pk, name)
    return {text: [by_code[text.upper()]] if text.upper() in by_code else found.get(text, []) for text in wanted}


def _unions(texts: Iterable[str]) -> dict[str, list[str]]:
    wanted = {text for text in texts if text}
    rows = Union.objects.filter(Q(code__in={text.upper() for text in wanted}) | Q(name__in=wanted), closed_at=None)
    found: dict[str, list[str]] = defaultdict(list)
    for code, name in rows.order_by("code").values_list("code", "name"):
        found[code].append(code)
        found[name].append(code)
    return found


def _scanned(text: str, unions: Mapping[str, list[str]], wrong: list[str]) -> str:
    if not text:
        return ""
    found = unions.get(text.upper()) or unions.get(text) or []
    if len(found) != 1:
        words = (
            _("Several unions are called “%(text)s”: please give the code.")
            if found
            else _("No open union has the code or name “%(text)s”.")
        )
        wrong.append(words % {"text": text})
        return ""
    return found[0]


class _Places:
    """Finds the places that a list names, by code anywhere, by name inside the area of the actor's unions."""

    def __init__(self, actor: Actor, texts: Iterable[str]) -> None:
        wanted = {text for text in texts if text}
        digits = {text for text in wanted if text.isascii() and text.isdigit()}
        names = {text: endings_of(text) for text in wanted - digits}
        self._codes = set(Region.objects.filter(code__in=digits, closed_on=None).values_list("code", flat=True))
        self._named: dict[str, list[str]] = {}
        found = self._regions(actor, {ending for endings in names.values() for ending in endings})
        whole = full_names([code for codes in found.values() for code in codes])
        for text, endings in names.items():
            self._named[text] = narrowed(text, endings, found, whole)

    @staticmethod
    def _regions(actor: Actor, names: set[str]) -> dict[str, list[str]]:
        reach = actor.reach(EDIT_RULES)
        areas = (
            [""]
            if "/" in reach
            else [
                code or ""
                for code in Union.objects.filter(path__in=reach).order_by("path").values_list("region_id", flat=True)
            ]
        )
        inside = Q(pk__in=[])
        for area in areas:
            inside |= Q(code__startswith=area)
        spelled = {name + end for name in names for end in VILLAGE_ENDS}
        rows = Region.objects.filter(inside, name__in=spelled, level__gte=Level.COUNTY, closed_on=None, is_pseudo=False)
        found: dict[str, list[str]] = defaultdict(list)
        for code, name in rows.order_by("code").values_list("code", "name"):
            for end in VILLAGE_ENDS:
                if name.endswith(end):
                    found[name[: len(name) - len(end)]].append(code)
        return found

    def find(self, text: str, wrong: list[str]) -> str | None:
        """Return the code of a place; say what is wrong when there is none, or not just one."""
        if not text:
            wrong.append(_("The place is missing."))
        elif text.isascii() and text.isdigit():
            if text not in self._codes:
                wrong.append(_("There is no region with the code “%(text)s”.") % {"text": text})
            elif len(text) < LEAST_REGION:
                wrong.append(_("“%(text)s” is too wide: please give at least the county or district.") % {"text": text})
            else:
                return text
        else:
            found = self._named.get(text, [])
            if len(found) == 1:
                return found[0]
            words = (
                _("Several places are called “%(text)s”: please give the code, or the names above it, too.")
                if found
                else _("No place in your area is called “%(text)s”.")
            )
            wrong.append(words % {"text": text})
        return None


def endings_of(text: str) -> list[str]:
    """Return what may be the place's own name: the last word, or what follows a unit above in names written as one."""
    words = text.replace("/", " ").replace("·", " ").replace(">", " ").split()
    if len(words) > 1:
        return [words[-1]]
    plain = "".join(words)
    return [plain[start:] for start in range(len(plain) - 1) if not start or plain[start - 1] in _UNIT_ENDS]


def narrowed(text: str, endings: Sequence[str], found: Mapping[str, list[str]], whole: Mapping[str, str]) -> list[str]:
    """Return the places whose name ends the text, and whose names above hold what stands before it."""
    plain = "".join(text.replace("/", " ").replace("·", " ").replace(">", " ").split())
    for ending in endings:
        before = plain[: len(plain) - len(ending)]
        fitting = [code for code in found.get(ending, []) if not before or before in whole.get(code, "")]
        if fitting:
            return fitting
    return []
