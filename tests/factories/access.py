"""Accounts, posts, keys and the actors they make."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from allauth.mfa.totp.internal.auth import TOTP

from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account, ApiClient, ApiToken, PartnerDevice, Post, Role
from nuanxin.access.rules.keys import CLIENT_PREFIX, DEVICE_PREFIX, TOKEN_PREFIX, key_digest, new_key
from nuanxin.access.states import ROLES, Scope
from nuanxin.web.kit.sessions import PASSWORD
from tests.factories import NOW

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.test import Client

    from nuanxin.organizations.models import Door, Enterprise, Union

#: What the authenticators of tests share.
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_serial = count(1)


def make_roles() -> dict[str, Role]:
    """Make the roles of a fresh installation; repeatable."""
    Role.objects.bulk_create(
        [
            Role(code=code, name=name, name_en=name_en, permissions=sorted(permissions), offered=sorted(permissions))
            for code, (name, name_en, permissions) in ROLES.items()
        ],
        ignore_conflicts=True,
    )
    return {role.code: role for role in Role.objects.all()}


def make_account(
    *,
    username: str | None = None,
    name: str = "王敏",
    password: str | None = None,
    is_active: bool = True,
    second_factor: str | None = SECRET,
) -> Account:
    """Make an account; without a password nobody can sign in to it by password. An authenticator is bound to it."""
    account = Account(
        username=username or f"account{next(_serial)}-{os.getpid()}", name=name, is_active=is_active, created_at=NOW
    )
    if password is None:
        account.set_unusable_password()
    else:
        account.set_password(password)
    account.save(force_insert=True)
    if second_factor is not None:
        TOTP.activate(account, second_factor)
    return account


def sign_in(client: Client, account: Account) -> None:
    """Give a test client a session at the desk, as if password and code had been typed."""
    client.force_login(account, backend=PASSWORD)


def make_post(
    *,
    account: Account | None = None,
    role: str = "reviewer",
    union: Union | None = None,
    enterprise: Enterprise | None = None,
    valid_from: datetime = NOW - timedelta(days=30),
    valid_until: datetime | None = None,
) -> Post:
    """Make a post at a union or at an enterprise, held since a month before NOW."""
    make_roles()
    return Post.objects.create(
        account=account or make_account(),
        role_id=role,
        union=union,
        enterprise=enterprise,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def actor_for(
    role: str | Account | Post = "reviewer",
    *,
    union: Union | None = None,
    enterprise: Enterprise | None = None,
    now: datetime = NOW,
) -> Actor:
    """Return the actor of an account or a post, or of a new account with one post of a role at a place."""
    if isinstance(role, Account):
        return actor_of_account(role, now)
    post = role if isinstance(role, Post) else make_post(role=role, union=union, enterprise=enterprise)
    return actor_of_account(post.account, now)


def make_client(
    *, name: str | None = None, scopes: Iterable[str] = tuple(Scope.values), door: Door | None = None
) -> tuple[ApiClient, str]:
    """Make an API client; return it with its key."""
    key = new_key(CLIENT_PREFIX)
    client = ApiClient.objects.create(
        name=name or f"client{next(_serial)}",
        key_digest=key_digest(key),
        scopes=list(scopes),
        door=door,
        created_at=NOW,
    )
    return client, key


def make_token(*, post: Post, expires_at: datetime = NOW + timedelta(days=365)) -> tuple[ApiToken, str]:
    """Make a cadre's token for a post; return it with its key."""
    key = new_key(TOKEN_PREFIX)
    token = ApiToken.objects.create(
        account=post.account, post=post, key_digest=key_digest(key), created_at=NOW, expires_at=expires_at
    )
    return token, key


def make_device(*, union: Union, partner: str = "聊城市人民医院", name: str = "1号窗口") -> tuple[PartnerDevice, str]:
    """Make an enrolled partner device; return it with its key."""
    key = new_key(DEVICE_PREFIX)
    device = PartnerDevice.objects.create(
        union=union, partner=partner, name=name, key_digest=key_digest(key), created_at=NOW, enrolled_at=NOW
    )
    return device, key
