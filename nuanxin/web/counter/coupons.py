"""What a partner has redeemed: today at this place, this month at all its places, and months that are paid."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django import forms
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries.counters import counter_of
from nuanxin.benefits.actions.redeeming import SLIP, give_back
from nuanxin.benefits.queries.redemptions import clashes_of, get_redemption, redeemed_at, sums_of
from nuanxin.benefits.queries.settling import settlements_of
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.counter.devices import acting_device, standing_here
from nuanxin.web.counter.scans import for_devices
from nuanxin.web.kit.guards import answered
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from nuanxin.web.kit.requests import Request


class SlipForm(forms.Form):
    """Why a counter takes its own redemption back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=200, help_text=gettext_lazy("The member reads it.")
    )


@never_cache
@require_safe
@for_devices
def coupons(request: Request) -> HttpResponse:
    """Show the partner its own redemptions and what it is paid."""
    actor = acting_device(request)
    counter = counter_of(actor, staff_id=standing_here(request), now=request.now)
    if counter.place_id is None or counter.partner_id is None:
        raise NotFound
    today = local_day(request.now)
    midnight = datetime.combine(today, time(), tzinfo=ZONE)
    rows = [
        {
            "row": row,
            "name": local_name(row.kind),
            "may_take_back": row.state == "redeemed"
            and row.device_id == actor.source_id
            and request.now - row.told_at <= SLIP,
        }
        for row in redeemed_at(counter.place_id, since=midnight)
    ]
    context = {
        "page_title": _("Coupons redeemed"),
        "back_url": reverse("counter:place"),
        "rows": rows,
        "day": sums_of(counter.partner_id, since=midnight),
        "month": sums_of(counter.partner_id, since=midnight.replace(day=1)),
        "clashes": [(row, local_name(row.kind) if row.kind else "") for row in clashes_of(counter.partner_id)],
        "settlements": settlements_of(counter.partner_id),
    }
    return render(request, "counter/coupons.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_devices
def back(request: Request, pk: UUID) -> HttpResponse:
    """Take back what this counter has just redeemed, with a reason."""
    actor = acting_device(request)
    found = get_redemption(actor, pk)
    form = SlipForm(request.POST or None)
    if request.method == "POST":
        done, _taken = tried(
            form,
            lambda: give_back(actor=actor, redemption=found, reason=form.cleaned_data["reason"], now=request.now),
        )
        if done:
            return HttpResponseRedirect(reverse("counter:coupons"))
    context = {
        "form": form,
        "name": local_name(found.kind),
        "found": found,
        "page_title": _("Take back"),
        "back_url": reverse("counter:coupons"),
    }
    return answered(render(request, "counter/coupon_back.html", context), form)
