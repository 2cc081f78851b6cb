"""People to apply, valid in form: their phones begin with 1540, which the demo city leaves free."""

from __future__ import annotations

import json
import random
import time
from datetime import date, timedelta

from demo.identities import id_check

GROUPS = ("courier", "food_delivery_rider", "ride_hailing_driver", "truck_driver", "domestic_worker", "other")


def bodies(count: int, *, regions: list[str], door: str, consent_version: str) -> list[str]:
    """Return the bodies of so many applications; no phone is given twice within a day."""
    start = int(time.time() * 100) % 9_000_000
    chance = random.Random(start)
    return [
        json.dumps(
            {
                "name": chance.choice("王李张刘陈杨赵黄周吴") + chance.choice("伟芳娜敏静丽强磊军洋"),
                "id_kind": "resident_id",
                "id_number": _number(chance),
                "phone": f"1540{(start + number) % 10_000_000:07d}",
                "occupation_group": chance.choice(GROUPS),
                "region_code": chance.choice(regions),
                "door": door,
                "consent_version": consent_version,
            },
            ensure_ascii=False,
        )
        for number in range(count)
    ]


def _number(chance: random.Random) -> str:
    """Return an ID of a random area of Shandong, a random day, and sequence 000."""
    day = date(1965, 1, 1) + timedelta(days=chance.randrange(15_000))
    head = f"37{chance.randrange(10_000):04d}{day:%Y%m%d}000"
    return head + id_check(head)
