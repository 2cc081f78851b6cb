"""Posts: who holds which role where."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from nuanxin.access.actions import end_post, grant_post
from nuanxin.access.queries import (
    account_named,
    enterprise_in_reach,
    find_posts,
    get_post,
    union_in_reach,
    unions_in_reach,
)
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid
from nuanxin.web.desk.access.forms import PostFilter, PostForm
from nuanxin.web.desk.access.pages import ask, day_after, first_moment, form_page
from nuanxin.web.kit.excel import workbook_response
from nuanxin.web.kit.pages import page
from nuanxin.web.kit.refusals import tried
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from django.db.models import QuerySet
    from django.http import FileResponse, HttpResponse

    from nuanxin.access.models import Post
    from nuanxin.web.desk.requests import DeskRequest


def _found(request: DeskRequest) -> tuple[PostFilter, QuerySet[Post]]:
    filters = PostFilter(request.GET or None)
    chosen: dict[str, Any] = filters.cleaned_data if filters.is_valid() else {}
    posts = find_posts(
        request.actor,
        now=request.now,
        text=chosen.get("q", ""),
        role=chosen.get("role", ""),
        union_code=chosen.get("union", "").upper(),
        when=chosen.get("when") or "current",
    )
    return filters, posts


@require_safe
def posts(request: DeskRequest) -> HttpResponse:
    """List the posts of the unions and enterprises in reach."""
    request.actor.require(Permission.GRANT_POSTS)
    filters, found = _found(request)
    listed = page(found, order=("-valid_from", "-pk"), cursor=request.GET.get("page", ""), size=50)
    query = request.GET.copy()
    query.pop("page", None)
    context = {"page_title": _("Posts"), "filters": filters, "page": listed, "query": query.urlencode()}
    return render(request, "desk/access/posts.html", context)


@require_safe
def posts_excel(request: DeskRequest) -> FileResponse:
    """Send the posts that the filters leave as a workbook."""
    request.actor.require(Permission.GRANT_POSTS)
    _filters, found = _found(request)
    header = [
        _("Person"),
        _("Sign-in name"),
        _("Role"),
        _("Union or enterprise"),
        _("Code"),
        _("Title"),
        _("From"),
        _("Until"),
    ]
    return workbook_response(_("Posts"), header, _rows(found))


def _rows(found: QuerySet[Post]) -> Iterator[list[object]]:
    for post in found.order_by("-valid_from", "-pk").iterator(chunk_size=1000):
        place = post.union or post.enterprise
        code = post.union.code if post.union else getattr(post.enterprise, "credit_code", "")
        name = [post.account.name, post.account.username, local_name(post.role), local_name(place), code, post.title]
        yield [*name, post.valid_from, post.valid_until]


@require_http_methods(["GET", "POST"])
def new_post(request: DeskRequest) -> HttpResponse:
    """Grant a post."""
    request.actor.require(Permission.GRANT_POSTS)
    form = PostForm(
        request.POST or None, initial={name: request.GET.get(name, "")[:60] for name in ("username", "union")}
    )
    if request.method == "POST":
        done, post = tried(form, lambda: _grant(request, form.cleaned_data))
        if done:
            messages.success(request, _("%(name)s now holds this post.") % {"name": post.account})
            return HttpResponseRedirect(reverse("desk:access:posts"))
    nearest = unions_in_reach(request.actor, Permission.GRANT_POSTS).filter(closed_at=None).order_by("path")[:200]
    return form_page(
        request, form, title=_("Grant a post"), submit=_("Grant the post"), back_url=reverse("desk:access:posts"),
        unions=nearest,
    )  # fmt: skip


def _grant(request: DeskRequest, chosen: dict[str, Any]) -> Post:
    account = account_named(chosen["username"])
    if account is None:
        raise Invalid("unknown_account", _("No open account has this sign-in name."), field="username")
    actor, verb = request.actor, Permission.GRANT_POSTS
    union = union_in_reach(actor, verb, chosen["union"].strip()) if chosen["union"] else None
    enterprise = enterprise_in_reach(actor, verb, chosen["enterprise"].strip()) if chosen["enterprise"] else None
    return grant_post(
        actor=actor, account=account, role=chosen["role"], union=union, enterprise=enterprise, title=chosen["title"],
        valid_from=first_moment(chosen["valid_from"]), valid_until=day_after(chosen["valid_until"]), now=request.now,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def end(request: DeskRequest, pk: UUID) -> HttpResponse:
    """End a post, after asking."""
    post = get_post(request.actor, pk)
    back = reverse("desk:access:posts")
    if request.method == "POST":
        end_post(actor=request.actor, post=post, now=request.now)
        messages.success(request, _("The post has ended."))
        return HttpResponseRedirect(back)
    request.actor.require(Permission.GRANT_POSTS, at=post.union or post.enterprise)
    place = local_name(post.union or post.enterprise)
    words = {"name": post.account, "role": local_name(post.role), "place": place}
    return ask(
        request,
        question=_("End the post of %(name)s?") % words,
        consequences=[
            _("%(name)s is no longer %(role)s at %(place)s, from now on.") % words,
            _("Absences and keys of this post count no longer."),
            _("What was done in this post's name stays on record."),
        ],
        action_label=_("End the post"),
        back_url=back,
    )
