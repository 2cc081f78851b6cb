"""Objecting to a routing or a refusal: in own words, with a file, and with the union one thinks right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.refusals import NotFound
from nuanxin.members.actions.contests import contest_application
from nuanxin.members.actions.memberships import File
from nuanxin.members.queries.applications import get_by_token
from nuanxin.members.queries.contests import Contestable, contestable, contests_of, file_of_application, unions_to_name
from nuanxin.members.rules.contests import MOST_WORDS
from nuanxin.members.states import ContestKind, ContestState
from nuanxin.records.queries import content_of
from nuanxin.web.kit.guards import answered, guard_form
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.members.models import Application, Contest
    from nuanxin.web.worker.requests import WorkerRequest

#: What the link says, and what is written above the form.
TITLES = {
    ContestKind.ROUTING: gettext_lazy("This is not the right union for me"),
    ContestKind.REFUSAL: gettext_lazy("I disagree with the refusal"),
}
_MOST_SEARCHED = 60


class ContestForm(forms.Form):
    """Why, and what proves it."""

    words = forms.CharField(
        label=gettext_lazy("What is not right?"),
        max_length=MOST_WORDS,
        help_text=gettext_lazy(
            "In your own words, as you would tell it. Your union and the one that decides can read it."
        ),
        error_messages={"required": gettext_lazy("Please say in a few words what is not right.")},
        widget=forms.Textarea({"rows": 5}),
    )
    file = forms.FileField(
        label=gettext_lazy("A photo or a PDF that shows it"),
        required=False,
        help_text=gettext_lazy(
            "Such as your work permit or a rota. Five megabytes at most; only the union that decides can open it."
        ),
        error_messages={"empty": gettext_lazy("This file is empty. Please choose another.")},
        widget=forms.FileInput({"accept": "image/jpeg,image/png,application/pdf"}),
    )

    def given(self) -> File | None:
        """Return the file that was given, if any."""
        file = self.cleaned_data.get("file")
        return File(file.name or "", file.read()) if file else None


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: WorkerRequest, token: str, kind: str) -> HttpResponse:
    """Show the form, look for a union in it, and take the objection; where there is none to make, lead back."""
    if kind not in ContestKind.values:
        raise NotFound
    found = get_by_token(token)
    if request.method != "POST":
        possible = [each.kind for each in contestable(found, contests_of(found), now=request.now)]
        if kind not in possible:
            return redirect("worker:application", token=token)
        return _page(request, token, found, kind, ContestForm())
    if "send" not in request.POST:
        # Looking for a union keeps what was written; nothing is judged yet.
        return _page(request, token, found, kind, ContestForm(initial={"words": request.POST.get("words", "")}))
    form = ContestForm(request.POST, request.FILES)
    done, _made = tried(form, lambda: _send(request, found, kind, form))
    if not done:
        return _page(request, token, found, kind, form)
    messages.success(request, _("We have it. You see here who answers, and by when."))
    return redirect("worker:application", token=token)


def _send(request: WorkerRequest, found: Application, kind: str, form: ContestForm) -> Contest:
    guard_form(request)
    return contest_application(
        actor=request.actor,
        application=found,
        kind=kind,
        words=form.cleaned_data["words"],
        wanted=request.POST.get("wanted", "")[:12],
        file=form.given(),
        now=request.now,
    )


def _page(request: WorkerRequest, token: str, found: Application, kind: str, form: ContestForm) -> HttpResponse:
    searched = request.POST.get("q", "").strip()[:_MOST_SEARCHED]
    routing = kind == ContestKind.ROUTING
    context: dict[str, Any] = {
        "page_title": TITLES[ContestKind(kind)],
        "back_url": reverse("worker:application", args=[token]),
        "application": found,
        "form": form,
        "routing": routing,
        "searched": searched,
        "unions": unions_to_name(found, text=searched, now=request.now) if routing else [],
        "wanted": request.POST.get("wanted", ""),
    }
    return answered(render(request, "worker/progress/contest.html", context), form)


@never_cache
@require_safe
def file(request: WorkerRequest, token: str, pk: UUID) -> HttpResponse:
    """Send the applicant the file that was given with an objection."""
    found = file_of_application(get_by_token(token), pk)
    response = HttpResponse(content_of(found), content_type=found.media_type)
    response["Content-Disposition"] = "attachment"
    return response


def standing(contests: Iterable[Contest]) -> list[dict[str, Any]]:
    """Return the objections that are open, in words: who answers, by when, and whether it is the same office."""
    return [
        {
            "title": TITLES[ContestKind(each.kind)],
            "sentence": _("%(union)s looks at it and answers by %(due)s; somebody else decides than before.")
            % {"union": local_name(each.union), "due": date_cn(each.due_at)},
            "same_office": each.same_office,
        }
        for each in contests
        if each.state == ContestState.OPEN
    ]


def offers(possible: Iterable[Contestable], token: str) -> list[dict[str, str]]:
    """Return the links to object, each with what it is about and until when."""
    return [
        {
            "label": str(TITLES[each.kind]),
            "url": reverse("worker:application_contest", args=[token, each.kind.value]),
            "until": _("You can say so until %(until)s") % {"until": date_cn(each.until)} if each.until else "",
        }
        for each in possible
    ]
