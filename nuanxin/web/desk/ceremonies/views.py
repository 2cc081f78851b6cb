"""Ceremonies to look at: the list, one with who came, the counter for the big screen, and the minutes as PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.states import Permission
from nuanxin.members.queries.ceremonies import ceremonies as found_ceremonies
from nuanxin.members.queries.ceremonies import get_ceremony, joined, missing_guests, tally
from nuanxin.members.states import ApplicationState, CeremonyState
from nuanxin.records.documents import render as render_document
from nuanxin.web.desk.ceremonies.forms import KitForm
from nuanxin.web.kit.masks import mask_name
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from nuanxin.members.models import Application, Ceremony
    from nuanxin.web.desk.requests import DeskRequest

_TONES = {CeremonyState.PLANNED: "wait", CeremonyState.OPEN: "good", CeremonyState.CLOSED: ""}
#: Names on the big screen, the newest first.
_NAMES = 12


def _state(found: Ceremony) -> dict[str, Any]:
    state = CeremonyState(found.state)
    return {"label": state.label, "tone": _TONES[state]}


@require_safe
def ceremonies(request: DeskRequest) -> HttpResponse:
    """List the ceremonies in reach, the newest first."""
    request.actor.require(Permission.REVIEW)
    listed = page(
        found_ceremonies(request.actor),
        order=("-starts_at", "-pk"),
        cursor=request.GET.get("page", ""),
        size=50,
    )
    context = {
        "page_title": _("Joining ceremonies"),
        "page": listed,
        "rows": [{"ceremony": each, "state": _state(each)} for each in listed.items],
    }
    return render(request, "desk/ceremonies/ceremonies.html", context)


@require_safe
def ceremony(request: DeskRequest, number: str) -> HttpResponse:
    """Show one ceremony: its numbers, its code, who came and who is missing."""
    return shown(request, get_ceremony(request.actor, number), KitForm())


def shown(request: DeskRequest, found: Ceremony, form: KitForm, *, status: int = 200) -> HttpResponse:
    """Return the page of a ceremony, with the form that takes a card's code."""
    numbers = tally(found)
    context = {
        "page_title": found.title,
        "back_url": reverse("desk:ceremonies:ceremonies"),
        "ceremony": found,
        "state": _state(found),
        "is_planned": found.state == CeremonyState.PLANNED,
        "is_open": found.state == CeremonyState.OPEN,
        "tally": numbers,
        "cards": [
            {"label": _("Expected"), "value": numbers.expected},
            {"label": _("Joined by the code"), "value": numbers.joined},
            {"label": _("Waiting for approval"), "value": numbers.waiting},
            {"label": _("Members now"), "value": numbers.members},
            {"label": _("Kits handed out"), "value": numbers.kits},
        ],
        "link": f"{settings.NUANXIN_BASE_URL}/c/{found.code}",
        "rows": [_row(each) for each in joined(found)],
        "missing": [mask_name(guest.name) for guest in missing_guests(found)],
        "form": form,
    }
    return render(request, "desk/ceremonies/ceremony.html", context, status=status)


def _row(application: Application) -> dict[str, Any]:
    return {
        "number": application.number,
        "name": mask_name(application.name),
        "union": application.union,
        "state": ApplicationState(application.state).label,
        "tone": "good" if application.state == ApplicationState.APPROVED else "wait",
    }


@require_safe
def screen(request: DeskRequest, number: str) -> HttpResponse:
    """Show the counter for the big screen: large numbers and the code, and nothing of anybody."""
    found = get_ceremony(request.actor, number)
    context = _numbers(found) | {
        "page_title": found.title,
        "link": f"{settings.NUANXIN_BASE_URL}/c/{found.code}" if found.state == CeremonyState.OPEN else "",
        "back_url": reverse("desk:ceremonies:ceremony", args=[found.number]),
    }
    return render(request, "desk/ceremonies/screen.html", context)


@require_safe
def numbers(request: DeskRequest, number: str) -> HttpResponse:
    """Answer the counter's own question, every two seconds."""
    return render(request, "desk/ceremonies/numbers.html", _numbers(get_ceremony(request.actor, number)))


def _numbers(found: Ceremony) -> dict[str, Any]:
    names = []
    if found.shows_names:
        came = [each for each in joined(found) if each.state == ApplicationState.APPROVED]
        names = [mask_name(each.name) for each in came[: -_NAMES - 1 : -1]]
    return {
        "ceremony": found,
        "tally": tally(found),
        "names": names,
        "numbers_url": reverse("desk:ceremonies:numbers", args=[found.number]),
    }


@require_safe
def minutes(request: DeskRequest, number: str) -> HttpResponse:
    """Print the minutes: when, where, which union, who presided, how many joined, and the list."""
    found = get_ceremony(request.actor, number)
    counted = tally(found)
    members = [each for each in joined(found) if each.state == ApplicationState.APPROVED]
    final = found.state == CeremonyState.CLOSED
    data = {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "issuer": local_name(found.union),
        "title": _("Minutes of the joining ceremony"),
        "subtitle": found.title if final else f"{found.title} ({_('not final: the ceremony is not over')})",
        "rows": [
            {"label": _("Date"), "value": date_cn(found.starts_at)},
            {"label": _("Place"), "value": found.place},
            {"label": _("Union"), "value": local_name(found.union)},
            {"label": _("Presided by"), "value": found.presided_by},
            {"label": _("Expected"), "value": str(counted.expected)},
            {"label": _("Joined as members"), "value": str(counted.members)},
            {"label": _("Kits handed out"), "value": str(counted.kits)},
        ],
        "list_title": _("Who joined"),
        "heads": [_("No."), _("Name"), _("Application"), _("Union")],
        "list": [
            [str(at), each.name, each.number, local_name(each.union) if each.union else ""]
            for at, each in enumerate(members, start=1)
        ],
        "signatures": [_("Presided by"), _("Keeper of the minutes"), _("(seal)   year   month   day")],
        "footer": f"{found.number} · {date_cn(request.now)}",
    }
    response = HttpResponse(render_document("ceremony_minutes", data), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="minutes-{found.number}.pdf"'
    return response
