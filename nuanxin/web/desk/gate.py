"""Nothing at the desk before a password of one's own and an authenticator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from nuanxin.access.actions import has_second_factor
from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.kernel.remember import forget
from nuanxin.web.desk.navigation import COUNTS
from nuanxin.web.kit.refusals import refusal_response
from nuanxin.web.kit.sessions import desk_is_open, opens_desk, sign_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest, HttpResponse

_BOUND = "desk_second_factor_bound"
_OPEN = ("/desk/sign-in/", "/desk/sign-out/")


class DeskGate:
    """Send whoever is not signed in to the sign-in.

    And whoever still has a one-time password, or no authenticator, to the page that mends it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Hand the request on; the gate stands before the view. Who acted sees at once that less waits."""
        response = self.get_response(request)
        if request.method == "POST" and request.path.startswith("/desk/"):
            forget(COUNTS)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Turn away from the desk's pages what is not through the gate yet."""
        if not request.path.startswith("/desk/") or request.path.startswith(_OPEN):
            return None
        account = request.user
        if not account.is_authenticated or not opens_desk(request):
            return refusal_response(request, NotSignedIn())
        if not desk_is_open(request):
            sign_out(request)
            messages.info(request, _("You were signed out: nobody had used this desk for a while."))
            return refusal_response(request, NotSignedIn())
        if account.must_change_password:
            return HttpResponseRedirect(reverse("desk:first_password"))
        if request.session.get(_BOUND):
            return None
        if not has_second_factor(account):
            return HttpResponseRedirect(reverse("desk:bind_second_factor"))
        request.session[_BOUND] = True
        return None
