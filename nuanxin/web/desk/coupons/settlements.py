"""What partners are paid: what is due, closing a month, and the file of a month that is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.benefits.actions.settling import close_month
from nuanxin.benefits.queries.settling import due_until, get_merchant, get_settlement, lines_of, visible_settlements
from nuanxin.benefits.rules.settling import check_ended, month_before
from nuanxin.benefits.states.coupons import SETTLE_COUPONS, LineKind
from nuanxin.kernel.refusals import Refusal
from nuanxin.web.desk.coupons.forms import MonthForm
from nuanxin.web.desk.organizations.pages import ask
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from django.http import HttpResponse, HttpResponseBase

    from nuanxin.benefits.models import Settlement, SettlementLine
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def settlements(request: DeskRequest) -> HttpResponse:
    """Show what each partner is due until the end of a month, and the months that are closed."""
    request.actor.require(SETTLE_COUPONS)
    month = request.GET.get("month", "") or month_before(request.now)
    form = MonthForm({"month": month})
    refusal, due = None, []
    try:
        due = due_until(request.actor, check_ended(month, request.now))
    except Refusal as refused:
        refusal = refused
    listed = page(
        visible_settlements(request.actor), order=("-month", "-pk"), cursor=request.GET.get("page", ""), size=50
    )
    context = {
        "page_title": _("Settlement with partners"),
        "back_url": reverse("desk:coupons:kinds"),
        "month": month,
        "filters": form,
        "refusal": refusal,
        "due": due,
        "page": listed,
    }
    return render(request, "desk/coupons/settlements.html", context)


@require_http_methods(["GET", "POST"])
def close(request: DeskRequest, pk: UUID, month: str) -> HttpResponse:
    """Close a partner's month, after asking."""
    partner = get_merchant(request.actor, pk)
    back = f"{reverse('desk:coupons:settlements')}?month={month}"
    if request.method == "POST":
        closed = close_month(actor=request.actor, partner=partner, month=month, now=request.now)
        messages.success(request, _("Closed. The file is ready for accounting."))
        return HttpResponseRedirect(reverse("desk:coupons:settlement", args=[closed.number]))
    check_ended(month, request.now)
    return ask(
        request,
        question=_("Close %(month)s of %(name)s?") % {"month": month, "name": local_name(partner)},
        consequences=[
            _("The month stays as it is from then on; nobody can change it."),
            _("What counters tell later, and what is taken back later, comes with the next month."),
        ],
        action_label=_("Close the month"),
        back_url=back,
        danger=False,
    )


@require_safe
def settlement(request: DeskRequest, number: str) -> HttpResponse:
    """Show a closed month, line by line."""
    found = get_settlement(request.actor, number)
    listed = page(lines_of(found), order=("pk",), cursor=request.GET.get("page", ""), size=200)
    context = {
        "page_title": f"{local_name(found.partner)} · {found.month}",
        "back_url": reverse("desk:coupons:settlements"),
        "settlement": found,
        "page": listed,
        "lines": [_line(line) for line in listed.items],
    }
    return render(request, "desk/coupons/settlement.html", context)


def _line(line: SettlementLine) -> dict[str, Any]:
    """Return what a line pays: a redemption, or a clash, which has no coupon and so no number."""
    number = line.redemption.coupon.number if line.redemption else ""
    what, label = line.redemption or line.clash, str(LineKind(line.kind).label)
    return {"what": what, "number": number, "label": label, "amount": line.amount}


@require_safe
def excel(request: DeskRequest, number: str) -> HttpResponseBase:
    """Send a closed month: a line for each redemption, and the sum."""
    found = get_settlement(request.actor, number)
    header = [_("When"), _("Coupon"), _("Coupon number"), _("Where"), _("What it is for"), _("Amount, yuan")]
    return workbook_response(f"{found.partner.name}-{found.month}-{found.number}", header, _lines(found))


def _lines(found: Settlement) -> Iterator[list[Any]]:
    for line in lines_of(found).iterator(chunk_size=1000):
        told = _line(line)
        what = told["what"]
        yield [what.at, local_name(what.kind), told["number"], local_name(what.place), told["label"], line.amount]
    yield [None, _("Sum"), "", "", "", found.amount]
