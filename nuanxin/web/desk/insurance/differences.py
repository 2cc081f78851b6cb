"""In what the insurer's policies differ from the list: by kind, out to Excel, settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from nuanxin.access.states import Permission
from nuanxin.benefits.actions.insurance_settling import note_differences_taken, settle_differences
from nuanxin.benefits.queries.insurance import balance_of, differences_of, get_batch, sides_of
from nuanxin.benefits.states.insurance import DifferenceKind, DifferenceState
from nuanxin.kernel.refusals import NotFound
from nuanxin.web.desk.insurance.forms import SettleForm
from nuanxin.web.desk.insurance.words import line_of
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import FileResponse

    from nuanxin.benefits.models import InsuranceBatch
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def differences(request: DeskRequest, number: str) -> HttpResponse:
    """Show the differences of one kind, both sides beside each other."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    balance = balance_of(found)
    kind = request.GET.get("kind", "")
    if kind not in balance.kinds:
        kind = next(iter(sorted(balance.kinds, key=lambda each: -balance.kinds[each][0])), "")
    listed = page(differences_of(found, kind=kind), order=("state", "pk"), cursor=request.GET.get("page", ""))
    context = {
        "page_title": _("Differences"),
        "batch": found,
        "back_url": reverse("desk:insurance:batch", args=[found.number]),
        "page": listed,
        "kind": kind,
        "open": balance.kinds[kind][0] if kind else 0,
        "views": [
            {
                "label": each.label,
                "url": f"?kind={each.value}",
                "count": sum(balance.kinds[each]),
                "current": each == kind,
            }
            for each in DifferenceKind
            if each in balance.kinds
        ],
        "rows": [line_of(each) for each in sides_of(found, listed.items)],
    }
    return render(request, "desk/insurance/differences.html", context)


@require_POST
def excel(request: DeskRequest, number: str) -> FileResponse:
    """Send every difference with both sides in plain, for the insurer to mend; that it was taken is recorded."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    note_differences_taken(actor=request.actor, batch=found, now=request.now)
    header = [_("What differs"), _("State"), _("Line of the roll"), _("Full name"), _("ID number"), _("Cover from")]
    header += [_("Cover until"), _("Sum insured"), _("Union"), _("Insurer: policy number"), _("Insurer: name")]
    header += [_("Insurer: ID number"), _("Insurer: cover from"), _("Insurer: cover until"), _("Insurer: sum insured")]
    header += [_("Settled how"), _("Why")]
    name = _("Differences %(number)s") % {"number": found.number}
    return workbook_response(name, header, _out(found))


def _out(found: InsuranceBatch) -> Iterator[list[Any]]:
    rows = list(differences_of(found).order_by("kind", "pk"))
    names = ("line", "name", "id_number", "cover_from", "cover_until", "sum_insured")
    theirs = ("policy_number", "name", "id_number", "cover_from", "cover_until", "sum_insured")
    for at in range(0, len(rows), 500):
        for each in sides_of(found, rows[at : at + 500]):
            one = each.difference
            yield [
                one.get_kind_display(),
                one.get_state_display(),
                *(each.ours.get(name) for name in names),
                local_name(each.ours["union"]) if each.ours else "",
                *(each.theirs.get(name) for name in theirs),
                one.get_settlement_display() if one.settlement else "",
                one.note,
            ]


@require_http_methods(["GET", "POST"])
def settle(request: DeskRequest, number: str) -> HttpResponse:
    """Settle the open differences of a kind, or one of them."""
    request.actor.require(Permission.INSURE)
    found = get_batch(request.actor, number)
    kind, one = request.GET.get("kind", ""), request.GET.get("one", "")
    if kind not in DifferenceKind.values:
        raise NotFound
    rows = differences_of(found, kind=kind, state=DifferenceState.OPEN)
    try:
        chosen = rows.filter(pk=UUID(one)) if one else rows
    except ValueError:
        raise NotFound from None
    form = SettleForm(request.POST or None, kind=kind)
    back = f"{reverse('desk:insurance:differences', args=[found.number])}?kind={kind}"
    if request.method == "POST":
        done, count = tried(
            form,
            lambda: settle_differences(
                actor=request.actor,
                batch=found,
                kind=kind,
                one=UUID(one) if one else None,
                **form.cleaned_data,
                now=request.now,
            ),
        )
        if done:
            messages.success(request, _("%(count)s settled.") % {"count": count})
            return HttpResponseRedirect(back)
    many = chosen.count()
    context = {
        "form": form,
        "page_title": _("Settle: %(kind)s") % {"kind": DifferenceKind(kind).label},
        "intro": ngettext("%(count)s difference", "%(count)s differences", many) % {"count": many},
        "lines": [line_of(each) for each in sides_of(found, list(chosen.order_by("pk")[:5]))],
        "submit": _("Settle"),
        "back_url": back,
    }
    return render(request, "desk/insurance/settle.html", context, status=422 if form.is_bound else 200)
