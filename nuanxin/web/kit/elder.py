"""The elder view: larger text and targets, chosen on any page and kept in a cookie."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from nuanxin.web.kit.cookies import keep, way_back

COOKIE = "nuanxin_elder"


def is_elder(request: HttpRequest) -> bool:
    """Tell whether the reader chose the elder view."""
    return request.COOKIES.get(COOKIE) == "1"


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Turn the elder view on (`elder=1`) or off and go back to the page."""
    response = HttpResponseRedirect(way_back(request))
    if request.POST.get("elder") == "1":
        keep(response, COOKIE, "1")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")
    return response
