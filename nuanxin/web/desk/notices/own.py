"""One's own notices at the desk: the list, reading, and the ways by which they come."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.messages.actions import mark_read
from nuanxin.messages.actions.choices import ask_for_email, forget_address
from nuanxin.messages.queries import get_notice, in_words, unread_count, visible_to
from nuanxin.messages.queries.chosen import own_addresses
from nuanxin.messages.queries.outlets import ways_set_up
from nuanxin.messages.states import Channel
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.ways import DESK_KINDS, EmailForm, save_ways, ways_form

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpResponse

    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def inbox(request: DeskRequest) -> HttpResponse:
    """List what I was told, newest first."""
    if request.actor.account_id is None:
        raise NotSignedIn
    rows = visible_to(request.actor)
    only_unread = request.GET.get("show") == "unread"
    if only_unread:
        rows = rows.filter(read_at=None)
    listed = page(rows, order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=50)
    unread = unread_count(request.actor)
    context = {
        "page_title": _("Notices"),
        "page": listed,
        "told": in_words(listed.items, language=get_language() or ""),
        "unread": unread,
        "views": [
            {"label": _("All"), "url": "?", "count": None, "current": not only_unread},
            {"label": _("Not read yet"), "url": "?show=unread", "count": unread, "current": only_unread},
        ],
    }
    return render(request, "desk/notices/inbox.html", context)


@require_POST
def open_notice(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Mark a notice as read and go where it leads."""
    notice = get_notice(request.actor, pk)
    mark_read(actor=request.actor, notice_id=notice.pk, now=request.now)
    inside = url_has_allowed_host_and_scheme(notice.link, allowed_hosts=None)
    return HttpResponseRedirect(notice.link if notice.link and inside else reverse("desk:notices:inbox"))


@require_http_methods(["GET", "HEAD", "POST"])
def ways(request: DeskRequest) -> HttpResponse:
    """Choose by which ways I am told each kind."""
    if request.actor.account_id is None:
        raise NotSignedIn
    form = ways_form(request.actor, request.POST if request.method == "POST" else None, kinds=DESK_KINDS)
    if request.method == "POST" and save_ways(request.actor, form, now=request.now):
        messages.success(request, _("Kept. From now on you are told like this."))
        return HttpResponseRedirect(reverse("desk:notices:ways"))
    return _ways_page(request, form, EmailForm())


@require_POST
def email(request: DeskRequest) -> HttpResponse:
    """Send a link to a mailbox of mine."""
    form = EmailForm(request.POST)
    language = get_language() or ""
    done, _address = tried(
        form,
        lambda: ask_for_email(
            actor=request.actor, email=form.cleaned_data["email"], language=language, now=request.now
        ),
    )
    if not done:
        return _ways_page(request, ways_form(request.actor, kinds=DESK_KINDS), form)
    messages.success(request, _("A link is on its way to your mailbox. It is good for one day."))
    return HttpResponseRedirect(reverse("desk:notices:ways"))


@require_POST
def remove_email(request: DeskRequest) -> HttpResponse:
    """Take my mailbox away."""
    if forget_address(actor=request.actor, channel=Channel.EMAIL, now=request.now):
        messages.success(request, _("Nothing goes to your mailbox any more."))
    return HttpResponseRedirect(reverse("desk:notices:ways"))


def _ways_page(request: DeskRequest, form: forms.Form, email_form: EmailForm) -> HttpResponse:
    context = {
        "page_title": _("How I am told"),
        "form": form,
        "email_form": email_form,
        "offers_email": Channel.EMAIL in ways_set_up(),
        "mailbox": own_addresses(request.actor).get(Channel.EMAIL),
    }
    status = 422 if form.errors or email_form.errors else 200
    return render(request, "desk/notices/ways.html", context, status=status)
