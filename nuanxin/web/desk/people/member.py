"""One member: standing and history with its proof, the card, applications, what counters asked, the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.queries import account_names
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import NotAllowed
from nuanxin.members.queries.assurance import proofs_of
from nuanxin.members.queries.cards import card_checks
from nuanxin.members.queries.history import stays_in
from nuanxin.members.queries.memberships import get_member, identity_of, phone_of
from nuanxin.members.queries.standing import applications_of, cards_of, file_of, history_with_proof, record_of
from nuanxin.members.queries.transfers import transfers_of
from nuanxin.members.states import (
    MEMBERSHIP_MOVES,
    ApplicationState,
    Assurance,
    CardAnswer,
    EndReason,
    MembershipAct,
    MembershipState,
    RetainReason,
)
from nuanxin.members.states import MembershipState as S
from nuanxin.records.queries import content_of
from nuanxin.regions.queries import full_name
from nuanxin.web.desk.people import further
from nuanxin.web.desk.people.members import STATE_TONES
from nuanxin.web.desk.people.words import recorded
from nuanxin.web.desk.review.words import STATE_TONES as APPLICATION_TONES
from nuanxin.web.desk.transfers.views import transfer_rows
from nuanxin.web.kit.assurance import proof_line, rungs
from nuanxin.web.kit.documents import document_in_words
from nuanxin.web.kit.masks import mask_name, mask_phone
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.kit.transfers import stay_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from nuanxin.members.models import Membership
    from nuanxin.web.desk.requests import DeskRequest

#: Answers of a counter that are good news, and those that are not.
_ANSWER_TONES = {CardAnswer.VALID: "good", CardAnswer.RETAINED: "good", CardAnswer.SUSPENDED: "wait"}


@require_safe
def member(request: DeskRequest, number: str) -> HttpResponse:
    """Show a member to whoever may see members there."""
    membership = get_member(request.actor, number)
    tab = request.GET.get("tab", "standing")
    tab = tab if tab in _TABS else "standing"
    if needed := _GUARDED.get(tab):
        request.actor.require(needed, at=membership.union)
    state = MembershipState(membership.state)
    context: dict[str, Any] = {
        "page_title": name_for(request, membership),
        "pretitle": _("Member %(number)s · %(union)s")
        % {"number": membership.number, "union": local_name(membership.union)},
        "membership": membership,
        "state": {"label": state.label, "tone": STATE_TONES[state]},
        "facts": _facts(request, membership),
        "tab": tab,
        "views": _views(request, membership, tab),
        "acts": acts(request, membership),
        "may_reveal": request.actor.may(Permission.REVEAL, at=membership.union),
        "tab_template": f"desk/people/tab_{tab}.html",
        **_TABS[tab](request, membership),
    }
    return render(request, "desk/people/member.html", context)


def name_for(request: DeskRequest, membership: Membership) -> str:
    """Return the name in full to those who act upon members there, masked to those who only look."""
    if membership.worker.erased_at is not None:
        return _("erased")
    acting = (Permission.CHANGE_MEMBERSHIP, Permission.CORRECT, Permission.ISSUE_CARDS)
    if any(request.actor.may(permission, at=membership.union) for permission in acting):
        return membership.worker.name
    return mask_name(membership.worker.name)


def _facts(request: DeskRequest, membership: Membership) -> list[tuple[str, object, str]]:
    worker = membership.worker
    employer = worker.employer.name if worker.employer else worker.employer_name
    phone = phone_of(membership)
    gone = _("erased") if worker.erased_at else ""
    rows: list[tuple[str, object, str]] = [
        (_("Member no."), membership.number, ""),
        (_("Union"), local_name(membership.union), ""),
        (_("Member since"), membership.began_on, ""),
        *_further(membership),
        (
            _("Phone"),
            gone or mask_phone(phone) or _("none: it was taken over by another person"),
            "phone" if phone else "",
        ),
        (_("ID number"), gone or document_in_words(worker.id_kind, identity_of(membership)), "" if gone else "id"),
        (_("Proof of identity"), Assurance(worker.assurance).label, ""),
        (_("Occupation group"), local_name(worker.occupation_group), ""),
        (_("Works in"), full_name(worker.region_id), ""),
        (_("Employer"), employer or _("not named"), ""),
        (_("Platform"), local_name(worker.platform) or _("not named"), ""),
        (_("Way in"), local_name(membership.door), ""),
    ]
    if membership.ended_on:
        rows.insert(3, (_("Ended on"), membership.ended_on, ""))
        why = EndReason(membership.end_reason).label if membership.end_reason else _("erased")
        rows.insert(4, (_("Why it ended"), why, ""))
    return rows


def _further(membership: Membership) -> list[tuple[str, object, str]]:
    """Return what only some memberships have: moved, retained, asked to take part again."""
    rows: list[tuple[str, object, str]] = []
    if membership.came_on:
        rows.append((_("With this union since"), membership.came_on, ""))
    if membership.retained_for:
        rows.append((_("Why it is retained"), RetainReason(membership.retained_for).label, ""))
    if membership.warned_until:
        rows.append((_("Asked to take part again by"), membership.warned_until, ""))
    return rows


def acts(request: DeskRequest, membership: Membership) -> list[dict[str, str]]:
    """Return what this actor may do to this membership in its state."""
    actor, union, moves = request.actor, membership.union, MEMBERSHIP_MOVES[membership.state]
    found = []
    if actor.may(Permission.REVIEW, at=union) and membership.state in {S.ACTIVE, S.RETAINED}:
        found.append((_("Move to another union"), "transfer", "arrows-exchange"))
    if actor.may(Permission.CHANGE_MEMBERSHIP, at=union):
        wanted = [
            (S.SUSPENDED in moves, _("Suspend"), "suspend", "player-pause"),
            (membership.state == S.SUSPENDED, _("Resume"), "resume", "player-play"),
            (S.RETAINED in moves, _("Retain"), "retain", "archive"),
            (membership.state == S.RETAINED, _("Take it up again"), "return", "player-play"),
            (membership.state == S.ACTIVE and not membership.warned_until, _("Ask to take part"), "warn", "bell"),
            (bool(membership.warned_until), _("Takes part again"), "clear", "checks"),
            (bool(membership.warned_until), _("End: did not take part"), "end-warned", "user-off"),
            (S.ENDED in moves, _("End the membership"), "end", "x"),
            (S.ENDED in moves, _("Expel"), "expel", "user-x"),
        ]
        found += [(label, verb, icon) for shown, label, verb, icon in wanted if shown]
    if actor.may(Permission.ASSURE, at=union) and membership.worker.erased_at is None:
        found.append((_("Seen in person"), "seen", "user-check"))
    if actor.may(Permission.CORRECT, at=union) and membership.worker.erased_at is None:
        found += [(_("Correct the name"), "name", "edit"), (_("Change the phone"), "phone", "device-mobile")]
    shown = [
        {"label": label, "icon": icon, "url": reverse("desk:people:act", args=[membership.number, verb])}
        for label, verb, icon in found
    ]
    if actor.may(Permission.MANAGE_COUPONS, at=union) and membership.state == S.ACTIVE:
        address = f"{reverse('desk:coupons:give')}?member={membership.number}"
        shown.append({"label": _("Give one coupon"), "icon": "gift", "url": address})
    return shown


def _views(request: DeskRequest, membership: Membership, tab: str) -> list[dict[str, Any]]:
    names = {
        "standing": _("Standing"),
        "proof": _("Proof of identity"),
        "card": _("Card"),
        "applications": _("Applications"),
        "checks": _("Checks at counters"),
    }
    guarded = {
        "ceremonies": _("Ceremonies"),
        "notices": _("Notices"),
        "duplicates": _("Perhaps one person"),
        "record": _("Audit"),
    }
    names |= {name: label for name, label in guarded.items() if request.actor.may(_GUARDED[name], at=membership.union)}
    return [
        {"label": label, "url": f"?tab={name}", "count": None, "current": tab == name} for name, label in names.items()
    ]


def _standing(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    proofs = history_with_proof(membership)
    lines = [
        {
            "act": MembershipAct(line.entry.act).label,
            "entry": line.entry,
            "files": [
                (file.name, reverse("desk:people:file", args=[membership.number, file.pk])) for file in line.files
            ],
        }
        for line in proofs
    ]
    stays = stays_in(membership, [line.entry for line in proofs])
    actor = request.actor
    decides = any(actor.may(Permission.REVIEW, at=union) for union in {stay.union for stay in stays})
    return {
        "history": lines,
        "stays": stay_rows(stays) if len(stays) > 1 else [],
        "transfers": transfer_rows(transfers_of(membership), request.now) if decides else [],
        "may_open": _may_open(request, membership),
    }


def _may_open(request: DeskRequest, membership: Membership) -> bool:
    wanted = (Permission.CHANGE_MEMBERSHIP, Permission.CORRECT, Permission.READ_AUDIT)
    return any(request.actor.may(permission, at=membership.union) for permission in wanted)


def _proof(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    proofs = proofs_of(membership.worker, membership.union, now=request.now)
    return {
        "proofs": proofs,
        "rungs": rungs(proofs),
        "lines": [proof_line(line) for line in proofs.lines],
        "may_open": _may_open(request, membership) or request.actor.may(Permission.ASSURE, at=membership.union),
    }


def _card(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    cards = cards_of(membership)
    return {
        "cards": cards,
        "live": next((card for card in cards if card.revoked_at is None), None),
        "may_issue": membership.state != MembershipState.ENDED
        and request.actor.may(Permission.ISSUE_CARDS, at=membership.union),
    }


def _applications(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    rows = []
    for each in applications_of(request.actor, membership):
        state = ApplicationState(each.state)
        rows.append({"application": each, "state": {"label": state.label, "tone": APPLICATION_TONES.get(state, "")}})
    return {"applications": rows}


def _checks(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    rows = []
    for check in card_checks(membership.pk):
        answer = CardAnswer(check.answer)
        rows.append({"at": check.at, "label": answer.label, "tone": _ANSWER_TONES.get(answer, "bad")})
    return {"checks": rows}


def _record(request: DeskRequest, membership: Membership) -> dict[str, Any]:
    entries = page(record_of(request.actor, membership), order=("-at", "-pk"), cursor=request.GET.get("page", ""))
    names = account_names({entry.account_id for entry in entries.items if entry.account_id})
    rows = [
        {"entry": entry, "text": recorded(entry.action), "who": names.get(entry.account_id or membership.pk, "")}
        for entry in entries.items
    ]
    return {"rows": rows, "page": entries}


#: What a tab needs beyond seeing the member.
_GUARDED = {
    "ceremonies": Permission.REVIEW,
    "notices": Permission.VIEW_NOTICES,
    "duplicates": Permission.MERGE,
    "record": Permission.READ_AUDIT,
}
_TABS: dict[str, Callable[[DeskRequest, Membership], dict[str, Any]]] = {
    "standing": _standing,
    "proof": _proof,
    "card": _card,
    "applications": _applications,
    "checks": _checks,
    "ceremonies": further.ceremonies,
    "notices": further.notices,
    "duplicates": further.duplicates,
    "record": _record,
}


@require_safe
def file(request: DeskRequest, number: str, pk: UUID) -> HttpResponse:
    """Send a file that was given as proof to those who work with such proof there."""
    membership = get_member(request.actor, number)
    if not _may_open(request, membership):
        raise NotAllowed(Permission.CHANGE_MEMBERSHIP)
    found = file_of(membership, pk)
    response = HttpResponse(content_of(found), content_type=found.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response
