"""The line in front of a stock of coupons: who stands where, who is let in, and what the chances are. Pure.

Whoever comes before the opening gets a number, and the number a place by a shuffle that nobody knows before the
opening; whoever comes later stands behind them as they come. The shuffle is a permutation made of a seed, so that no
row is written and no question asked when the second comes: the phone works its own place out. `assets/js/line.js` does
the same; `tests/benefits/line_vectors.json` holds both to it. See docs/adr/0024-the-line.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from datetime import datetime

_ROUNDS: Final = 6
_MASK: Final = 0xFFFFFFFF
Chance = Literal["within", "beyond", "none"]


def commitment(seed: bytes) -> str:
    """Return what is shown before the opening: the SHA-256 of the seed."""
    return hashlib.sha256(seed).hexdigest()


def round_keys(seed: bytes) -> list[int]:
    """Return the keys of the rounds: the first words of the seed, which is as random as its maker."""
    return [int.from_bytes(seed[4 * turn : 4 * turn + 4], "big") for turn in range(_ROUNDS)]


def shuffled(seed: bytes, count: int, nth: int) -> int:
    """Return where a number lands, from 1 to `count`: a permutation, so that no two land together.

    A Feistel network over the next power of four, walked on until it lands among the `count`.

    :param nth: from 1 to `count`.
    """
    if not 1 <= nth <= count:
        raise ValueError("a number outside of the shuffle")
    half = max(1, ((count - 1).bit_length() + 1) // 2)
    keys, mask, value = round_keys(seed), (1 << half) - 1, nth - 1
    while True:
        left, right = value >> half, value & mask
        for key in keys:
            left, right = right, left ^ (_mixed(right, key) & mask)
        value = left << half | right
        if value < count:
            return value + 1


def _mixed(value: int, key: int) -> int:
    """Mix 32 bits, as the last step of MurmurHash3 does."""
    value = (value + key) & _MASK
    value ^= value >> 16
    value = value * 0x85EBCA6B & _MASK
    value ^= value >> 13
    value = value * 0xC2B2AE35 & _MASK
    return value ^ value >> 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is at one moment; the same for everybody in it.

    :param stock: coupons there were in all; `left`: those that nobody has yet.
    :param drawn: whether the number of early ones is fixed, and with it everybody's place.
    """

    opens_at: datetime
    closes_at: datetime
    stock: int
    left: int
    per_second: int
    early: int
    late: int
    seed: bytes
    drawn: bool
    #: Nothing is given any more: closed, cancelled or ended.
    over: bool = False

    def admitted(self, now: datetime) -> int:
        """Return up to which place people are let in: so many each second since the opening."""
        if not self.drawn or now < self.opens_at:
            return 0
        seconds = (now - self.opens_at).total_seconds()
        return int((seconds + 1) * self.per_second)

    def place(self, *, is_early: bool, nth: int) -> int | None:
        """Return where somebody stands; none before the opening."""
        if not self.drawn:
            return None
        return shuffled(self.seed, self.early, nth) if is_early else self.early + nth

    def wait(self, place: int, now: datetime) -> int:
        """Return in how many seconds somebody at a place is let in; 0: by now."""
        return max(0, -(-(place - self.admitted(now)) // self.per_second))

    def chance(self, place: int, now: datetime) -> Chance:
        """Say honestly what a place is worth: within what is left, beyond it, or nothing is left.

        Whoever stands within the stock gets one, if they come when it is their turn. Further back it takes others who
        give up; how many of those in front have taken theirs is what is gone of the stock.
        """
        if self.left <= 0 or self.over:
            return "none"
        return "within" if place <= max(self.stock, self.admitted(now)) else "beyond"

    def lacking(self, place: int) -> int:
        """Return how many in front must give up before one is left for this place."""
        return max(0, place - self.stock)
