"""Who may have something: pure checks, every one of which is asked, so that nobody hears only the first "no".

A check is plain JSON: `{"check": code, …arguments}`; a service holds a list of them, an offer, and a share for its
group. `names` and `names_en` of a check say codes in words; whoever writes the service or the offer adds them. What is
counted above, such as what somebody was served, comes into the facts from above.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.members.rules.assurance import reaches
from nuanxin.members.rules.periods import PERIODS, next_period, period_of
from nuanxin.members.states import Assurance, MembershipState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.utils.functional import _StrOrPromise

Check = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one person on one day; a person who is no member has an empty `state`."""

    today: date
    state: str = ""
    union_path: str = ""
    groups: frozenset[str] = frozenset()
    region: str = ""
    birth_on: date | None = None
    sex: str = ""
    assurance: str = Assurance.REGISTERED
    phone_proved: bool = False
    joined_on: date | None = None
    #: (kind of offer or code of service, day) of everything this person was served.
    served: tuple[tuple[str, date], ...] = ()
    #: What the person stated when asking, such as {"employer_check_up": False}.
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def age(self) -> int | None:
        """Return the age in years on that day; none where the day of birth is unknown."""
        return None if self.birth_on is None else years_between(self.birth_on, self.today)


@dataclass(frozen=True, slots=True)
class Failed:
    """One check that somebody fails: why, what to do about it, and until when, where it ends by itself."""

    code: str
    words: _StrOrPromise
    remedy: _StrOrPromise
    until: date | datetime | None = None


def years_between(day: date, later: date) -> int:
    """Return how many full years lie between two days."""
    return later.year - day.year - ((later.month, later.day) < (day.month, day.day))


def failed(checks: Iterable[Check], facts: Facts) -> list[Failed]:
    """Return every check that a person fails, in the order of the checks; none: the person may take part."""
    found = (_RULES[check["check"]].judge(check, facts) for check in checks)
    return [each for each in found if each is not None]


def passes(checks: Iterable[Check], facts: Facts) -> bool:
    """Answer whether a person passes every check."""
    return all(_RULES[check["check"]].judge(check, facts) is None for check in checks)


def described(check: Check) -> _StrOrPromise:
    """Say in words for whom a check lets through."""
    rule = _RULES[check["check"]]
    return rule.words % {"what": rule.what(check)}


def read_checks(raw: object) -> list[Check]:
    """Return checks in regular form.

    :raises Invalid: no list, an unknown check, or an argument that is missing or of the wrong kind.
    """
    if not isinstance(raw, list):
        raise Invalid("bad_checks", _("The conditions are not a list."), field="checks")
    return [_read(each) for each in raw]


def _read(raw: object) -> Check:
    rule = _RULES.get(str(raw.get("check"))) if isinstance(raw, dict) else None
    if rule is None or not isinstance(raw, dict):
        raise Invalid("unknown_check", _("There is no such condition."), field="checks")
    read: Check = {"check": raw["check"]}
    for name, kind in rule.arguments.items():
        value = raw.get(name)
        if value is None and name in rule.optional:
            continue
        if not kind(value):
            raise Invalid(
                "bad_check", _("The condition “%(check)s” is not complete.") % {"check": raw["check"]}, field="checks"
            )
        read[name] = value
    read.update({name: raw[name] for name in ("names", "names_en") if _texts(raw.get(name))})
    return read


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) and each for each in value)


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 36_500


def _names(check: Check, codes: str) -> str:
    english = (get_language() or "").startswith("en")
    names: Sequence[str] = (check.get("names_en") if english else None) or check.get("names") or check.get(codes) or ()
    return ", ".join(names) if english else "、".join(names)


@dataclass(frozen=True, slots=True)
class _Rule:
    judge: Callable[[Check, Facts], Failed | None]
    words: _StrOrPromise
    arguments: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    what: Callable[[Check], object] = lambda _check: ""


_TELL_UNION: Final = _("If that is not right, tell your union: it can correct what is registered.")


def _member(check: Check, facts: Facts) -> Failed | None:
    wanted = check.get("states") or [MembershipState.ACTIVE]
    if facts.state in wanted:
        return None
    if not facts.state:
        return Failed("not_a_member", _("This is for members."), _("Join the union: it takes about a minute."))
    if facts.state == MembershipState.SUSPENDED:
        return Failed("suspended", _("Your membership rests for now."), _("Call 12351 to hear how it goes on."))
    if facts.state == MembershipState.RETAINED:
        return Failed(
            "retained", _("Your membership is retained."), _("Ask your union to take it up again, then come back.")
        )
    return Failed("ended", _("Your membership has ended."), _("You may join again at any time."))


def _group(check: Check, facts: Facts) -> Failed | None:
    if facts.groups & set(check["groups"]):
        return None
    words = _("This is for: %(what)s.") % {"what": _names(check, "groups")}
    return Failed("other_group", words, _("If you do this work, add it under “My details”."))


def _union(check: Check, facts: Facts) -> Failed | None:
    if any(facts.union_path.startswith(path) for path in check["paths"]):
        return None
    words = _("This is for members of: %(what)s.") % {"what": _names(check, "paths")}
    return Failed("other_union", words, _("If you work there now, move your membership: one tap, nothing is lost."))


def _region(check: Check, facts: Facts) -> Failed | None:
    if any(facts.region.startswith(code) for code in check["codes"]):
        return None
    words = _("This is for people who work in: %(what)s.") % {"what": _names(check, "codes")}
    return Failed("other_region", words, _("If you work there now, change your place of work under “My details”."))


