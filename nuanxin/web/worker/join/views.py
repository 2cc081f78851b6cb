"""The three steps of joining. Each keeps what was typed, complains at the field, and leads to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import NotFound, Refusal
from nuanxin.members.actions.apply import start_application
from nuanxin.members.actions.settle import limit
from nuanxin.members.queries.applications import get_by_token
from nuanxin.members.queries.explain import explain_route
from nuanxin.members.rules.reasons import reasons_in_words
from nuanxin.members.states import ApplicationState
from nuanxin.organizations.queries.lists import open_doors, open_groups, open_platforms
from nuanxin.organizations.queries.unions import public_union
from nuanxin.regions.queries import full_name
from nuanxin.web.kit.guards import answered, count, guard
from nuanxin.web.kit.refusals import blame, tried
from nuanxin.web.kit.templatetags.kit import local_name
from nuanxin.web.worker.join.forms import OtherPaperForm, PersonForm, PlaceForm, SendForm, complain
from nuanxin.web.worker.join.memory import NOT_CHOSEN, PAPER, PERSON, PLACE, Memory
from nuanxin.web.worker.join.places import employers, picker, region_panel, start_of
from nuanxin.web.worker.join.shut import shut
from nuanxin.web.worker.join.ways import began, came_in
from nuanxin.web.worker.requests import asks_for_part
from nuanxin.web.worker.wording import CONSENTS, PLEDGE

if TYPE_CHECKING:
    from django.http import HttpResponse

    from nuanxin.web.worker.requests import WorkerRequest


def _steps(now: int) -> list[dict[str, Any]]:
    labels = (_("Who I am"), _("Where I work"), _("Where it goes"))
    return [{"label": label, "done": at < now, "now": at == now} for at, label in enumerate(labels, start=1)]


def _page(request: WorkerRequest, step: int, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    context |= {"page_title": _("Join the union"), "steps": _steps(step)}
    page = render(request, f"worker/join/step{step}.html", context, status=status)
    return answered(page, context.get("form"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: WorkerRequest) -> HttpResponse:
    """Step 1: name, ID number, phone."""
    memory = Memory(request)
    if memory.door not in open_doors(local_day(request.now)):
        return shut(request, memory.door)
    typed = {name: request.POST.get(name, "")[:200] for name in (*PERSON, *PAPER)}
    if "papers" in request.POST:
        kind = {"id_kind": NOT_CHOSEN} if request.POST["papers"] else dict.fromkeys(PAPER, "")
        return memory.keep(redirect("worker:join"), typed | kind)
    other = bool(request.POST.get("paper") if request.method == "POST" else memory.values.get("id_kind"))
    typed["id_kind"] = typed["id_kind"] or (NOT_CHOSEN if other else "")
    form_class = OtherPaperForm if other else PersonForm
    context = {"back_url": reverse("worker:home"), "other_paper": other}
    if request.method != "POST":
        context |= {"form": form_class(initial=memory.pick((*PERSON, *PAPER))), "lost": memory.is_lost}
        return came_in(request, _page(request, 1, context), door=memory.door, union=memory.scanned)
    form = form_class(request.POST)
    form.is_valid()
    complain(form, typed, now=request.now)
    refused = _page(request, 1, context | {"form": form}, status=422) if form.errors else None
    if not refused and not memory.values.get("begun"):
        began(memory.way, door=memory.door, now=request.now)
        typed["begun"] = "yes"
    return memory.keep(refused or redirect("worker:join_place"), typed)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: WorkerRequest) -> HttpResponse:
    """Step 2: occupation group, and where I work: area, employer or platform."""
    memory = Memory(request)
    if not memory.has(*PERSON):
        return redirect("worker:join")
    if request.method != "POST":
        typed = memory.pick(PLACE) | {name: request.GET[name] for name in PLACE if request.GET.get(name)}
        if "at" in request.GET or "change" in request.GET:
            typed["region_code"] = ""
        return _place_page(request, memory, PlaceForm(initial=typed, day=local_day(request.now)), typed)
    typed = {name: request.POST.get(name, "")[:200] for name in PLACE}
    form = PlaceForm(request.POST, day=local_day(request.now))
    if "go" not in request.POST:
        address = reverse("worker:join_place") + ("#employer" if "find" in request.POST else "#region_code-picker")
        return memory.keep(HttpResponseRedirect(address), typed)
    form.is_valid()
    complain(form, typed, now=request.now)
    if not form.errors:
        try:
            explain_route(typed, scanned_code=memory.scanned, now=request.now)
        except Refusal as refusal:
            blame(form, refusal)
    if form.errors:
        return memory.keep(_place_page(request, memory, form, typed, status=422), typed)
    return memory.keep(redirect("worker:join_send"), typed)


def _place_page(
    request: WorkerRequest, memory: Memory, form: PlaceForm, typed: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context = picker(request, selected=typed["region_code"], start=start_of(memory.scanned))
    if asks_for_part(request):
        return region_panel(request, context)
    context |= {
        "form": form,
        "groups": open_groups(local_day(request.now)).values(),
        "chosen_group": typed["occupation_group"],
        "chosen_employer": typed["employer_credit_code"],
        "employers": employers(typed["employer_name"], region_code=typed["region_code"]),
        "back_url": reverse("worker:join"),
    }
    return _page(request, 2, context, status=status)


@never_cache
@require_safe
def employer_suggestions(request: WorkerRequest) -> HttpResponse:
    """Answer with the employers that a typed name may mean, as radio buttons."""
    count(request, "suggestions", "suggestions_browser")
    name = request.GET.get("employer_name", "")[:200]
    context = {"employers": employers(name, region_code=request.GET.get("region_code", "")), "chosen_employer": ""}
    return render(request, "worker/join/employers.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: WorkerRequest) -> HttpResponse:
    """Step 3: where the application will go and why; consents; sending it."""
    memory = Memory(request)
    if not memory.has(*PERSON):
        return redirect("worker:join")
    if not memory.has("occupation_group", "region_code"):
        return redirect("worker:join_place")
    if request.method != "POST":
        return _send_page(request, memory, SendForm())
    form = SendForm(request.POST)
    done, answer = tried(form, lambda: _start(request, memory, form))
    return answer if done else _send_page(request, memory, form, status=422)


def _start(request: WorkerRequest, memory: Memory, form: SendForm) -> HttpResponse:
    """Send the application; sent twice without a change it is still one."""
    consents = sorted(form.given())
    before = memory.values.get("sent") or {}
    token = str(before.get("token", "")) if before.get("consents") == consents else ""
    if not (token and _is_waiting(token)):
        guard(
            request, "applications", "applications_browser", "applications_door", unproved="applications_unproved",
            door=memory.door,
        )  # fmt: skip
        raw = memory.pick((*PERSON, *PAPER, *PLACE))
        token = start_application(
            actor=request.actor,
            raw=raw,
            door=memory.door,
            scanned_code=memory.scanned,
            opened_at=memory.way.opened_at,
            consents=consents,
            consent_version=form.cleaned_data["consent_version"],
            now=request.now,
        ).token
    answer = redirect("worker:application_code", token=token)
    return memory.keep(answer, {"sent": {"token": token, "consents": consents}})


def _is_waiting(token: str) -> bool:
    try:
        return get_by_token(token).state == ApplicationState.UNCONFIRMED
    except NotFound:
        return False


def _send_page(request: WorkerRequest, memory: Memory, form: SendForm, *, status: int = 200) -> HttpResponse:
    typed = memory.pick(PLACE)
    try:
        route = explain_route(typed, scanned_code=memory.scanned, now=request.now)
    except Refusal:
        return redirect("worker:join_place")
    union = public_union(route.union.code)
    day = local_day(request.now)
    group, platform = open_groups(day).get(typed["occupation_group"]), open_platforms(day).get(typed["platform"])
    context = {
        "form": form,
        "union": union,
        "due_at": limit(union, "members.accept_days", request.now),
        "reasons": reasons_in_words(route.as_rows()),
        "name": memory.values["name"],
        "phone": memory.values["phone"],
        "group": local_name(group),
        "region": full_name(typed["region_code"]),
        "employer": typed["employer_name"],
        "platform": local_name(platform),
        "pledge": PLEDGE,
        "back_url": reverse("worker:join_place"),
    }
    return _page(request, 3, context, status=status)


@require_safe
def consents(request: WorkerRequest) -> HttpResponse:
    """Show the consent texts in full."""
    context = {
        "page_title": _("What you agree to"),
        "consents": CONSENTS,
        "pledge": PLEDGE,
        "back_url": reverse("worker:join_send"),
    }
    return render(request, "worker/join/consents.html", context)
