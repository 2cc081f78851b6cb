"""Posts, absences with delegates, and staff sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.models import Absence, Post, StaffSession
from nuanxin.access.rules.grants import (
    check_absence,
    check_period,
    check_role_fits,
    check_role_within,
    check_staff_session,
)
from nuanxin.access.states import ENTERPRISE_ALONE, ENTERPRISE_PERMISSIONS, Permission
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.text import check_text
from nuanxin.messages.actions import notify
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.access.models import Account, Role
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import Enterprise, Union

_HR = frozenset[str](ENTERPRISE_PERMISSIONS)


def _held_at(actor: Actor, place: Union | Enterprise) -> frozenset[str]:
    return frozenset(permission for permission in Permission.values if actor.may(permission, at=place))


@transaction.atomic
def grant_post(
    *,
    actor: Actor,
    account: Account,
    role: Role,
    now: datetime,
    union: Union | None = None,
    enterprise: Enterprise | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    title: object = "",
) -> Post:
    """Give an account a role over a union's subtree, or at an enterprise.

    :raises NotFound: the place is out of the actor's reach.
    :raises NotAllowed: without `access.grant_posts` there.
    :raises NotYours: the role includes what the actor does not hold there.
    :raises Invalid: no place or two, a role that does not fit the place, or an end before the start.
    :raises Conflict: the account holds this post already.
    """
    place = union or enterprise
    if place is None or (union is not None and enterprise is not None):
        raise Invalid("one_place", _("A post is at one union or at one enterprise."), field="union")
    actor.require(Permission.GRANT_POSTS, at=place)
    permissions = frozenset(role.permissions)
    check_role_fits(permissions, _HR, at_enterprise=enterprise is not None)
    check_role_within(permissions, _held_at(actor, place), _HR if enterprise else frozenset[str](ENTERPRISE_ALONE))
    start = valid_from or now
    check_period(start, valid_until)
    overlapping = Post.objects.filter(account=account, role=role, union=union, enterprise=enterprise)
    if overlapping.filter(Q(valid_until=None) | Q(valid_until__gt=start)).exists():
        raise Conflict("post_held", _("This account holds this post already."))
    post = Post(
        account=account, role=role, union=union, enterprise=enterprise, valid_from=start, valid_until=valid_until,
        title=check_text(title, field="title", most=60), granted_by_id=actor.account_id,
    )  # fmt: skip
    try:
        with transaction.atomic():
            post.save(force_insert=True)
    except IntegrityError as error:
        if "post_once" not in str(error):
            raise
        raise Conflict("post_held", _("This account holds this post already.")) from None
    path = union.path if union is not None else ""
    record(actor, "access.post_granted", post, now=now, union_path=path, role=role.code, account=str(account.pk))
    _tell_holder(post, now)
    return post


def _tell_holder(post: Post, now: datetime) -> None:
    place = post.union or post.enterprise
    notify(
        account_id=post.account_id,
        template="post.granted",
        values={"role": post.role.name, "union": place.name if place is not None else ""},
        fact=f"post granted {post.pk}",
        now=now,
    )


@transaction.atomic
def end_post(*, actor: Actor, post: Post, now: datetime) -> Post:
    """End a post now; whoever holds it can do nothing in its name from the next request on.

    :raises Conflict: it has ended already, or it is the last administrator's at the root.
    """
    actor.require(Permission.GRANT_POSTS, at=post.union or post.enterprise)
    _keep_an_administrator(post, now)
    current = Post.objects.filter(pk=post.pk).filter(Q(valid_until=None) | Q(valid_until__gt=now))
    ended = current.filter(valid_from__lte=now).update(valid_until=now)
    if not ended:
        ended = current.filter(valid_from__gt=now).delete()[0]
    if not ended:
        raise Conflict("post_ended", _("This post has ended already."))
    post.valid_until = now
    path = post.union.path if post.union is not None else ""
    record(actor, "access.post_ended", post, now=now, union_path=path, role=post.role_id)
    return post


def _keep_an_administrator(post: Post, now: datetime) -> None:
    if post.role_id != "administrator" or post.union is None or post.union.parent_id is not None:
        return
    others = Post.objects.select_for_update().filter(role_id="administrator", union=post.union, account__is_active=True)
    others = others.filter(Q(valid_until=None) | Q(valid_until__gt=now), valid_from__lte=now)
    if all(other.pk == post.pk for other in others):
        raise Conflict("last_administrator", _("This is the last administrator. Appoint another one first."))


def _own_or_granted(actor: Actor, post: Post) -> None:
    if actor.account_id is None or post.account_id != actor.account_id:
        actor.require(Permission.GRANT_POSTS, at=post.union or post.enterprise)


@transaction.atomic
def register_absence(
    *,
    actor: Actor,
    post: Post,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    delegate: Account | None = None,
    note: object = "",
) -> Absence:
    """Say that a post's holder is away, and who acts in the post's name meanwhile.

    The holder may say so; so may whoever grants posts there.

    :raises NotFound: the post is neither one's own nor in reach.
    :raises Invalid: an absence that is over, ends before it starts, or lasts over a year; oneself as delegate.
    :raises Conflict: the post has ended, or an absence is registered for part of this time.
    """
    _own_or_granted(actor, post)
    check_absence(starts_at, ends_at, now)
    if delegate is not None and (delegate.pk == post.account_id or not delegate.is_active):
        raise Invalid("bad_delegate", _("Please choose somebody else with an open account."), field="delegate")
    locked = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
    if locked.valid_until is not None and locked.valid_until <= now:
        raise Conflict("post_ended", _("This post has ended already."))
    if Absence.objects.filter(post=post, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise Conflict("absence_overlaps", _("An absence is registered for part of this time already."))
    absence = Absence.objects.create(
        post=post, delegate=delegate, starts_at=starts_at, ends_at=ends_at,
        note=check_text(note, field="note", most=100),
    )  # fmt: skip
    record(
        actor, "access.absence_registered", absence, now=now, union_path=post.union.path if post.union else "",
        post=str(post.pk), delegate=str(delegate.pk) if delegate else None,
    )  # fmt: skip
    if delegate is not None:
        _tell_delegate(absence, delegate, now)
    return absence


def _tell_delegate(absence: Absence, delegate: Account, now: datetime) -> None:
    post = absence.post
    place = post.union or post.enterprise
    notify(
        account_id=delegate.pk,
        template="post.delegated",
        values={
            "name": str(post.account),
            "role": post.role.name,
            "union": place.name if place is not None else "",
            "until": f"{absence.ends_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        },
        fact=f"delegated {absence.pk}",
        now=now,
    )


@transaction.atomic
def end_absence(*, actor: Actor, absence: Absence, now: datetime) -> None:
    """End an absence now, or drop it when it has not begun; the delegate acts no longer.

    :raises Conflict: it is over already.
    """
    _own_or_granted(actor, absence.post)
    rows = Absence.objects.filter(pk=absence.pk, ends_at__gt=now)
    if not rows.filter(starts_at__lt=now).update(ends_at=now) and not rows.filter(starts_at__gte=now).delete()[0]:
        raise Conflict("absence_over", _("This absence is over already."))
    union = absence.post.union
    record(actor, "access.absence_ended", absence, now=now, union_path=union.path if union else "")


@transaction.atomic
def open_staff_session(*, actor: Actor, union: Union, reason: object, hours: int, now: datetime) -> StaffSession:
    """Reach a union beyond one's own subtree for some hours, with a written reason; every act in it names it.

    The verbs stay those of the post; only the reach grows. The union itself need not be in reach: it is named by code.

    :raises NotAllowed: no post of the actor's includes `access.reach_further`.
    :raises Invalid: a reason under ten characters, or not one to eight hours.
    :raises Conflict: the union is in reach anyway, or another session is open.
    """
    actor.require(Permission.REACH_FURTHER)
    text = check_text(reason, field="reason", most=500)
    length = check_staff_session(text, hours)
    if actor.may(Permission.REACH_FURTHER, at=union):
        raise Conflict("in_reach", _("This union is in your reach already."), field="union")
    if actor.account_id is None or actor.post_id is None:
        raise NotFound
    list(Post.objects.select_for_update(of=("self",)).filter(pk=actor.post_id))
    if StaffSession.objects.filter(account_id=actor.account_id, ends_at__gt=now).exists():
        raise Conflict("session_open", _("Another session is open. Close it first."))
    session = StaffSession.objects.create(
        account_id=actor.account_id, post_id=actor.post_id, union=union, reason=text, starts_at=now,
        ends_at=now + length,
    )  # fmt: skip
    record(actor, "access.staff_session_opened", session, now=now, union_path=union.path, reason=text, hours=hours)
    return session


@transaction.atomic
def close_staff_session(*, actor: Actor, session_id: UUID, now: datetime) -> None:
    """Close one's own staff session before its time.

    :raises NotFound: it is somebody else's, or is over.
    """
    if actor.account_id is None:
        raise NotFound
    rows = StaffSession.objects.filter(pk=session_id, account_id=actor.account_id, ends_at__gt=now)
    session = rows.select_related("union").first()
    if session is None:
        raise NotFound
    if not rows.filter(starts_at__lt=now).update(ends_at=now):
        rows.delete()
    record(actor, "access.staff_session_closed", session, now=now, union_path=session.union.path)
