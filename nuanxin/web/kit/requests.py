"""The request as views get it: with who asks, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor, Keyholder


class Request(HttpRequest):
    """A request that has passed `ActorMiddleware`: annotate views with it."""

    actor: Actor
    now: datetime
    #: Whose key it is, where the view's own statement finds that out; set at the door of machines.
    holder: Keyholder | None
