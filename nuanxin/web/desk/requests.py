"""What every page of this door asks of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor
    from nuanxin.access.models import Account


class DeskRequest(HttpRequest):
    """A request as the middleware of the kit leaves it."""

    now: datetime
    actor: Actor
    user: Account
