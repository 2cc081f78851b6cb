"""Birth dates, documents with the sequence or the first digits 000, phones that begin with 154: nobody's in fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from stdnum.cn import uscc

from demo import names
from nuanxin.kernel.documents import (
    FOREIGN_RESIDENT,
    HK_MACAO_PERMIT,
    RESIDENCE_PERMIT,
    RESIDENT_ID,
    TAIWAN_PERMIT,
    digest_text,
)
from nuanxin.kernel.secrets import PersonKey, digest

if TYPE_CHECKING:
    from demo.loading import Row
    from demo.seeds import Seed

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
OTHER_KINDS = (HK_MACAO_PERMIT, RESIDENCE_PERMIT, TAIWAN_PERMIT, FOREIGN_RESIDENT)
_ID_CHECKS = "10X98765432"
#: Areas of birth: Liaocheng's counties today, as prefecture until 1997, and provinces people came from.
_AREAS_NOW = "371502 371502 371521 371522 371523 371524 371525 371526 371581".split()
_AREAS_UNTIL_1997 = "372501 372501 372502 372522 372523 372524 372525 372526 372527".split()
_AREAS_AWAY = "410922 410927 130429 130432 130532 370102 370725 372925 412725 231084 653101 540102 622927".split()
#: Kept for the people whom the tour names.
KNOWN_PHONES = tuple(f"154000000{number:02d}" for number in range(1, 21))


def id_check(seventeen: str) -> str:
    """Return the check character (ISO 7064 MOD 11-2, GB 11643) of seventeen digits."""
    return _ID_CHECKS[sum(weight * int(digit) for weight, digit in zip(_ID_WEIGHTS, seventeen, strict=True)) % 11]


def credit_code(seed: Seed, *, kind: str, area: str) -> str:
    """Return a credit code (GB 32100): kind such as 91 or 81, six digits of area, nine of body, check character."""
    head = seed.letters_of("0123456789ABCDEFGHJKLMNPQRTUWXY", 7, f"{kind}{area:0<6.6}MA")
    return head + str(uscc.calc_check_digit(head))


@dataclass(slots=True)
class Identity:
    """One invented person."""

    name: str
    sex: str
    birth_on: date
    number: str
    phone: str
    kind: str = RESIDENT_ID

    def sealed(self) -> Row:
        """Return the columns that worker and application share: own key, sealed values, blind indexes."""
        key = PersonKey.new()
        return {
            "name": self.name,
            "id_kind": self.kind,
            "sealed_key": key.sealed,
            "sealed_id": key.seal(self.number),
            "id_digest": digest("id", digest_text(self.kind, self.number)),
            "sealed_phone": key.seal(self.phone),
            "phone_digest": digest("phone", self.phone),
        }


class People:
    """Invents people one after the other, no two with the same ID or phone."""

    def __init__(self, seed: Seed) -> None:
        self.seed = seed
        self._invented = 0
        self._numbers: set[str] = set()
        self._phones: set[str] = set(KNOWN_PHONES)
        self._oldest = seed.today.toordinal() - 60 * 365
        self._youngest = seed.today.toordinal() - 18 * 365

    def invent(self, *, women: float = 0.2, phone: str = "") -> Identity:
        """Return a new person, between 18 and 60, a woman with the given probability."""
        seed = self.seed
        sex = "F" if seed.random.random() < women else "M"
        while True:
            # mostly in their thirties
            age = seed.random.triangular(0, 1, 0.62)
            birth_on = date.fromordinal(int(self._oldest + (self._youngest - self._oldest) * age))
            number = self._number(birth_on)
            if number not in self._numbers:
                break
        self._numbers.add(number)
        name = names.person(seed, sex=sex, born=birth_on.year)
        kind, number = self._document(birth_on, number)
        return Identity(name, sex, birth_on, number, phone or self._phone(), kind)

    def reserve(self, number: str) -> None:
        """Keep a number for somebody whom the tour names."""
        self._numbers.add(number)

    def _document(self, birth_on: date, number: str) -> tuple[str, str]:
        """Return the resident ID; for one person in fifty, until there are two of each, another kind of document."""
        self._invented += 1
        turn, rest = divmod(self._invented, 50)
        if rest or turn > 2 * len(OTHER_KINDS):
            return RESIDENT_ID, number
        kind = OTHER_KINDS[turn % len(OTHER_KINDS)]
        if kind in (RESIDENCE_PERMIT, FOREIGN_RESIDENT):
            head = f"{'830000' if kind == RESIDENCE_PERMIT else '937000'}{birth_on:%Y%m%d}000"
            return kind, head + id_check(head)
        return kind, f"{'H' if kind == HK_MACAO_PERMIT else ''}{turn:08d}"

    def _number(self, birth_on: date) -> str:
        here = _AREAS_NOW if birth_on.year >= 1998 else _AREAS_UNTIL_1997
        area = self.seed.one(here if self.seed.random.random() < 0.86 else _AREAS_AWAY)
        head = f"{area}{birth_on:%Y%m%d}000"
        return head + id_check(head)

    def _phone(self) -> str:
        while True:
            # 1540… stays free for the people of the tour and of measurements
            phone = f"154{self.seed.random.randrange(10**7, 10**8):08d}"
            if phone not in self._phones:
                self._phones.add(phone)
                return phone
