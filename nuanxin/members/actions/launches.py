"""Believing what an app has signed about a person whom it brings to a door: once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import take_all
from nuanxin.access.actions.throttle import Once
from nuanxin.kernel.secrets import unseal
from nuanxin.organizations.rules.launches import BadLaunch, Launch, read_launch

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nuanxin.organizations.models import Door


class LaunchUsed(BadLaunch):
    """The same launch came before: somebody may have copied its address."""

    def __init__(self) -> None:
        super().__init__("launch_used", _("What the app sent along was used before."))


def accept_launch(*, door: Door, values: Mapping[str, str], address: str, now: datetime) -> Launch:
    """Check a signed launch and use its word up, by one statement; what it says proves no phone: the code does.

    :param address: where the request comes from, for the limit of tries.
    :raises BadLaunch: not signed by the door's app, incomplete, too old, or the door has no key.
    :raises LaunchUsed: it was used before.
    :raises TooMany: too many tries from there.
    """
    secret = unseal(door.sealed_secret) if bytes(door.sealed_secret) else ""
    launch = read_launch(door.code, values, secret=secret, public_key=door.public_key, now=now)
    once = Once(f"launch {door.code} {launch.nonce}", launch.until)
    if not take_all({"launches": address}, now=now, once=once):
        raise LaunchUsed
    return launch
