"""Accounts of cadres and HR clerks, and the roles of a fresh installation."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.identities import drop_identities
from nuanxin.access.actions.sign_in import drop_second_factor
from nuanxin.access.actors import system
from nuanxin.access.models import Account, BrowserSession, Post, Role
from nuanxin.access.states import ROLES, Permission
from nuanxin.kernel.ids import random_letters
from nuanxin.kernel.refusals import Conflict, FieldError, Invalid, NotFound
from nuanxin.kernel.text import check_text, person_name
from nuanxin.organizations.models import Union
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,59}")


@dataclass(frozen=True)
class NewSignIn:
    """An account and the one-time password that is shown this once."""

    account: Account
    password: str

    def __str__(self) -> str:
        return f"username: {self.account.username}\npassword (to be changed at the first sign-in): {self.password}"


@transaction.atomic
def seed_roles() -> int:
    """Bring the roles of an installation up to date and return how many were made or got new permissions.

    A role that is there gains the permissions that this version offers for the first time, and otherwise keeps what
    was made of it.
    """
    known = {role.code: role for role in Role.objects.select_for_update().order_by("code")}
    changed = 0
    for code, (name, name_en, permissions) in ROLES.items():
        role = known.get(code) or Role(code=code, name=name, name_en=name_en, permissions=[])
        if new := permissions.difference(role.offered):
            role.permissions = sorted(new.union(role.permissions))
            role.offered = sorted(permissions.union(role.offered))
            role.save()
            changed += 1
    return changed


def _username(value: object) -> str:
    typed = unicodedata.normalize("NFKC", check_text(value, field="username", most=60))
    name = "".join(typed.split()).lower()
    if not _USERNAME.fullmatch(name):
        raise Invalid(
            "bad_username",
            _("A sign-in name has 3 to 60 letters a-z, digits, dots or hyphens."),
            field="username",
        )
    return name


def _one_time_password() -> str:
    letters = random_letters(15)
    return f"{letters[:5]}-{letters[5:10]}-{letters[10:]}"


def _new_account(*, username: str, name: str, now: datetime) -> NewSignIn:
    password = _one_time_password()
    account = Account(username=username, name=name, created_at=now, must_change_password=True)
    account.set_password(password)
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        if "username" not in str(error):
            raise
        raise Conflict("username_taken", _("This sign-in name is taken."), field="username") from None
    return NewSignIn(account, password)


@transaction.atomic
def create_first_administrator(
    *, username: object, now: datetime, name: object = "", union: Union | None = None
) -> NewSignIn:
    """Create the account that sets everything else up at the desk, holding `administrator` at the root union.

    :param union: the root of the tree when none is given.
    :raises Conflict: an administrator holds a post at a root already, or the name is taken.
    :raises NotFound: there is no union yet: set the installation up first.
    """
    seed_roles()
    role = Role.objects.select_for_update().get(code="administrator")
    root = union or Union.objects.filter(parent=None, closed_at=None).order_by("created_at", "pk").first()
    if root is None:
        raise NotFound(_("There is no union yet. Set the installation up first."))
    if Post.objects.filter(role=role, union__parent=None, valid_until=None, account__is_active=True).exists():
        raise Conflict("administrator_exists", _("There is an administrator already; ask for a post at the desk."))
    made = _new_account(username=_username(username), name=person_name(name) if name else "", now=now)
    post = Post.objects.create(account=made.account, role=role, union=root, valid_from=now)
    actor = system()
    record(actor, "access.account_created", made.account, now=now, union_path=root.path)
    record(actor, "access.post_granted", post, now=now, union_path=root.path, role=role.code)
    return made


@transaction.atomic
def create_cadre_account(*, actor: Actor, username: object, name: object, now: datetime) -> NewSignIn:
    """Create an account for a cadre or HR clerk; it holds nothing until a post is granted.

    :raises NotAllowed: without `access.grant_posts` anywhere.
    :raises Invalid: a sign-in name or a name that cannot be.
    :raises Conflict: the sign-in name is taken.
    """
    actor.require(Permission.GRANT_POSTS)
    made = _new_account(username=_username(username), name=person_name(name), now=now)
    for path in actor.reach(Permission.GRANT_POSTS)[:1]:
        record(actor, "access.account_created", made.account, now=now, union_path=path)
    return made


def _require_over(actor: Actor, account: Account, now: datetime) -> str:
    """Refuse unless every place where the account holds a post now is one where the actor grants posts.

    Somebody with posts elsewhere, or with more than the actor, is not the actor's to change.
    """
    posts = list(
        Post.objects.filter(account=account, valid_until=None).select_related("union", "enterprise")
        | Post.objects.filter(account=account, valid_until__gt=now).select_related("union", "enterprise")
    )
    for post in posts:
        actor.require(Permission.GRANT_POSTS, at=post.union or post.enterprise)
    if not posts:
        actor.require(Permission.GRANT_POSTS)
    unions = [post.union.path for post in posts if post.union is not None]
    return unions[0] if unions else (actor.reach(Permission.GRANT_POSTS) or ("",))[0]


@transaction.atomic
def reset_password(*, actor: Actor, account: Account, now: datetime) -> NewSignIn:
    """Give an account a new one-time password and take its second factor away, after a loss of either.

    Every session of the account ends. :raises NotFound: it holds a post out of the actor's reach.
    """
    path = _require_over(actor, account, now)
    password = _one_time_password()
    account.set_password(password)
    account.must_change_password = True
    Account.objects.filter(pk=account.pk).update(password=account.password, must_change_password=True)
    drop_second_factor(account)
    drop_identities(account_id=account.pk)
    BrowserSession.objects.filter(account=account).delete()
    record(actor, "access.password_reset", account, now=now, union_path=path)
    return NewSignIn(account, password)


@transaction.atomic
def set_active(*, actor: Actor, account: Account, active: bool, now: datetime) -> None:
    """Close an account, or open it again. A closed account cannot sign in and holds nothing; its posts stay dated.

    :raises Conflict: it is so already, or it is the actor's own.
    """
    path = _require_over(actor, account, now)
    if account.pk == actor.account_id:
        raise Conflict("own_account", _("You cannot close your own account."))
    if not Account.objects.filter(pk=account.pk, is_active=not active).update(is_active=active):
        raise Conflict("already_so", _("Somebody has done this already."))
    if not active:
        BrowserSession.objects.filter(account=account).delete()
    record(actor, "access.account_opened" if active else "access.account_closed", account, now=now, union_path=path)


@transaction.atomic
def change_own_password(*, account: Account, old: str, new: str, again: str, actor: Actor, now: datetime) -> None:
    """Change one's own password.

    :raises Invalid: the old one is wrong, the two new ones differ, or the new one is weak or the old one again.
    """
    if not account.check_password(old):
        raise Invalid("password_wrong", _("This is not your present password."), field="old")
    if new != again:
        raise Invalid("passwords_differ", _("The two new passwords are not alike."), field="again")
    if new == old:
        raise Invalid("password_same", _("Please choose a password you have not had."), field="new")
    try:
        password_validation.validate_password(new, account)
    except ValidationError as error:
        errors = [FieldError("new", str(item.code), item.messages[0]) for item in error.error_list]
        raise Invalid(errors[0].code, errors[0].message, errors=errors) from None
    account.set_password(new)
    account.must_change_password = False
    Account.objects.filter(pk=account.pk).update(password=account.password, must_change_password=False)
    record(actor, "access.password_changed", account, now=now)


def change_language(*, account: Account, language: str) -> None:
    """Keep the language in which the account reads pages and messages; an unknown one is refused."""
    if language not in dict(settings.LANGUAGES):
        raise Invalid("bad_language", _("Please choose one of the languages."), field="language")
    Account.objects.filter(pk=account.pk).update(language=language)
