"""The welcome pack: what is in it, what became of each thing, and where to fetch it, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from nuanxin.benefits.queries.packs import my_pack, shelves
from nuanxin.benefits.states.packs import SHELVED, PackItem, RightState
from nuanxin.kernel.clock import local_day
from nuanxin.members.queries.workers import get_worker
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse
    from django.utils.functional import _StrOrPromise

    from nuanxin.benefits.models import PackRight
    from nuanxin.benefits.queries.packs import Shelf
    from nuanxin.web.worker.requests import WorkerRequest

_ICONS: Final = {PackItem.KIT: "gift", PackItem.TICKET: "ticket", PackItem.INSURANCE: "shield-check"}
#: How near a place is, by the length of what its region's code shares with one's own.
_NEAR: Final[dict[int, _StrOrPromise]] = {
    12: gettext_lazy("in your village or community"),
    9: gettext_lazy("in your township or street"),
    6: gettext_lazy("in your county or district"),
    4: gettext_lazy("in your city"),
    2: gettext_lazy("in your province"),
}


@never_cache
@require_safe
def packs(request: WorkerRequest) -> HttpResponse:
    """Show my welcome pack; whoever has none reads why."""
    today = local_day(request.now)
    rights = my_pack(request.actor)
    open_ones = [right for right in rights if _is_open(right, today)]
    worker = get_worker(rights[0].worker_id) if open_ones else None
    places = shelves(worker.region_id, items=[right.item for right in open_ones], on=today) if worker else []
    context = {
        "page_title": _("Welcome pack"),
        "back_url": reverse("worker:home"),
        "tabs": tabs(request),
        "rows": [_row(right, today) for right in rights],
        "waits": bool(open_ones),
        "places": [_place(shelf) for shelf in places],
    }
    return render(request, "worker/packs.html", context)


def _is_open(right: PackRight, today: date) -> bool:
    in_time = right.until is not None and today <= right.until
    return right.item in SHELVED and right.state == RightState.GRANTED and in_time


def _row(right: PackRight, today: date) -> dict[str, Any]:
    item = PackItem(right.item)
    label, tone, note = _standing(right, today)
    url = reverse("worker:coupons") if right.state == RightState.AS_COUPON else ""
    return {"icon": _ICONS[item], "name": item.label, "label": label, "tone": tone, "note": note, "url": url}


def _standing(right: PackRight, today: date) -> tuple[_StrOrPromise, str, str]:
    """Return how one thing stands: a word, its color, and what to do or what happened."""
    state = RightState(right.state)
    if state == RightState.HANDED_OUT and right.place is None:
        return state.label, "good", _("%(at)s at the joining ceremony") % {"at": date_cn(right.handed_at)}
    if state == RightState.HANDED_OUT and right.place is not None:
        told = {"at": date_cn(right.handed_at), "place": local_name(right.place)}
        return state.label, "good", _("%(at)s at %(place)s") % told
    if state == RightState.WITHDRAWN:
        why = [right.reason] if right.reason else []
        return state.label, "bad", " · ".join([*why, _("If you think it is not right, call 12351.")])
    if state == RightState.AS_COUPON:
        return state.label, "good", _("You have it as a coupon: it says where, and until when.")
    if state != RightState.GRANTED:
        return state.label, "good" if state == RightState.COVERED else "", ""
    if right.item not in SHELVED:
        return _("On its way"), "wait", _("You need do nothing: the certificate comes here by itself.")
    if right.until is not None and today > right.until:
        return _("Not fetched in time"), "bad", _("Your union may help: call 12351.")
    return state.label, "wait", _("Fetch it by %(day)s: show your member code at a place below.") % {
        "day": date_cn(right.until)
    }  # fmt: skip


def _place(shelf: Shelf) -> dict[str, Any]:
    return {
        "place": shelf.place,
        "near": _NEAR.get(shelf.shared, ""),
        "items": "、".join(str(PackItem(item).label) for item in shelf.items),
    }
