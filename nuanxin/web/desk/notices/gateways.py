"""How the gateways fare, and the chats of cadres that are told what waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.queries import union_in_reach
from nuanxin.access.states import Permission
from nuanxin.members.queries.told import chats_in_reach, get_chat
from nuanxin.messages.actions.chats import add_chat, remove_chat, try_chat
from nuanxin.messages.queries.outlets import outlets_health
from nuanxin.messages.states import Channel, TextState
from nuanxin.web.desk.access.pages import form_page
from nuanxin.web.desk.notices.sent import tabs
from nuanxin.web.kit.refusals import tried

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.messages.models import GroupChat
    from nuanxin.messages.queries.outlets import Health
    from nuanxin.web.desk.requests import DeskRequest

#: Failures one after the other that say that something is wrong.
_MANY = 3


class ChatForm(forms.Form):
    """A chat whose bot tells cadres what waits."""

    union = forms.CharField(label=gettext_lazy("Union (code or whole name)"), max_length=120)
    name = forms.CharField(label=gettext_lazy("Name of the chat"), max_length=60)
    address = forms.CharField(
        label=gettext_lazy("Address of the bot"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "As WeCom or DingTalk shows it: https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=… or "
            "https://oapi.dingtalk.com/robot/send?access_token=…; with DingTalk's signing: dingtalk://secret@token. "
            "It is kept sealed and not shown again"
        ),
    )


@require_safe
def gateways(request: DeskRequest) -> HttpResponse:
    """Show how each way out fares: last success, last failure, what waits, the last 24 hours."""
    request.actor.require(Permission.MANAGE_NOTICES)
    context = {
        "page_title": _("Gateways"),
        "views": tabs(request, "gateways"),
        "rows": [_row(health) for health in outlets_health(now=request.now)],
    }
    return render(request, "desk/notices/gateways.html", context)


def _row(health: Health) -> dict[str, Any]:
    outlet = health.outlet
    if not health.is_set_up:
        word, tone = (_("console only"), "wait") if health.channel == Channel.SMS else (_("not set up"), "wait")
    elif outlet is None:
        word, tone = _("not used yet"), "wait"
    elif outlet.failures >= _MANY:
        word, tone = _("fails"), "bad"
    elif outlet.failures:
        word, tone = _("failed lately"), "wait"
    else:
        word, tone = _("works"), "good"
    arrived = health.day.get(TextState.DELIVERED, 0) + health.day.get(TextState.READ, 0)
    return {
        "way": health.channel.label,
        "word": word,
        "tone": tone,
        "outlet": outlet,
        "error": _(outlet.last_error) if outlet is not None and outlet.last_error else "",
        "waiting": health.waiting,
        "oldest": health.oldest,
        "sent": health.day.get(TextState.SENT, 0) + arrived,
        "arrived": arrived,
        "failed": health.day.get(TextState.FAILED, 0),
    }


@require_safe
def chats(request: DeskRequest) -> HttpResponse:
    """List the chats of the unions in reach."""
    request.actor.require(Permission.MANAGE_NOTICES)
    rows = [
        {"chat": chat, "union": union, "way": Channel(chat.channel).label}
        for chat, union in chats_in_reach(request.actor)
    ]
    context = {"page_title": _("Chats of cadres"), "views": tabs(request, "chats"), "rows": rows}
    return render(request, "desk/notices/chats.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_chat(request: DeskRequest) -> HttpResponse:
    """Name a chat that is told what waits for a union."""
    request.actor.require(Permission.MANAGE_NOTICES)
    form = ChatForm(request.POST if request.method == "POST" else None)
    back = reverse("desk:notices:chats")
    if request.method == "POST":
        done, _chat = tried(form, lambda: _add(request, form.cleaned_data))
        if done:
            messages.success(request, _("The chat is told from now on. Send it a line to see that it arrives."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("New chat"), submit=_("Tell this chat"), back_url=back)


def _add(request: DeskRequest, chosen: dict[str, Any]) -> GroupChat:
    union = union_in_reach(request.actor, Permission.MANAGE_NOTICES, chosen["union"])
    return add_chat(
        actor=request.actor,
        union_id=union.pk,
        union_path=union.path,
        name=chosen["name"],
        address=chosen["address"],
        now=request.now,
    )


@require_POST
def try_one(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Send a chat a line."""
    chat, union = get_chat(request.actor, pk)
    try_chat(actor=request.actor, chat=chat, union_path=union.path, union_name=union.name, now=request.now)
    messages.success(request, _("A line is on its way to the chat. Whether it went stands under “Sent out”."))
    return HttpResponseRedirect(reverse("desk:notices:chats"))


@require_POST
def remove(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Tell a chat nothing more."""
    chat, union = get_chat(request.actor, pk)
    remove_chat(actor=request.actor, chat=chat, union_path=union.path, now=request.now)
    messages.success(request, _("This chat is told nothing more."))
    return HttpResponseRedirect(reverse("desk:notices:chats"))
