"""Collective joining ceremonies, straight into the table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nuanxin.kernel.ids import application_number, random_letters
from nuanxin.members.models import Ceremony
from tests.factories import NOW, TODAY

if TYPE_CHECKING:
    from nuanxin.organizations.models import Union


def make_ceremony(*, union: Union, state: str = "planned", **fields: Any) -> Ceremony:
    """Make a ceremony of a union, an hour from now."""
    told = {
        "number": application_number(TODAY),
        "title": "新就业形态劳动者集体入会仪式",
        "place": "聊城市工人文化宫",
        "starts_at": NOW + timedelta(hours=1),
        "presided_by": "张主席",
        "code": random_letters(8),
        "closed_at": NOW if state == "closed" else None,
    }
    return Ceremony.objects.create(union=union, state=state, **told | fields)
