"""Two records side by side: what agrees and how nearly, both histories, and the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nuanxin.access.states import Permission
from nuanxin.members.actions.duplicates import put_off, say_distinct
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.members.queries.duplicates import get_duplicate, last_merge, records_of, suggested_keep
from nuanxin.members.states import DuplicateState, MembershipAct, MembershipState
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.duplicates.forms import DecideForm, ReasonForm
from nuanxin.web.desk.duplicates.words import evidence_in_words, score_badge, state_badge
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.masks import mask_phone
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import date_cn, local_name

if TYPE_CHECKING:
    from nuanxin.members.models import Duplicate
    from nuanxin.members.queries.duplicates import Record
    from nuanxin.web.desk.requests import DeskRequest


@require_http_methods(["GET", "POST"])
def pair(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Show both records, and take the decision."""
    found = get_duplicate(request.actor, pk)
    one, other = records_of(found)
    form = DecideForm(
        request.POST if request.method == "POST" else None,
        choices=_choices((one, other)),
        initial=_usual(one, other),
    )
    if request.method == "POST":
        done, said = tried(form, lambda: _decide(request, found, form))
        if done:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("desk:duplicates:pair", args=[pk]))
        found = get_duplicate(request.actor, pk)
    return _page(request, found, (one, other), form, ReasonForm())


@require_POST
def undo(request: DeskRequest, pk: UUID) -> HttpResponse:
    """Undo a merge, with a reason; what stands against it is said on the page."""
    found = get_duplicate(request.actor, pk)
    form = ReasonForm(request.POST)
    done, _made = tried(
        form,
        lambda: undo_merge(actor=request.actor, duplicate_id=pk, reason=form.cleaned_data["reason"], now=request.now),
    )
    if done:
        messages.success(request, _("Undone: two records again, each as it was."))
        return HttpResponseRedirect(reverse("desk:duplicates:pair", args=[pk]))
    records = records_of(found)
    decide = DecideForm(choices=_choices(records))
    return _page(request, found, records, decide, form)


def _decide(request: DeskRequest, found: Duplicate, form: DecideForm) -> str:
    values = form.cleaned_data
    if values["decision"] == "distinct":
        say_distinct(actor=request.actor, duplicate_id=found.pk, reason=values["reason"], now=request.now)
        return _("Two people. This pair is never asked again.")
    if values["decision"] == "later":
        put_off(actor=request.actor, duplicate_id=found.pk, reason=values["reason"], now=request.now)
        return _("Put off. It waits under its own heading.")
    merge(
        actor=request.actor,
        duplicate_id=found.pk,
        keep=UUID(values["keep"]) if values["keep"] else found.one_id,
        identity_of=UUID(values["identity_of"]) if values["identity_of"] else None,
        phone_of=UUID(values["phone_of"]) if values["phone_of"] else None,
        reason=values["reason"],
        now=request.now,
    )
    return _("One person now. The other number leads here from now on, and it can be undone.")


def _choices(records: tuple[Record, Record]) -> dict[str, list[tuple[str, str]]]:
    """Return what may be chosen of a merge, each by what tells the two apart."""
    return {
        "keep": [(str(each.worker.pk), _label(each)) for each in records],
        "identity_of": [
            (str(each.worker.pk), f"{each.worker.name} · {document_in_words(each.worker.id_kind, each.id_number)}")
            for each in records
        ],
        "phone_of": [(str(each.worker.pk), mask_phone(each.phone) if each.phone else _("none")) for each in records],
    }


def _usual(one: Record, other: Record) -> dict[str, str]:
    """Return what is chosen unless somebody chooses otherwise: the older record, and the phone that was told last."""
    keep = suggested_keep(one, other)
    kept, dropped = (one, other) if one.worker.pk == keep else (other, one)
    newer = max((kept, dropped), key=lambda each: (bool(each.phone), each.worker.created_at))
    return {"keep": str(keep), "identity_of": str(keep), "phone_of": str(newer.worker.pk)}


def _page(
    request: DeskRequest, found: Duplicate, records: tuple[Record, Record], form: DecideForm, reason: ReasonForm
) -> HttpResponse:
    bound = form.is_bound or reason.is_bound
    made = last_merge(found) if found.state == DuplicateState.MERGED else None
    context: dict[str, Any] = {
        "page_title": _("Perhaps one person"),
        "pretitle": _("Decides: %(union)s") % {"union": local_name(found.union)},
        "pair": found,
        "score": score_badge(found.points),
        "state": state_badge(found.state),
        "evidence": evidence_in_words(found.evidence),
        "rows": _rows(request, records),
        "heads": [_head(each) for each in records],
        "histories": [(_label(each), _steps(each)) for each in records],
        "form": form,
        "reason_form": reason,
        "may_decide": found.state in (DuplicateState.OPEN, DuplicateState.LATER)
        and request.actor.may(Permission.MERGE, at=found.union),
        "merge": made,
        "back_url": reverse("desk:duplicates:duplicates"),
    }
    return render(request, "desk/duplicates/pair.html", context, status=422 if bound else 200)


def _label(each: Record) -> str:
    membership = each.membership
    return f"{each.worker.name or _('erased')} · {membership.number}" if membership else each.worker.name


def _head(each: Record) -> dict[str, Any]:
    membership = each.membership
    return {
        "name": each.worker.name or _("erased"),
        "number": membership.number if membership else "",
        "url": reverse("desk:people:member", args=[membership.number]) if membership else "",
    }


def _rows(request: DeskRequest, records: tuple[Record, Record]) -> list[dict[str, Any]]:
    """Return each field with both values; those that differ are marked."""
    columns = [_facts(request, each) for each in records]
    return [
        {"name": name, "values": (left, right), "differs": left != right}
        for (name, left), (_name, right) in zip(*columns, strict=True)
    ]


def _facts(request: DeskRequest, each: Record) -> list[tuple[str, str]]:
    worker, membership, none = each.worker, each.membership, _("none")
    sexes = {"M": _("male"), "F": _("female")}
    reveals = request.actor.may(Permission.MERGE, at=membership.union) if membership else False
    state = MembershipState(membership.state).label if membership else none
    return [
        (_("Full name"), worker.name if reveals or worker.name else _("erased")),
        (_("ID number"), document_in_words(worker.id_kind, each.id_number) if each.id_number else none),
        (_("Born on"), date_cn(worker.birth_on) if worker.birth_on else none),
        (_("Sex"), sexes.get(worker.sex, none)),
        (_("Phone"), mask_phone(each.phone) if each.phone else none),
        (_("Occupation group"), local_name(worker.occupation_group)),
        (_("Works in"), full_name(worker.region_id)),
        (_("Employer"), (worker.employer.name if worker.employer else worker.employer_name) or _("not named")),
        (_("Platform"), local_name(worker.platform) or _("not named")),
        (_("Member no."), membership.number if membership else none),
        (_("Union"), local_name(membership.union) if membership else none),
        (_("Member since"), date_cn(membership.began_on) if membership else none),
        (_("Standing"), str(state)),
        (_("Cards that work"), str(each.live_cards)),
        (_("Applications"), str(each.applications)),
    ]


def _steps(each: Record) -> list[dict[str, Any]]:
    return [
        {
            "text": f"{MembershipAct(entry.act).label} · {local_name(entry.union)}",
            "at": entry.at,
            "note": entry.reason,
        }
        for entry in each.entries
    ]
