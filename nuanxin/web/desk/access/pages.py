"""Pages that several of the access pages share: a form, a question, a secret shown once."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _

from nuanxin.kernel.clock import ZONE

if TYPE_CHECKING:
    from datetime import date

    from django.forms import Form
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


def form_page(request: DeskRequest, form: Form, *, title: str, submit: str, back_url: str, **more: Any) -> HttpResponse:
    """Show a form; with status 422 when it came back with errors."""
    context = {"form": form, "page_title": title, "submit": submit, "back_url": back_url, **more}
    return render(request, "desk/access/form.html", context, status=422 if form.is_bound else 200)


def ask(
    request: DeskRequest, *, question: str, consequences: list[str], action_label: str, back_url: str
) -> HttpResponse:
    """Ask before an act that is not easily undone."""
    context = {
        "face": "kit/desk.html",
        "page_title": question,
        "question": question,
        "consequences": consequences,
        "action_url": request.path,
        "action_label": action_label,
        "back_url": back_url,
        "danger": True,
    }
    return render(request, "kit/confirm.html", context)


def secret_page(request: DeskRequest, *, title: str, secret: str, say: str, back_url: str, **more: Any) -> HttpResponse:
    """Show a secret this once: it is in no address, no log and no cache."""
    context = {"page_title": title, "secret": secret, "say": say, "back_url": back_url, **more}
    response = render(request, "desk/access/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response


def first_moment(day: date | None) -> datetime | None:
    """Return the first moment of a day in China."""
    return None if day is None else datetime.combine(day, time(0), tzinfo=ZONE)


def day_after(day: date | None) -> datetime | None:
    """Return the first moment after a day in China: a last day is still a day held."""
    return None if day is None else datetime.combine(day + timedelta(days=1), time(0), tzinfo=ZONE)


def saved() -> str:
    """Return the word that an act was done."""
    return _("Done.")
