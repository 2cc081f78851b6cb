"""What is held about oneself: data, history, who checked the card, consents, a full copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.queries import linked_identities
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.exports import as_json, export_of_person
from nuanxin.members.queries.applications import progress_token
from nuanxin.members.queries.cards import card_checks, checkers
from nuanxin.members.queries.history import stays_in
from nuanxin.members.queries.memberships import history
from nuanxin.members.queries.workers import consents_of, my_page
from nuanxin.members.states import ApplicationState, Assurance, CardAnswer, ConsentKind, MembershipAct
from nuanxin.messages.queries import unread_count
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.platforms import offered
from nuanxin.web.kit.templatetags.kit import date_cn, local_name
from nuanxin.web.kit.transfers import stay_rows
from nuanxin.web.worker.account.readable import readable
from nuanxin.web.worker.requests import tabs

if TYPE_CHECKING:
    from nuanxin.members.models import CardCheck, Worker
    from nuanxin.web.worker.requests import WorkerRequest

_GOOD = dict.fromkeys((CardAnswer.VALID, CardAnswer.RETAINED), "good")
_TONES = _GOOD | dict.fromkeys((CardAnswer.SUSPENDED, CardAnswer.EXPIRED, CardAnswer.USED), "wait")


def _page(request: WorkerRequest, template: str, title: str, context: dict[str, Any], *, back: str) -> HttpResponse:
    context |= {"page_title": title, "back_url": reverse(back), "tabs": tabs(request)}
    return render(request, f"worker/account/{template}.html", context)


def own_facts(worker: Worker) -> dict[str, str]:
    """Return what is known of the worker, for masking on the page."""
    key = PersonKey(worker.sealed_key)
    return {
        "name": worker.name,
        "document": document_in_words(worker.id_kind, key.unseal(worker.sealed_id)),
        "phone": key.unseal(worker.sealed_phone),
        "group": local_name(worker.occupation_group),
        "region": worker.region.name,
        "employer": local_name(worker.employer) if worker.employer else worker.employer_name,
        "platform": local_name(worker.platform) if worker.platform else "",
    }


@never_cache
@require_safe
def me(request: WorkerRequest) -> HttpResponse:
    """Show my data, masked, and the ways to everything else."""
    mine = my_page(request.actor)
    context = {
        "facts": own_facts(mine.worker),
        "membership": mine.membership,
        "level": Assurance(mine.worker.assurance).label,
        "unread": unread_count(request.actor),
        "links": offered(request) or linked_identities(request.actor),
    }
    return _page(request, "me", _("Me"), context, back="worker:home")


@never_cache
@require_safe
def acts(request: WorkerRequest) -> HttpResponse:
    """Show what happened with my membership and my applications."""
    mine = my_page(request.actor)
    entries = list(history(mine.membership)) if mine.membership else []
    steps = [
        {
            "text": _("%(union)s: %(act)s") % {"union": local_name(entry.union), "act": MembershipAct(entry.act).label},
            "note": entry.reason or entry.decided_by,
            "at": entry.at,
            "now": entry is entries[-1],
        }
        for entry in entries
    ]
    applications = [
        {
            "number": row.number,
            "union": row.union,
            "state": ApplicationState(row.state).label,
            "at": row.started_at,
            "token": progress_token(row.pk),
        }
        for row in mine.applications
    ]
    return _page(
        request,
        "acts",
        _("What happened so far"),
        {
            "steps": steps,
            "stays": stay_rows(stays_in(mine.membership, entries)) if mine.membership else [],
            "applications": applications,
        },
        back="worker:me",
    )


@never_cache
@require_safe
def checks(request: WorkerRequest) -> HttpResponse:
    """Show who checked my card, when, and what they were told."""
    mine = my_page(request.actor)
    found = card_checks(mine.membership.pk) if mine.membership else []
    names = checkers(found)
    rows = [
        {
            "at": row.at,
            "who": names.get(row.source_id, _("A counter")) if row.source_id else _("A counter"),
            "answer": CardAnswer(row.answer).label,
            "tone": _TONES.get(CardAnswer(row.answer), "bad"),
            "note": _offline_note(row),
        }
        for row in found
    ]
    return _page(request, "checks", _("Who checked my card"), {"rows": rows}, back="worker:me")


def _offline_note(check: CardCheck) -> str:
    """Return that a counter checked without a network, and what it told if the registry knew better."""
    if check.reported_at is None:
        return ""
    if check.told == check.answer:
        return _("Checked without a network")
    told = CardAnswer(check.told).label
    return _("Checked without a network; the counter was shown: %(told)s") % {"told": told}


@never_cache
@require_safe
def consents(request: WorkerRequest) -> HttpResponse:
    """Show what I agreed to, when, and in which version."""
    rows = [
        {
            "pk": row.pk,
            "number": row.application.number,
            "label": ConsentKind(row.kind).label,
            "version": row.version,
            "at": row.given_at,
            "until": row.withdrawn_at,
        }
        for row in consents_of(request.actor)
    ]
    return _page(request, "consents", _("What I agreed to"), {"rows": rows}, back="worker:me")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: WorkerRequest) -> HttpResponse:
    """Explain the copy of everything held about me; asked for, give it as a page to read or as a JSON file."""
    mine = my_page(request.actor)
    if request.method != "POST":
        return _page(request, "export", _("Everything held about me"), {}, back="worker:me")
    held = export_of_person(actor=request.actor, now=request.now)
    if request.POST.get("as") == "file":
        number = mine.membership.number if mine.membership else "me"
        response = HttpResponse(as_json(held), content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="nuanxin-{number}.json"'
        return response
    context = {"sections": readable(held), "at": date_cn(request.now)}
    return _page(request, "export_page", _("Everything held about me"), context, back="worker:export")
