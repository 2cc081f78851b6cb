"""The code lists of a fresh installation: areas of services and classes of targets. Services themselves are entered."""

from __future__ import annotations

from typing import Final

from nuanxin.catalog.models import Area, TargetClass

#: code, Chinese name, English name, icon
AREAS: Final = (
    ("health", "健康关爱", "Health", "heartbeat"),
    ("protection", "保障互助", "Protection", "umbrella"),
    ("warmth", "暖心关怀", "Warmth", "heart-handshake"),
    ("rights", "维权服务", "Rights", "scale"),
    ("growth", "成长成才", "Growth", "school"),
    ("culture", "文体生活", "Culture and sports", "ticket"),
)
#: code, Chinese name, English name
CLASSES: Final = (
    ("check_up", "健康体检", "Check-ups"),
    ("recuperation", "疗养休养", "Recuperation"),
    ("insurance", "互助保障", "Insurance and mutual aid"),
    ("aid", "困难帮扶", "Help in hardship"),
    ("law", "法律维权", "Law and rights"),
    ("skills", "技能提升", "Skills and jobs"),
    ("culture", "文体活动", "Culture and sports"),
    ("warmth", "暖心服务", "Warm services"),
)


def seed_catalog_lists() -> None:
    """Enter areas and classes that are missing; what an installation has changed stays as it is."""
    Area.objects.bulk_create(
        [
            Area(code=code, name=name, name_en=name_en, icon=icon, position=position)
            for position, (code, name, name_en, icon) in enumerate(AREAS, start=1)
        ],
        ignore_conflicts=True,
    )
    TargetClass.objects.bulk_create(
        [
            TargetClass(code=code, name=name, name_en=name_en, position=position)
            for position, (code, name, name_en) in enumerate(CLASSES, start=1)
        ],
        ignore_conflicts=True,
    )
