"""The member card, and the code that a counter may read once within a minute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from nuanxin.access.actions import shut_out_phones
from nuanxin.members.actions.cards import issue_code, replace_card
from nuanxin.members.queries.cells import own_cell_transfer
from nuanxin.members.queries.workers import MyPage, my_page
from nuanxin.members.rules.cards import group_digits, qr_payload
from nuanxin.members.states import MembershipState
from nuanxin.web.kit.offline import clear_phone, keep_offline, mark
from nuanxin.web.kit.sessions import own_session
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.worker.moves.offers import may_move, waiting_transfer
from nuanxin.web.worker.requests import asks_for_part, tabs

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.members.models import Membership
    from nuanxin.web.worker.requests import WorkerRequest

_TONES = {
    MembershipState.ACTIVE: "good",
    MembershipState.SUSPENDED: "wait",
    MembershipState.RETAINED: "wait",
    MembershipState.ENDED: "bad",
}


def card_context(mine: MyPage) -> dict[str, Any] | None:
    """Return what the card shows; None for somebody who has never been a member."""
    membership = mine.membership
    if membership is None:
        return None
    group = mine.worker.occupation_group
    return {
        "name": mine.worker.name,
        "union": local_name(membership.union),
        "number": group_digits(membership.number),
        "group": local_name(group),
        "group_icon": group.icon,
        "state_label": MembershipState(membership.state).label,
        "state_tone": _TONES[MembershipState(membership.state)],
    }


def _ahead(mine: MyPage) -> dict[str, Any]:
    """Return what the page's script needs to fetch offline credentials ahead, and whose card they are for."""
    card = mine.card
    return {
        "card_mark": mark("card", card.pk) if card is not None and _may_show(mine.membership) else "",
        "credentials_url": reverse("worker:credentials"),
        "keep_ahead": reverse("worker:offline_code"),
    }


@keep_offline
@never_cache
@require_safe
def card(request: WorkerRequest) -> HttpResponse:
    """Show the card, its standing, and the ways to use it."""
    mine = my_page(request.actor)
    context = {
        "page_title": _("Member card"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "card": card_context(mine),
        "membership": mine.membership,
        "live": mine.card,
        "union": mine.membership.union if mine.membership else None,
        "may_show": _may_show(mine.membership),
        "may_move": may_move(mine.membership),
        "waiting": waiting_transfer(mine.membership),
        "between_registries": own_cell_transfer(request.actor),
        **_ahead(mine),
    }
    return render(request, "worker/account/card.html", context)


def _may_show(membership: Membership | None) -> bool:
    return membership is not None and membership.state != MembershipState.ENDED


@never_cache
@require_GET
def code(request: WorkerRequest) -> HttpResponse:
    """Make a new code and show it as QR and as digits; each lasts a minute and is read once."""
    mine = my_page(request.actor)
    if not _may_show(mine.membership) or mine.membership is None:
        return redirect("worker:card")
    issued = issue_code(actor=request.actor, number=mine.membership.number, now=request.now)
    context = {
        "page_title": _("Member code"),
        "back_url": reverse("worker:card"),
        "tabs": tabs(request),
        "card": card_context(mine),
        "code": qr_payload(issued.code),
        "digits": group_digits(issued.code),
        "seconds": max(1, math.floor((issued.expires_at - request.now).total_seconds())),
        "expires_at": issued.expires_at,
        **_ahead(mine),
    }
    template = "code_panel" if asks_for_part(request) else "code"
    return render(request, f"worker/account/{template}.html", context)


@keep_offline
@never_cache
@require_safe
def offline_code(request: WorkerRequest) -> HttpResponse:
    """Show the page on which the phone makes its own codes; kept on the phone, it needs no network."""
    mine = my_page(request.actor)
    if not _may_show(mine.membership):
        return redirect("worker:card")
    context = {
        "page_title": _("Offline code"),
        "back_url": reverse("worker:card"),
        "tabs": tabs(request),
        "card": card_context(mine),
        **_ahead(mine),
    }
    return render(request, "worker/account/offline.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: WorkerRequest) -> HttpResponse:
    """Phone or card lost: after a question, a new card, and every other phone is signed out."""
    mine = my_page(request.actor)
    if not _may_show(mine.membership) or mine.membership is None:
        return redirect("worker:card")
    if request.method == "POST":
        replace_card(actor=request.actor, number=mine.membership.number, reason="lost", now=request.now)
        if mine.worker.account_id is not None:
            shut_out_phones(account_id=mine.worker.account_id, but=own_session(request), now=request.now)
        messages.success(request, _("You have a new card. The old one and every other phone are shut out."))
        response = redirect("worker:card")
        clear_phone(request, response)
        return response
    context = {
        "face": "kit/phone.html",
        "page_title": _("Lost phone or card"),
        "question": _("Shut out the lost phone or card and get a new card?"),
        "consequences": [
            _("The card you have had, also the one on paper, works nowhere from this moment."),
            _("Every other phone is signed out and must prove itself with your ID again."),
            _("Your membership, your number and your benefits stay as they are."),
        ],
        "action_url": request.path,
        "action_label": _("Yes, give me a new card"),
        "back_url": reverse("worker:card"),
        "danger": True,
    }
    return render(request, "kit/confirm.html", context)
