"""Doors: the list with what comes through each, one door with its funnel, links and keys, and changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.states import Permission
from nuanxin.insight.queries import Funnel, door_funnels
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.organizations.actions import close_door, give_secret, save_door, take_public_key
from nuanxin.organizations.actions.rules import ROOT_PATH
from nuanxin.organizations.queries import doors_in_reach, find_union, get_door, is_open
from nuanxin.organizations.rules.launches import SIGNED
from nuanxin.organizations.states import EDIT_RULES, LINKED_KINDS, SIGNING_KINDS, DoorKind
from nuanxin.web.desk.access.pages import form_page, secret_page
from nuanxin.web.desk.doors.forms import DoorForm, KeyForm, LinkForm
from nuanxin.web.desk.doors.links import address_of, picture_of
from nuanxin.web.desk.insight.forms import PeriodForm
from nuanxin.web.desk.organizations.pages import ask
from nuanxin.web.desk.organizations.posters import poster_pdf
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from nuanxin.insight.queries import DoorFunnels
    from nuanxin.organizations.models import Door, Union
    from nuanxin.web.desk.requests import DeskRequest

SEE = Permission.VIEW_TALLIES
_NOTHING = Funnel()


@require_safe
def doors(request: DeskRequest) -> HttpResponse:
    """List the doors with what came through each in the period."""
    request.actor.require(SEE)
    found, form = _read(request)
    today = local_day(request.now)
    rows = [
        {
            "door": door,
            "kind": DoorKind(door.kind).label,
            "is_open": is_open(door, today),
            "funnel": found.doors.get(door.code, _NOTHING),
        }
        for door in doors_in_reach(request.actor, SEE)
    ]
    context = {
        "page_title": _("Doors"),
        "form": form,
        "found": found,
        "rows": rows,
        "may_edit": request.actor.may(EDIT_RULES),
        "may_enter": request.actor.may(Permission.ENTER),
    }
    return render(request, "desk/doors/doors.html", context)


def _read(request: DeskRequest, door: str = "") -> tuple[DoorFunnels, PeriodForm]:
    """Read the funnels of the period in the address; one that cannot be is explained, and the usual one shown."""
    form = PeriodForm(request.GET if "since" in request.GET or "until" in request.GET else None)
    valid = form.is_valid()
    since, until = (form.cleaned_data.get("since"), form.cleaned_data.get("until")) if valid else (None, None)
    try:
        found = door_funnels(request.actor, door=door, since=since, until=until, now=request.now)
    except Invalid as refusal:
        form.add_error("until" if refusal.field == "to" else "since", str(refusal.message))
        return door_funnels(request.actor, door=door, now=request.now), form
    return found, form if form.is_bound else PeriodForm(initial=vars(found.period))


@require_safe
def door(request: DeskRequest, code: str) -> HttpResponse:
    """Show one door: its funnel, by union, its links, and whether an app may sign."""
    found_door = get_door(request.actor, code, SEE)
    found, form = _read(request, code)
    funnel = found.doors.get(code, _NOTHING)
    link_form, union = _linked(request, found_door)
    linked = found_door.kind in LINKED_KINDS
    context: dict[str, Any] = {
        "page_title": local_name(found_door),
        "door": found_door,
        "kind": DoorKind(found_door.kind).label,
        "is_open": is_open(found_door, local_day(request.now)),
        "form": form,
        "found": found,
        "cards": _cards(funnel),
        "unions": found.unions,
        "is_linked": linked,
        "link": address_of(found_door, union),
        "link_form": link_form,
        "link_union": union,
        "may_sign": found_door.kind in SIGNING_KINDS,
        "signed": (found_door.code, *SIGNED),
        "may_edit": _may_edit(request, found_door),
    }
    return render(request, "desk/doors/door.html", context)


def _may_edit(request: DeskRequest, door: Door) -> bool:
    return request.actor.may(EDIT_RULES, at=door.union.path if door.union else ROOT_PATH)


def _linked(request: DeskRequest, door: Door) -> tuple[LinkForm, Union | None]:
    """Return the union for which a link is asked for: the one typed, else the door's own."""
    form = LinkForm(request.GET if request.GET.get("union") else None)
    if not form.is_bound:
        return form, door.union
    done, union = tried(form, lambda: find_union(request.actor, form.cleaned_data["union"], SEE))
    return form, union if done else door.union


def _cards(funnel: Funnel) -> list[dict[str, Any]]:
    person, case, minute = _("times"), _("cases"), _("min")
    started, sent, admitted = funnel.steps
    return [
        {"label": _("Pages opened"), "value": funnel.opened, "unit": person, "note": _("once a day for each browser")},
        {"label": _("Forms begun"), "value": funnel.started, "unit": person, "share": started},
        {"label": _("Applications sent"), "value": funnel.sent, "unit": case, "share": sent},
        {"label": _("Admitted by now"), "value": funnel.admitted, "unit": case, "share": admitted},
        {
            "label": _("To fill in, median"),
            "value": funnel.fill_minutes,
            "unit": minute,
            "note": _("first page to confirmed phone"),
        },
        {
            "label": _("To be admitted, median"),
            "value": funnel.wait_minutes,
            "unit": minute,
            "note": _("confirmed phone to admission"),
        },
    ]


