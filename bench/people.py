"""People to apply, valid in form: their phones begin with 1540, which the demo city leaves free."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from itertools import count, islice

from demo.identities import id_check

GROUPS = ("courier", "food_delivery_rider", "ride_hailing_driver", "truck_driver", "domestic_worker", "other")


#: Goes on from call to call, and begins elsewhere in each run: nobody is made twice.
_serial = count(random.SystemRandom().randrange(9_000_000))


def bodies(count: int, *, regions: list[str], door: str, consent_version: str) -> list[str]:
    """Return the bodies of so many applications, each of another person."""
    chance = random.Random(0)
    return [
        json.dumps(
            {
                "name": chance.choice("王李张刘陈杨赵黄周吴") + chance.choice("伟芳娜敏静丽强磊军洋"),
                "id_kind": "resident_id",
                "id_number": _id_number(number),
                "phone": f"1540{number % 10_000_000:07d}",
                "occupation_group": chance.choice(GROUPS),
                "region_code": chance.choice(regions),
                "door": door,
                "consent_version": consent_version,
            },
            ensure_ascii=False,
        )
        for number in islice(_serial, count)
    ]


def _id_number(number: int) -> str:
    """Return the ID of an area of Jiangxi, where the demo city has nobody, with sequence 000."""
    day = date(1965, 1, 1) + timedelta(days=number // 10_000 % 15_000)
    head = f"36{number % 10_000:04d}{day:%Y%m%d}000"
    return head + id_check(head)
