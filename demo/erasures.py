"""What was erased on the nights before today: by the product's own action."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from demo.applications import ERASED
from nuanxin.access.actors import system
from nuanxin.members.actions.erasure import erase_application
from nuanxin.members.rules.erasure import CLOSED, OWN_WISH
from nuanxin.members.states import ApplicationState
from nuanxin.records.states import Because

if TYPE_CHECKING:
    from demo.applications import Applications

#: When the cleaners run, in hours after midnight.
_HOUR = 3.5


def erase_what_was_due(applications: Applications) -> None:
    """Erase the oldest closed applications, each on the night on which its year was over, and one that asked for it.

    Part of building the city, after its rows were copied in.
    """
    midnight = applications.seed.midnight
    for row, days in zip(applications.old, ERASED, strict=False):
        night = midnight - timedelta(days=days - 366, hours=-_HOUR)
        erase_application(actor=system(), application_id=row["id"], rule=CLOSED, now=night)
    withdrawn = next(row for row in applications.recent if row["state"] == ApplicationState.WITHDRAWN)
    erase_application(
        actor=system(),
        application_id=withdrawn["id"],
        rule=OWN_WISH,
        because=Because.PERSON,
        now=midnight - timedelta(days=1, hours=-20),
    )
