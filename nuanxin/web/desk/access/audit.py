"""The audit: who did what, when, in the name of which post."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from nuanxin.access.queries import account_named, account_names, posts_by_id
from nuanxin.access.states import Permission
from nuanxin.members.queries.sealed import sealed_parts
from nuanxin.records.queries import visible_entries
from nuanxin.web.desk.access.forms import AuditFilter
from nuanxin.web.desk.access.pages import day_after, first_moment
from nuanxin.web.desk.access.wording import act, detail
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from typing import Any

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from nuanxin.records.models import AuditEntry
    from nuanxin.web.desk.requests import DeskRequest


@require_safe
def audit(request: DeskRequest) -> HttpResponse:
    """List the acts of the unions where one may read the audit, newest first."""
    request.actor.require(Permission.READ_AUDIT)
    filters = AuditFilter(request.GET or None)
    entries = visible_entries(request.actor)
    if filters.is_valid():
        entries = _narrowed(entries, filters.cleaned_data)
    listed = page(entries, order=("-pk",), cursor=request.GET.get("page", ""), size=50)
    names = account_names({entry.account_id for entry in listed.items if entry.account_id})
    posts = posts_by_id({entry.post_id for entry in listed.items if entry.post_id})
    sealed = sealed_parts(listed.items)
    rows = [
        {
            "entry": entry,
            "sealed": sealed.get(entry.pk),
            "who": names.get(entry.account_id, "") if entry.account_id else _kind(entry.actor_kind),
            "post": local_name(posts[entry.post_id].role) if entry.post_id in posts else "",
            "act": act(entry.action),
            "detail": detail(entry.detail),
            "union": entry.union_path.strip("/").rsplit("/", 1)[-1],
        }
        for entry in listed.items
    ]
    context = {"page_title": _("Audit"), "filters": filters, "page": listed, "rows": rows}
    return render(request, "desk/access/audit.html", context)


def _narrowed(entries: QuerySet[AuditEntry], chosen: dict[str, Any]) -> QuerySet[AuditEntry]:
    if chosen["action"]:
        entries = entries.filter(action__startswith=chosen["action"].strip())
    if chosen["person"]:
        account = account_named(chosen["person"])
        entries = entries.filter(account_id=account.pk) if account else entries.none()
    since, until = first_moment(chosen["since"]), day_after(chosen["until"])
    if since:
        entries = entries.filter(at__gte=since)
    if until:
        entries = entries.filter(at__lt=until)
    return entries


def _kind(kind: str) -> str:
    return {
        "system": _("the system"),
        "client": _("a machine"),
        "device": _("a partner device"),
        "worker": _("the worker"),
        "anonymous": _("an applicant"),
    }.get(kind, kind)
