"""Chance that can be repeated: the same seed on the same day makes the same city, down to its ids."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.ids import luhn_digit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEED = 3715


class Seed:
    """One stream of chance, and the midnight before which everything in the city has happened."""

    def __init__(self, today: date, seed: int = SEED) -> None:
        self.random = random.Random(f"{seed} {today}")
        self.today = today
        self.midnight = datetime.combine(today, time(), tzinfo=ZONE)
        self._given: set[str] = set()

    def id_at(self, moment: datetime) -> UUID:
        """Return a UUIDv7 (RFC 9562) of that moment: in order of time, as those of real rows are."""
        chance = self.random.getrandbits(74)
        stamp = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
        return UUID(int=(stamp << 80) | (7 << 76) | ((chance >> 62) << 64) | (2 << 62) | (chance & ((1 << 62) - 1)))

    def letters(self, count: int) -> str:
        """Return letters and digits that were not given before."""
        return self._once(lambda: "".join(self.random.choices(_LETTERS, k=count)))

    def letters_of(self, alphabet: str, count: int, head: str = "") -> str:
        """Return `head` and as many characters of an alphabet, not given before."""
        return self._once(lambda: head + "".join(self.random.choices(alphabet, k=count)))

    def digits(self, count: int, head: str = "") -> str:
        """Return `head` and as many digits, not given before."""
        most = 10**count
        return self._once(lambda: f"{head}{self.random.randrange(most):0{count}d}")

    def member_number(self, city_code: str) -> str:
        """Return a member number in the form of `nuanxin.kernel.ids.member_number`."""
        head = self.digits(9, city_code.ljust(4, "0")[:4])
        return head + luhn_digit(head)

    def application_number(self, on: date) -> str:
        """Return an application number in the form of `nuanxin.kernel.ids.application_number`."""
        return f"{on:%Y%m%d}{self.letters(8)}"

    def days_ago(self, days: int) -> date:
        """Return the day that many days before today."""
        return self.today - timedelta(days=days)

    def one(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[int(self.random.random() * len(choices))]

    def _once(self, make: Callable[[], str]) -> str:
        while (text := make()) in self._given:
            pass
        self._given.add(text)
        return text
