"""People by the million, distributed like real ones: names, births, phones, employers, unions, moments of joining.

Everything but the seals repeats with the seed. IDs have sequence 000 and phones begin with 154: valid, and nobody's.
A birth date and a county give one ID only, and the counties of China times 45 years of births make 48 million: five
million people fit, because whoever finds no county of the home province left on a birth date comes from elsewhere.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from bench.crowd.names import Names, spell
from demo.identities import id_check
from demo.trades import OTHER_SHARE, TRADES
from nuanxin.kernel.ids import luhn_digit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SEED = 3715
#: Years over which everybody joined, ever more of them.
YEARS = 3
#: Workers by age, from 17 to 64, in shares: few under 20, most between 28 and 45, ever fewer after 50.
_AGES = [1, 6, 12, 18, 24, 30, 36, 42, 47, 52, 56, 60, 63, 65, 66, 66, 65, 64, 62, 60, 58, 56, 54, 52, 50, 48, 46, 44]
_AGES += [42, 40, 38, 36, 33, 30, 27, 24, 21, 18, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1]
#: One of so many is of another province although there was room at home.
_AWAY = 8
#: Multipliers without a common divisor with the number of values: every value comes once before any comes again.
_PHONE_ROOM, _PHONE_STEP = 90_000_000, 48_271_393
_NUMBER_ROOM, _NUMBER_STEP = 1_000_000_000, 618_033_989
DOORS = {
    "poster": 38,
    "h5": 17,
    "roster": 12,
    "wechat": 12,
    "platform_app": 9,
    "counter": 7,
    "gov_app": 4,
    "dingtalk": 1,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A union with what its members have in common: its path, villages to work in, perhaps a trade."""

    id: str
    path: str
    region: str
    villages: Sequence[str]
    group: str


@dataclass(frozen=True, slots=True)
class Firm:
    """An employer and the union that covers its people."""

    id: str
    region: str
    group: str
    place: Place


class Person(NamedTuple):
    """One person of the stream, in the order of joining."""

    name: str
    pinyin: str
    initials: str
    sex: str
    birth_on: date
    number: str
    phone: str
    member_number: str
    group: str
    region: str
    place: Place
    firm: Firm | None
    door: str
    moment: datetime


class Identities:
    """Gives out IDs, each once: of the counties at home on a birth date first, then of any other."""

    def __init__(self, counties: Sequence[str], home: str) -> None:
        self._home = [code for code in counties if code.startswith(home)]
        self._away = [code for code in counties if not code.startswith(home)]
        self._given: dict[int, list[int]] = {}

    def of(self, birth_on: date) -> str:
        """Return a number of that birth date that nobody has.

        :raises IndexError: more people of one birth date than there are counties.
        """
        day = birth_on.toordinal()
        counts = self._given.setdefault(day, [0, 0])
        at_home, away = counts
        if away * _AWAY > at_home and at_home < len(self._home):
            counts[0] += 1
            area = self._home[(at_home + day * 7) % len(self._home)]
        elif away < len(self._away):
            counts[1] += 1
            area = self._away[(away + day * 97) % len(self._away)]
        else:
            raise IndexError(f"Nobody else can have been born on {birth_on}.")
        head = f"{area}{birth_on:%Y%m%d}000"
        return head + id_check(head)


class Population:
    """A stream of people who join unions: some one by one, some as the roster of an employer."""

    def __init__(
        self, *, places: Sequence[Place], firms: Sequence[Firm], counties: Sequence[str], home: str, today: date
    ) -> None:
        self.chance = random.Random(SEED)
        self.today = today
        self._names = Names(random.Random(SEED + 1))
        self._identities = Identities(counties, home)
        self._places = list(places)
        self._place_weights = list(accumulate(self.chance.lognormvariate(0, 1.6) for _ in places))
        # the head of the list are partners of the great platforms, the tail are shops of three people
        self._firms = list(firms)
        self._firm_weights = list(accumulate(1 / (rank + 8) ** 0.92 for rank in range(len(firms))))
        self._groups = [trade.group for trade in TRADES] + ["other"]
        self._group_weights = list(accumulate([trade.share for trade in TRADES] + [OTHER_SHARE]))
        self._women = {trade.group: trade.women for trade in TRADES}
        self._age_weights = list(accumulate(_AGES))
        self._doors, self._door_weights = list(DOORS), list(accumulate(DOORS.values()))

    def people(self, count: int) -> Iterator[Person]:
        """Yield so many people, the one who joined first first."""
        chance = self.chance
        end = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC) - timedelta(hours=9)
        span = YEARS * 365 * 86_400.0
        firm: Firm | None = None
        roster = 0
        for serial in range(count):
            moment = end - timedelta(seconds=span * (1 - ((serial + 1) / (count + 1)) ** 0.62))
            if roster:
                roster -= 1
                door = "roster"
            else:
                door = chance.choices(self._doors, cum_weights=self._door_weights)[0]
                employed = door == "roster" or chance.random() < 0.55
                firm = chance.choices(self._firms, cum_weights=self._firm_weights)[0] if employed else None
                if door == "roster" and firm is not None:
                    # some lists of a dozen to a few thousand make up a quarter of all
                    roster = int(chance.lognormvariate(2.2, 1.4)) if chance.random() < 0.12 else 0
            yield self._person(serial, firm, door, moment)

    def acts(self, count: int, *, days: int) -> Iterator[tuple[date, str, str, str, str, int, int, int, int]]:
        """Yield so many admissions of the last days as rows for `load_tallies`, oldest first; some beside a refusal."""
        chance = self.chance
        for serial in range(count):
            day = self.today - timedelta(days=int(days * (1 - ((serial + 1) / (count + 1)) ** 0.77)))
            door = chance.choices(self._doors, cum_weights=self._door_weights)[0]
            place = chance.choices(self._places, cum_weights=self._place_weights)[0]
            village = place.villages[int(chance.random() * len(place.villages))]
            refused = int(serial % 16 == 0)
            yield day, place.path, village, self._group(place.group), door, 1 + refused, 1, refused, 1

    def _group(self, group: str) -> str:
        """Return the occupation group of somebody: mostly the trade of the union."""
        if group and self.chance.random() >= 0.07:
            return group
        return self.chance.choices(self._groups, cum_weights=self._group_weights)[0]

    def _person(self, serial: int, firm: Firm | None, door: str, moment: datetime) -> Person:
        chance = self.chance
        place = firm.place if firm else chance.choices(self._places, cum_weights=self._place_weights)[0]
        group = self._group(firm.group if firm else place.group)
        sex = "F" if chance.random() < self._women.get(group, 0.4) else "M"
        birth_on = self._birth()
        name = self._names.draw(sex, birth_on.year)
        pinyin, initials = spell(name)
        head = place.region[:4].ljust(4, "0") + f"{(serial * _NUMBER_STEP + SEED) % _NUMBER_ROOM:09d}"
        return Person(
            name,
            pinyin,
            initials,
            sex,
            birth_on,
            self._identities.of(birth_on),
            f"154{10_000_000 + (serial * _PHONE_STEP + SEED) % _PHONE_ROOM:08d}",
            head + luhn_digit(head),
            group,
            place.villages[int(chance.random() * len(place.villages))],
            place,
            firm,
            door,
            moment,
        )

    def _birth(self) -> date:
        age = self.chance.choices(range(17, 17 + len(_AGES)), cum_weights=self._age_weights)[0]
        return self.today - timedelta(days=int((age + self.chance.random()) * 365.2425))
