"""An identity at WeChat or DingTalk that waits in the session until a phone code says whose it is."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.utils.translation import gettext as _

from nuanxin.access.actions import link_identity
from nuanxin.access.actions.identities import LinkedElsewhere
from nuanxin.access.actors import worker_actor
from nuanxin.access.states import Platform

if TYPE_CHECKING:
    from nuanxin.members.actions.workers import SignedIn
    from nuanxin.web.kit.platforms import Person
    from nuanxin.web.worker.requests import WorkerRequest

_WAITING = "waiting_link"
_PATIENCE = 10 * 60


@dataclass(frozen=True, slots=True)
class Waiting:
    """An identity, as digests, that is linked once the phone is proved."""

    platform: Platform
    digests: tuple[bytes, ...]


def wait(request: WorkerRequest, person: Person) -> None:
    """Keep an identity for the ten minutes in which its phone is proved."""
    digests = [b64encode(each).decode() for each in person.digests]
    request.session[_WAITING] = [person.platform, digests, request.now.timestamp()]


def waiting(request: WorkerRequest) -> Waiting | None:
    """Return the identity that waits in this session, if one does."""
    platform, digests, at = request.session.get(_WAITING) or ("", [], 0.0)
    if not digests or request.now.timestamp() - at > _PATIENCE:
        return None
    return Waiting(Platform(platform), tuple(b64decode(each) for each in digests))


def forget(request: WorkerRequest) -> None:
    """Drop the identity: it is not to be linked."""
    request.session.pop(_WAITING, None)


def link(request: WorkerRequest, held: Waiting | None, signed: SignedIn) -> None:
    """Link what waited to the account whose phone was proved; where it cannot be, say why, and sign in all the same."""
    forget(request)
    if held is None:
        return
    actor, account = worker_actor(signed.account, signed.worker.pk), signed.account
    try:
        link_identity(actor=actor, account=account, platform=held.platform, digests=held.digests, now=request.now)
    except LinkedElsewhere as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(
            request, _("%(platform)s is linked. Next time it signs you in at once.") % {"platform": held.platform.label}
        )
