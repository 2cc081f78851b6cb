"""Finding members: one box and a few filters over any number of memberships, newest first, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.models import Membership, Worker
from nuanxin.members.queries.fitting import Fitting, Tally
from nuanxin.members.queries.lines import exact_lines, lines
from nuanxin.members.queries.persons import id_digests, phone_digest
from nuanxin.members.rules.searching import Letters, Wanted, read_search
from nuanxin.members.rules.terms import PASSED_OVER, REGION, scope_word, terms
from nuanxin.members.states import MembershipState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

PAGE, MOST_A_PAGE = 50, 200
#: What is typed as a whole and means one person.
WHOLE = frozenset({"document", "phone", "number"})
NUMBER_DIGITS = 14


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of members is narrowed to; empty means any."""

    text: str = ""
    #: Path of a union: it and everything below it.
    union_path: str = ""
    group: str = ""
    #: Region code: it and everything below it.
    region: str = ""
    state: str = ""
    employer_id: UUID | None = None
    #: A word of `rules.assurance`: verified by an outside source at least, seen in person, or phone not confirmed.
    proof: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of members, newest first: cursors of the next and the previous one, and how many there are in all.

    `count` is exact unless `more` says that there are more than that, or `about` that it is an estimate.
    """

    items: list[Membership]
    next: str = ""
    previous: str = ""
    count: int = 0
    more: bool = False
    about: bool = False

    @property
    def has_other_pages(self) -> bool:
        """Tell whether there is anything to page to."""
        return bool(self.next or self.previous)


def search(actor: Actor, filters: Filters, *, cursor: str = "", most: int = PAGE) -> MemberPage:
    """Find members where the actor may see people, by four statements as a rule, whatever is typed.

    A whole document, phone or member number is one statement. Else the planner is asked how many fit. Where they are
    many, a page of them is among the newest, which are walked through until it is full. Where they are few, up to
    `MOST_COUNTED` are fetched, counted and sorted. Every one that fits is sorted only where more fit than are counted,
    and too few of the newest, because all came at another time. See docs/adr/0011-search.md.

    :param cursor: what a page said was next or previous; empty for the beginning.
    :raises Invalid: a search text or cursor that makes no sense.
    """
    most = max(1, min(most, MOST_A_PAGE))
    wanted = read_search(filters.text)
    if wanted and wanted.exact in WHOLE and filters == Filters(text=filters.text) and not cursor:
        items = exact_lines(actor, wanted, most + 1)
        if len(items) <= most:
            return MemberPage(items, count=len(items))
    backwards, key = _read(cursor)
    fitting = Fitting.of(_fitting(actor, filters), key, backwards)
    chosen, tally = fitting.page(most + 1) if fitting else ([], Tally())
    beyond, chosen = len(chosen) > most, chosen[:most]
    if backwards:
        chosen.reverse()
    found = lines(actor, chosen)
    items = [found[pk] for pk in chosen if pk in found]
    if not items and cursor:
        return search(actor, filters, most=most)
    has_next, has_previous = (key is not None, beyond) if backwards else (beyond, key is not None)
    return MemberPage(
        items,
        next=str(chosen[-1]) if items and has_next else "",
        previous=f"-{chosen[0]}" if items and has_previous else "",
        count=tally.count,
        more=tally.more,
        about=tally.about,
    )


def _read(cursor: str) -> tuple[bool, UUID | None]:
    if not cursor:
        return False, None
    try:
        return cursor.startswith("-"), UUID(cursor.removeprefix("-"))
    except ValueError:
        raise Invalid("bad_cursor", _("This page link is broken. Please start again."), field="cursor") from None


def _fitting(actor: Actor, filters: Filters) -> QuerySet[Membership]:
    """Return who fits by search terms alone, in reach; whoever is shown is fetched by true reach."""
    reach = actor.reach(Permission.VIEW_MEMBERS)
    if not reach:
        return Membership.objects.none()
    words = [scope_word(path) for path in reach]
    rows = narrow(Membership.objects.all(), filters)
    return rows.filter(_any(words)) if all(words) else rows


def narrow(rows: QuerySet[Membership], filters: Filters) -> QuerySet[Membership]:
    """Narrow memberships by a search text and filters; every filter only takes away.

    :raises Invalid: a search text that makes no sense.
    """
    wanted = read_search(filters.text) or Wanted()
    words = set(wanted.words)
    if filters.union_path and (scope := scope_word(filters.union_path)):
        words.add(scope)
    if filters.group:
        words.add(f"o:{filters.group}")
    if filters.proof:
        words.add(filters.proof)
    if filters.employer_id:
        words.add(f"e:{filters.employer_id.hex}")
    if filters.region:
        rows = _in_region(rows, filters.region, words)
    if filters.state == MembershipState.ACTIVE:
        rows = rows.filter(state=filters.state)
    elif filters.state:
        words.add(f"s:{filters.state}")
    for each in wanted.letters:
        rows = _by_letters(rows, each)
    if wanted.exact:
        rows = rows.filter(_exactly(wanted))
    if wanted.parts:
        rows = _by_parts(rows, wanted.parts)
    return rows.filter(_has(words)) if words else rows


class _Terms(Func):
    """Whether the terms of a membership hold all (`@>`) or any (`&&`) of some numbers.

    The numbers stand in the statement itself: they are ours, and the planner knows how frequent each of them is. A
    statement prepared for any number would be planned for none (`plan_cache_mode`).
    """

    template, output_field = "(%(expressions)s %(operator)s ARRAY[%(numbers)s]::bigint[])", BooleanField()

    def __init__(self, operator: str, numbers: Sequence[int]) -> None:
        listed = ",".join(str(int(number)) for number in numbers)
        super().__init__(F("terms"), operator=operator, numbers=listed)


def _has(words: Collection[str]) -> _Terms:
    return _Terms("@>", terms(words))


def _any(words: Collection[str]) -> _Terms:
    return _Terms("&&" if len(words) > 1 else "@>", terms(words))


def _in_region(rows: QuerySet[Membership], region: str, words: set[str]) -> QuerySet[Membership]:
    size = max((size for size in REGION if size <= len(region)), default=0)
    if size:
        words.add(f"r:{region[:size]}")
    return rows if size == len(region) else rows.filter(worker__region__code__startswith=region)


def _by_letters(rows: QuerySet[Membership], letters: Letters) -> QuerySet[Membership]:
    rows = rows.filter(_any(letters.words))
    if not letters.rest:
        return rows
    fits = Q(worker__pinyin__startswith=letters.rest)
    if given := [word for word in letters.words if word.startswith("g")]:
        fits |= Q(_has(given)) & Q(worker__pinyin__contains=letters.rest)
    return rows.filter(fits)


def _by_parts(rows: QuerySet[Membership], parts: Sequence[str]) -> QuerySet[Membership]:
    plain = Func(Lower("worker__name"), Value(PASSED_OVER), Value(""), function="translate", output_field=TextField())
    rows = rows.alias(plain_name=plain)
    for part in parts:
        rows = rows.filter(plain_name__contains=part)
    return rows


def _exactly(wanted: Wanted) -> Q:
    value = wanted.value
    if wanted.exact == "document":
        return Q(worker__id_digest__in=id_digests(value))
    if wanted.exact == "phone":
        return Q(worker__phone_digest=phone_digest(value))
    if wanted.exact == "number":
        return Q(number=value)
    # eight or ten digits may also be a permit of Taiwan
    held = list(Worker.objects.filter(id_digest__in=id_digests(value)).values_list("pk", flat=True))
    if held:
        return Q(worker_id__in=held)
    return Q(number__gte=value.ljust(NUMBER_DIGITS, "0"), number__lte=value.ljust(NUMBER_DIGITS, "9"))
