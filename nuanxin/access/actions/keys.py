"""Keys of machines and of cadres' own scripts: shown once, held as digests, revoked at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.accounts import seed_roles
from nuanxin.access.actors import system
from nuanxin.access.models import Account, ApiClient, ApiToken, Post, Role
from nuanxin.access.rules.codes import TOKEN_LIFE
from nuanxin.access.rules.keys import CLIENT_PREFIX, TOKEN_PREFIX, key_digest, new_key
from nuanxin.access.states import Permission, Scope
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.text import check_text
from nuanxin.organizations.models import Door, Union
from nuanxin.organizations.states import DoorKind
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nuanxin.kernel.actor import Actor


def _root_path() -> str:
    path = Union.objects.filter(parent=None).order_by("created_at", "pk").values_list("path", flat=True).first()
    return path or ""


def _checked_scopes(scopes: Iterable[str]) -> list[str]:
    chosen = sorted(set(scopes)) or sorted(Scope.values)
    unknown = [scope for scope in chosen if scope not in Scope.values]
    if unknown:
        raise Invalid("unknown_scope", _("Unknown scope. Known are: %s") % ", ".join(Scope.values), field="scopes")
    return chosen


@transaction.atomic
def issue_client_token(
    *,
    name: object,
    now: datetime,
    scopes: Iterable[str] = (),
    door: Door | None = None,
    actor: Actor | None = None,
) -> str:
    """Give a machine a key and return it: shown this once. A name that has one gets a new one; the old one ends.

    :param scopes: all of them when none is named.
    :param door: through which its applications come; a door of its own, `api-<name>`, when none is named.
    :param actor: the system, from the command line, when none is given.
    :raises NotAllowed: without `access.manage_keys` at the root of the tree.
    :raises Invalid: no name, or an unknown scope.
    """
    who = actor or system()
    root = _root_path()
    who.require(Permission.MANAGE_KEYS, at=root or None)
    label = check_text(name, field="name", most=60)
    if not label:
        raise Invalid("missing", _("Please fill this in."), field="name")
    chosen = _checked_scopes(scopes)
    if door is None:
        code = f"api-{label}".lower()[:30]
        defaults = {"name": label, "name_en": label, "opened_on": local_day(now), "kind": DoorKind.API}
        door, _new = Door.objects.get_or_create(code=code, defaults=defaults)
    key = new_key(CLIENT_PREFIX)
    ApiClient.objects.filter(name=label, revoked_at=None).update(revoked_at=now)
    client = ApiClient.objects.create(name=label, key_digest=key_digest(key), scopes=chosen, door=door, created_at=now)
    record(who, "access.client_created", client, now=now, union_path=root, scopes=chosen, door=door.code)
    return key


@transaction.atomic
def revoke_client(*, actor: Actor, client: ApiClient, now: datetime) -> None:
    """Shut a machine out, from its very next request.

    :raises Conflict: it is revoked already.
    """
    root = _root_path()
    actor.require(Permission.MANAGE_KEYS, at=root)
    if not ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=now):
        raise Conflict("already_revoked", _("This is revoked already."))
    record(actor, "access.client_revoked", client, now=now, union_path=root)


def _service_post(role: Role, union: Union, now: datetime) -> Post:
    username = f"token-{role.code}-{union.code}".lower()
    account, made = Account.objects.get_or_create(
        username=username, defaults={"name": f"{role.name} {union.code}"[:60], "created_at": now}
    )
    if made:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    post, _new = Post.objects.get_or_create(
        account=account, role=role, union=union, enterprise=None, valid_until=None, defaults={"valid_from": now}
    )
    return post


@transaction.atomic
def issue_cadre_token(*, role: str, union_code: str, now: datetime) -> str:
    """Give a service account that holds a role at a union a new key and return it, from the command line.

    The account is made when it is not there; its former keys go on until they end or are revoked.

    :raises NotFound: no such role, or no such union.
    """
    seed_roles()
    chosen = Role.objects.filter(code=role).first()
    if chosen is None:
        raise NotFound(_("There is no role %s.") % role)
    union = Union.objects.filter(code=union_code, closed_at=None).first()
    if union is None:
        raise NotFound(_("There is no union %s.") % union_code)
    return _issue(_service_post(chosen, union, now), actor=system(), now=now)


def _issue(post: Post, *, actor: Actor, now: datetime) -> str:
    key = new_key(TOKEN_PREFIX)
    token = ApiToken.objects.create(
        account_id=post.account_id, post=post, key_digest=key_digest(key), created_at=now, expires_at=now + TOKEN_LIFE
    )
    path = post.union.path if post.union is not None else ""
    record(actor, "access.token_issued", token, now=now, union_path=path, role=post.role_id)
    return key


@transaction.atomic
def issue_own_token(*, actor: Actor, post: Post, now: datetime) -> str:
    """Give the holder of a post a key that acts in this post's name for a year; return it: shown this once.

    :raises NotFound: the post is somebody else's, or has ended.
    """
    if actor.account_id is None:
        raise NotFound
    current = Post.objects.filter(pk=post.pk, account_id=actor.account_id, valid_from__lte=now)
    if not current.filter(Q(valid_until=None) | Q(valid_until__gt=now)).exists():
        raise NotFound
    return _issue(post, actor=actor, now=now)


@transaction.atomic
def revoke_token(*, actor: Actor, token: ApiToken, now: datetime) -> None:
    """Revoke a cadre's key: one's own, or one of a post where one grants posts.

    :raises Conflict: it is revoked already.
    """
    if actor.account_id is None or token.account_id != actor.account_id:
        actor.require(Permission.GRANT_POSTS, at=token.post.union or token.post.enterprise)
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise Conflict("already_revoked", _("This is revoked already."))
    union = token.post.union
    record(actor, "access.token_revoked", token, now=now, union_path=union.path if union else "")