@require_http_methods(["GET", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """Enter a door."""
    request.actor.require(EDIT_RULES)
    form = DoorForm(request.POST or None, initial={"opened_on": local_day(request.now)})
    return _saved(request, form, title=_("New door"), back=reverse("desk:doors:doors"))


@require_http_methods(["GET", "POST"])
def edit(request: DeskRequest, code: str) -> HttpResponse:
    """Change a door; its code and whose it is stay."""
    found = _editable(request, code)
    owner = found.union.code if found.union else ""
    initial = {name: getattr(found, name) for name in ("code", "name", "name_en", "kind", "opened_on")}
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        data["code"], data["union"] = found.code, owner
    form = DoorForm(data, initial=initial | {"union": owner})
    for name in ("code", "union"):
        form.fields[name].disabled = True
    return _saved(request, form, title=local_name(found), back=reverse("desk:doors:door", args=[code]))


def _editable(request: DeskRequest, code: str) -> Door:
    found = get_door(request.actor, code, EDIT_RULES)
    request.actor.require(EDIT_RULES, at=found.union.path if found.union else ROOT_PATH)
    return found


def _saved(request: DeskRequest, form: DoorForm, *, title: str, back: str) -> HttpResponse:
    if request.method == "POST":
        done, saved = tried(form, lambda: _save(request, form))
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("desk:doors:door", args=[saved.code]))
    return form_page(request, form, title=title, submit=_("Save"), back_url=back)


def _save(request: DeskRequest, form: DoorForm) -> Door:
    data = dict(form.cleaned_data)
    text = data.pop("union").strip()
    union = find_union(request.actor, text, EDIT_RULES) if text else None
    return save_door(actor=request.actor, now=request.now, union_code=union.code if union else "", **data)


@require_http_methods(["GET", "POST"])
def switch(request: DeskRequest, code: str) -> HttpResponse:
    """Shut a door, or open it again, after asking."""
    found = _editable(request, code)
    today = local_day(request.now)
    shut, back = found.closed_on is not None, reverse("desk:doors:door", args=[code])
    if request.method == "POST":
        close_door(actor=request.actor, code=code, on=None if shut else today, now=request.now)
        messages.success(request, _("The door is open again.") if shut else _("The door is shut."))
        return HttpResponseRedirect(back)
    opens = [_("The link and its codes work again at once.")]
    shuts = [
        _("Whoever opens its link is told so and led to the page that is open; nobody is turned away."),
        _("Whoever has begun to apply may finish; machines that name it are refused."),
        _("What came through it stays counted."),
    ]
    question = _("Open %(name)s again?") if shut else _("Shut %(name)s?")
    return ask(
        request,
        question=question % {"name": local_name(found)},
        consequences=opens if shut else shuts,
        action_label=_("Open again") if shut else _("Shut"),
        back_url=back,
        danger=not shut,
    )


@require_http_methods(["GET", "POST"])
def secret(request: DeskRequest, code: str) -> HttpResponse:
    """Give the door's app a new secret, after asking, and show it this once."""
    found = _editable(request, code)
    back = reverse("desk:doors:door", args=[code])
    if request.method == "POST":
        made = give_secret(actor=request.actor, code=code, now=request.now)
        return secret_page(
            request, title=_("The secret"), secret=made, back_url=back, facts=[(_("Door"), local_name(found))],
            say=_("Copy it now: it is shown this once. The app signs with HMAC-SHA256; see docs/doors.md."),
        )  # fmt: skip
    return ask(
        request,
        question=_("Give %(name)s a new secret?") % {"name": local_name(found)},
        consequences=[_("What signed launches before is believed no more, at once.")],
        action_label=_("Make the secret"),
        back_url=back,
    )


@require_http_methods(["GET", "POST"])
def public_key(request: DeskRequest, code: str) -> HttpResponse:
    """Believe what the app signs with its own key."""
    _editable(request, code)
    back = reverse("desk:doors:door", args=[code])
    form = KeyForm(request.POST or None)
    if request.method == "POST":
        done, _none = tried(
            form,
            lambda: take_public_key(
                actor=request.actor, code=code, public_key=form.cleaned_data["public_key"], now=request.now
            ),
        )
        if done:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(back)
    return form_page(request, form, title=_("Public key of the app"), submit=_("Save"), back_url=back)


@require_safe
def picture(request: DeskRequest, code: str) -> HttpResponse:
    """Send the code of the door's link as a picture."""
    found, union = _link_of(request, code)
    response = HttpResponse(picture_of(address_of(found, union)), content_type="image/png")
    response["Content-Disposition"] = f'attachment; filename="{found.code}.png"'
    return response


@require_safe
def poster(request: DeskRequest, code: str) -> HttpResponse:
    """Send the poster of a union with this door's link."""
    found, union = _link_of(request, code)
    if union is None:
        raise NotFound
    paper = poster_pdf(union, address=address_of(found, union))
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{found.code}-{union.code}.pdf"'
    return response


def _link_of(request: DeskRequest, code: str) -> tuple[Door, Union | None]:
    found = get_door(request.actor, code, SEE)
    if found.kind not in LINKED_KINDS:
        raise NotFound
    text = request.GET.get("union", "")
    return found, find_union(request.actor, text, SEE) if text else found.union
