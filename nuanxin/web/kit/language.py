"""The language switch: a POST, kept in the language cookie that LocaleMiddleware reads."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from nuanxin.web.kit.cookies import keep, way_back


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Read the site in another language from now on. An unknown language changes nothing."""
    response = HttpResponseRedirect(way_back(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response
