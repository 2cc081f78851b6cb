"""Who asks: every request has an `actor`, worked out when first used, and one `now`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from nuanxin.access.actors import Actor, actor_of_account, anonymous, worker_actor
from nuanxin.members.queries import worker_id_of
from nuanxin.web.kit.sessions import opens_desk, see

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from nuanxin.access.models import Account

#: Doors where one acts in the name of a post; at all others one acts as the worker one is.
_POST_DOORS = ("/desk/", "/counter/")


def now() -> datetime:
    """Return the present moment: doors ask here, and pass it down."""
    return timezone.now()


def actor_of_request(request: HttpRequest) -> Actor:
    """Return who is signed in: at the desk with the posts held, elsewhere as the worker, when the account is one's."""
    if not request.user.is_authenticated:
        return anonymous()
    account: Account = request.user
    if request.path.startswith("/desk/") and not opens_desk(request):
        return anonymous()
    if not request.path.startswith(_POST_DOORS):
        worker_id = worker_id_of(account.pk)
        if worker_id is not None:
            see(request)
            return worker_actor(account, worker_id)
    return actor_of_account(account, request.now)  # type: ignore[attr-defined]


class ActorMiddleware:
    """Give every request `actor` and `now`. Stands after the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add both, and touch neither session nor database before they are used."""
        request.now = now()  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: actor_of_request(request))  # type: ignore[attr-defined]
        return self.get_response(request)
