"""What every page of this door asks of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.web.kit.requests import Request

if TYPE_CHECKING:
    from nuanxin.access.models import Account


class DeskRequest(Request):
    """A request that has passed the gate of the desk: somebody is signed in."""

    user: Account
