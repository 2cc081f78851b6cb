"""My messages one by one, and how I am told: by which ways, and at which mailbox."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.members.queries.workers import my_page
from nuanxin.messages.actions import mark_read
from nuanxin.messages.actions.choices import ask_for_email, forget_address
from nuanxin.messages.queries import get_notice, in_words, unread_count, visible_to
from nuanxin.messages.queries.chosen import own_addresses
from nuanxin.messages.queries.outlets import ways_set_up
from nuanxin.messages.states import Channel
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.ways import WORKER_KINDS, EmailForm, save_ways, ways_form
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


@never_cache
@require_safe
def inbox(request: WorkerRequest) -> HttpResponse:
    """Show my messages, newest first."""
    my_page(request.actor)
    listed = page(visible_to(request.actor), order=("-created_at", "-pk"), cursor=request.GET.get("page", ""), size=30)
    context = {
        "page_title": _("Messages"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "page": listed,
        "notices": in_words(listed.items, language=get_language() or ""),
        "unread": unread_count(request.actor),
    }
    return render(request, "worker/account/messages.html", context)


@require_POST
def read_all(request: WorkerRequest) -> HttpResponse:
    """Mark all my messages as read."""
    mark_read(actor=request.actor, now=request.now)
    return redirect("worker:messages")


@require_POST
def open_message(request: WorkerRequest, pk: UUID) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    my_page(request.actor)
    notice = get_notice(request.actor, pk)
    mark_read(actor=request.actor, notice_id=notice.pk, now=request.now)
    inside = url_has_allowed_host_and_scheme(notice.link, allowed_hosts=None)
    return redirect(notice.link if notice.link and inside else "worker:messages")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ways(request: WorkerRequest) -> HttpResponse:
    """Choose by which ways I am told each kind."""
    my_page(request.actor)
    form = ways_form(request.actor, request.POST if request.method == "POST" else None, kinds=WORKER_KINDS)
    if request.method == "POST" and save_ways(request.actor, form, now=request.now):
        messages.success(request, _("Kept. From now on you are told like this."))
        return redirect("worker:ways")
    return _ways_page(request, form, EmailForm())


@require_POST
def email(request: WorkerRequest) -> HttpResponse:
    """Send a link to a mailbox of mine."""
    my_page(request.actor)
    form = EmailForm(request.POST)
    language = get_language() or ""
    done, _address = tried(
        form,
        lambda: ask_for_email(
            actor=request.actor, email=form.cleaned_data["email"], language=language, now=request.now
        ),
    )
    if not done:
        return _ways_page(request, ways_form(request.actor, kinds=WORKER_KINDS), form)
    messages.success(request, _("A link is on its way to your mailbox. It is good for one day."))
    return redirect("worker:ways")


@require_POST
def remove_email(request: WorkerRequest) -> HttpResponse:
    """Take my mailbox away."""
    my_page(request.actor)
    if forget_address(actor=request.actor, channel=Channel.EMAIL, now=request.now):
        messages.success(request, _("Nothing goes to your mailbox any more."))
    return redirect("worker:ways")


def _ways_page(request: WorkerRequest, form: forms.Form, email_form: EmailForm) -> HttpResponse:
    context = {
        "page_title": _("How I am told"),
        "back_url": reverse("worker:messages"),
        "tabs": tabs(request),
        "form": form,
        "email_form": email_form,
        "offers_email": Channel.EMAIL in ways_set_up(),
        "mailbox": own_addresses(request.actor).get(Channel.EMAIL),
    }
    status = 422 if form.errors or email_form.errors else 200
    return render(request, "worker/account/ways.html", context, status=status)