def _age(check: Check, facts: Facts) -> Failed | None:
    age, least, most = facts.age, check.get("least"), check.get("most")
    if age is None:
        return Failed("age_unknown", _("Your date of birth is not known."), _TELL_UNION)
    if least is not None and age < least:
        until = _birthday(facts.birth_on, least) if facts.birth_on else None
        return Failed("too_young", _("This is for people of %(least)s and older.") % {"least": least}, "", until)
    if most is not None and age > most:
        return Failed("too_old", _("This is for people up to %(most)s.") % {"most": most}, _TELL_UNION)
    return None


def _ages(least: int | None, most: int | None) -> str:
    """Say between which ages: 18–60, 35+, –60."""
    if most is None:
        return f"{least}+"
    return f"{'' if least is None else least}–{most}"


def _birthday(birth_on: date, years: int) -> date:
    try:
        return birth_on.replace(year=birth_on.year + years)
    except ValueError:  # born on February 29
        return date(birth_on.year + years, 3, 1)


def _sex(check: Check, facts: Facts) -> Failed | None:
    if facts.sex == check["is"]:
        return None
    words = _("This is for women.") if check["is"] == "F" else _("This is for men.")
    return Failed("other_sex", words, _TELL_UNION)


def _assurance(check: Check, facts: Facts) -> Failed | None:
    if reaches(facts.assurance, check["least"]):
        return None
    level = Assurance(check["least"]).label
    return Failed(
        "not_proved",
        _("This needs to be surer who you are: %(level)s.") % {"level": level},
        _("Show your ID document at any desk of the union once; it takes a minute."),
    )


def _phone(_check: Check, facts: Facts) -> Failed | None:
    if facts.phone_proved:
        return None
    return Failed("phone_not_proved", _("Your phone is not confirmed."), _("Sign in once with a code sent to it."))


def _joined_within(check: Check, facts: Facts) -> Failed | None:
    if facts.joined_on is not None and facts.joined_on + timedelta(days=check["days"]) >= facts.today:
        return None
    several = _("This is for those who joined in the last %(days)s days.") % {"days": check["days"]}
    words = several if check["days"] else _("This is for those who join today.")
    return Failed("joined_earlier", words, _("See what else there is for you."))


def _member_for(check: Check, facts: Facts) -> Failed | None:
    if facts.joined_on is not None and facts.joined_on + timedelta(days=check["days"]) <= facts.today:
        return None
    until = None if facts.joined_on is None else facts.joined_on + timedelta(days=check["days"])
    words = _("This is for those who have been members for %(days)s days.") % {"days": check["days"]}
    return Failed("joined_lately", words, _("Come back then; your place on no list is lost."), until)


def _not_served(check: Check, facts: Facts) -> Failed | None:
    period = check["period"]
    this = period_of(period, facts.today)
    count = sum(kind == check["kind"] and period_of(period, day) == this for kind, day in facts.served)
    if count < (check.get("most") or 1):
        return None
    return Failed(
        "served_before",
        _("You had this already in this period."),
        _("Others come first now; you may ask again when the next period begins."),
        next_period(period, facts.today),
    )


def _not_served_for(check: Check, facts: Facts) -> Failed | None:
    years = check["years"]
    last = max((day for kind, day in facts.served if kind == check["kind"]), default=None)
    if last is None or years_between(last, facts.today) >= years:
        return None
    words = _("You had this on %(day)s; it is not given again within %(years)s years.") % {"day": last, "years": years}
    return Failed("served_lately", words, _("Look for one nearer by."), _birthday(last, years))


def _enterprise(_check: Check, _facts: Facts) -> Failed:
    """Refuse every person: what is for enterprises is asked for by them."""
    return Failed("for_enterprises", _("This is for enterprises."), _("Tell your employer, or your union: it can ask."))


_RULES: Final[dict[str, _Rule]] = {
    "enterprise": _Rule(_enterprise, _("enterprises only")),
    "member": _Rule(_member, _("members"), {"states": _texts}, frozenset({"states"})),
    "group": _Rule(_group, _("work: %(what)s"), {"groups": _texts}, what=lambda check: _names(check, "groups")),
    "union": _Rule(_union, _("members of %(what)s"), {"paths": _texts}, what=lambda check: _names(check, "paths")),
    "region": _Rule(_region, _("people working in %(what)s"), {"codes": _texts}, what=lambda c: _names(c, "codes")),
    "age": _Rule(
        _age,
        _("age %(what)s"),
        {"least": _whole, "most": _whole},
        frozenset({"least", "most"}),
        lambda check: _ages(check.get("least"), check.get("most")),
    ),
    "sex": _Rule(
        _sex,
        "%(what)s",
        {"is": lambda value: value in ("F", "M")},
        what=lambda check: _("women only") if check["is"] == "F" else _("men only"),
    ),
    "assurance": _Rule(
        _assurance,
        _("proved: %(what)s"),
        {"least": lambda value: value in Assurance.values},
        what=lambda check: Assurance(check["least"]).label,
    ),
    "phone": _Rule(_phone, _("phone confirmed")),
    "joined_within": _Rule(
        _joined_within, _("joined within %(what)s days"), {"days": _whole}, what=lambda check: check["days"]
    ),
    "member_for": _Rule(
        _member_for, _("members for %(what)s days"), {"days": _whole}, what=lambda check: check["days"]
    ),
    "not_served": _Rule(
        _not_served,
        _("not served before in the period"),
        {"kind": _text, "period": lambda value: value in PERIODS, "most": _whole},
        frozenset({"most"}),
    ),
    "not_served_for": _Rule(
        _not_served_for,
        _("not served within %(what)s years"),
        {"kind": _text, "years": _whole},
        what=lambda check: check["years"],
    ),
}
#: Every check there is, for those who make offers.
CHECKS: Final = tuple(_RULES)
