"""Reading accounts, posts, absences, sessions and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, F, Model, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.models import (
    Absence,
    Account,
    ApiClient,
    ApiToken,
    BrowserSession,
    LinkedIdentity,
    PartnerDevice,
    Post,
    Role,
    StaffSession,
)
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Invalid, NotFound
from nuanxin.organizations.models import Coverage, Enterprise, Union

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.db.models import QuerySet

    from nuanxin.kernel.actor import Actor

Row = TypeVar("Row", bound=Model)


def account_by_id(pk: object) -> Account | None:
    """Return an open account by its id."""
    try:
        return Account.objects.filter(pk=UUID(str(pk)), is_active=True).first()
    except ValueError:
        return None


def current(now: datetime) -> Q:
    """Return the condition that a post is held now."""
    return Q(valid_from__lte=now) & (Q(valid_until=None) | Q(valid_until__gt=now))


def roles() -> QuerySet[Role]:
    """Return the roles there are."""
    return Role.objects.order_by("code")


def _under(paths: tuple[str, ...], field: str) -> Q:
    reach = Q(pk__in=[])
    for path in paths:
        reach |= Q(**{f"{field}__startswith": path})
    return reach


def unions_in_reach(actor: Actor, permission: str) -> QuerySet[Union]:
    """Return the unions where the actor holds a permission."""
    return Union.objects.filter(_under(actor.reach(permission), "path"))


def enterprises_in_reach(actor: Actor, permission: str) -> QuerySet[Enterprise]:
    """Return the enterprises covered by, or lying in the region of, unions where the actor holds a permission."""
    unions = unions_in_reach(actor, permission)
    covered = Coverage.objects.filter(enterprise=OuterRef("pk"), valid_until=None, union__in=unions)
    reach = Q(Exists(covered))
    for grant in getattr(actor, "grants", ()):
        if permission in grant.permissions and grant.region_code is not None:
            reach |= Q(region__code__startswith=grant.region_code)
    return Enterprise.objects.filter(reach)


def union_in_reach(actor: Actor, permission: str, text: str, *, field: str = "union") -> Union:
    """Return the open union that a code, or a whole name, names among those where the actor holds a permission.

    :raises Invalid: none there has that code or name, or several have the name.
    """
    rows = unions_in_reach(actor, permission).filter(Q(code=text.upper()) | Q(name=text), closed_at=None)
    return _named(list(rows.order_by("pk")[:2]), field)


def enterprise_in_reach(actor: Actor, permission: str, text: str, *, field: str = "enterprise") -> Enterprise:
    """Return the open enterprise that a credit code, or a whole name, names among those in reach.

    :raises Invalid: none there has that code or name, or several have the name.
    """
    named = Q(name=text) | (Q(credit_code=text.upper()) & ~Q(credit_code=""))
    rows = enterprises_in_reach(actor, permission).filter(named, closed_at=None)
    return _named(list(rows.order_by("pk")[:2]), field)


def _named(found: list[Row], field: str) -> Row:
    if not found:
        raise Invalid("unknown_place", _("Nothing in your reach has this code or name."), field=field)
    if len(found) > 1:
        raise Invalid("many_places", _("Several have this name. Please give the code."), field=field)
    return found[0]


def visible_posts(actor: Actor) -> QuerySet[Post]:
    """Return one's own posts, and those of every union and enterprise where one grants posts."""
    reach = _under(actor.reach(Permission.GRANT_POSTS), "union__path")
    if actor.reach(Permission.GRANT_POSTS):
        reach |= Q(enterprise__in=enterprises_in_reach(actor, Permission.GRANT_POSTS))
    if actor.account_id is not None:
        reach |= Q(account_id=actor.account_id)
    return Post.objects.filter(reach).select_related("account", "role", "union", "enterprise")


def find_posts(
    actor: Actor, *, now: datetime, text: str = "", role: str = "", union_code: str = "", when: str = "current"
) -> QuerySet[Post]:
    """Return the visible posts that fit: a name, a role, a union's subtree, and held now or ended."""
    posts = visible_posts(actor)
    if when == "current":
        posts = posts.filter(Q(valid_until=None) | Q(valid_until__gt=now))
    elif when == "past":
        posts = posts.filter(valid_until__lte=now)
    if role:
        posts = posts.filter(role_id=role)
    if text:
        named = Q(account__name__icontains=text) | Q(account__username__icontains=text)
        posts = posts.filter(named | Q(union__name__icontains=text) | Q(enterprise__name__icontains=text))
    if union_code:
        above = Union.objects.filter(code=union_code).values_list("path", flat=True).first()
        posts = posts.filter(union__path__startswith=above) if above else posts.none()
    return posts


def get_post(actor: Actor, pk: UUID) -> Post:
    """Return one visible post. :raises NotFound: there is none that the actor may see."""
    return _one(visible_posts(actor).filter(pk=pk))


def posts_held(actor: Actor, now: datetime) -> list[Post]:
    """Return the posts one holds now."""
    held = Post.objects.filter(current(now), account_id=actor.account_id) if actor.account_id else Post.objects.none()
    return list(held.select_related("role", "union", "enterprise").order_by("valid_from", "pk"))


def visible_accounts(actor: Actor) -> QuerySet[Account]:
    """Return the accounts that hold or held a visible post, and those of cadres that never held any."""
    if not actor.reach(Permission.GRANT_POSTS):
        return Account.objects.none()
    held = Post.objects.filter(account=OuterRef("pk"))
    seen = Exists(visible_posts(actor).filter(account=OuterRef("pk")))
    signs_in_by_password = ~Q(password__startswith="!") & ~Q(password="")  # noqa: S106 - no password is written here
    return Account.objects.filter(seen | (~Exists(held) & signs_in_by_password))


def find_accounts(actor: Actor, *, text: str = "") -> QuerySet[Account]:
    """Return the visible accounts whose name or sign-in name holds a text."""
    accounts = visible_accounts(actor)
    return accounts.filter(Q(name__icontains=text) | Q(username__icontains=text)) if text else accounts


def get_account(actor: Actor, pk: UUID) -> Account:
    """Return one visible account. :raises NotFound: there is none that the actor may see."""
    return _one(visible_accounts(actor).filter(pk=pk))


def sessions_of(account: Account, now: datetime) -> QuerySet[BrowserSession]:
    """Return where the account is signed in, what was used last first."""
    rows = BrowserSession.objects.filter(account=account, expire_date__gt=now)
    return rows.order_by(F("seen_at").desc(nulls_last=True), "pk")


def account_named(username: str) -> Account | None:
    """Return the open account of a cadre's sign-in name: to give it a post, one must know the name exactly."""
    named = Account.objects.filter(username=username.strip().lower(), is_active=True)
    return named.exclude(password__startswith="!").exclude(password="").first()  # noqa: S106 - none is written here


def holders(permission: str, *, codes: Collection[str], now: datetime) -> dict[str, set[UUID]]:
    """Return who holds a permission by a post at unions themselves, by the union's code, in two statements.

    Whoever stands in for an absent holder counts too; a closed account does not.
    """
    posts = Post.objects.filter(current(now), union__code__in=codes, role__permissions__contains=[permission])
    found: dict[str, set[UUID]] = {}
    for code, account in posts.filter(account__is_active=True).values_list("union__code", "account_id"):
        found.setdefault(code, set()).add(account)
    away = Absence.objects.filter(post__in=posts, starts_at__lte=now, ends_at__gt=now, delegate__is_active=True)
    for code, delegate in away.values_list("post__union__code", "delegate_id"):
        found.setdefault(code, set()).add(delegate)
    return found


def visible_absences(actor: Actor) -> QuerySet[Absence]:
    """Return the absences of visible posts, and those in which one is the delegate."""
    own = Q(post__in=visible_posts(actor))
    if actor.account_id is not None:
        own |= Q(delegate_id=actor.account_id)
    return Absence.objects.filter(own).select_related(
        "post__account", "post__role", "post__union", "post__enterprise", "delegate"
    )


def get_absence(actor: Actor, pk: UUID) -> Absence:
    """Return one visible absence. :raises NotFound: there is none that the actor may see."""
    return _one(visible_absences(actor).filter(pk=pk))


def open_staff_session(actor: Actor, now: datetime) -> StaffSession | None:
    """Return one's own staff session that is open now and gives reach; whoever reaches by posts alone costs nothing."""
    if actor.account_id is None or not any(each.via == "staff_session" for each in getattr(actor, "grants", ())):
        return None
    rows = StaffSession.objects.filter(account_id=actor.account_id, starts_at__lte=now, ends_at__gt=now)
    return rows.select_related("union").first()


def visible_clients(actor: Actor) -> QuerySet[ApiClient]:
    """Return the machines' keys: to those who manage keys at the root of the tree."""
    root = Union.objects.filter(parent=None).order_by("created_at", "pk").values_list("path", flat=True).first()
    if root is None or not actor.may(Permission.MANAGE_KEYS, at=root):
        return ApiClient.objects.none()
    return ApiClient.objects.select_related("door")


def get_client(actor: Actor, pk: UUID) -> ApiClient:
    """Return one visible machine's key. :raises NotFound: there is none that the actor may see."""
    return _one(visible_clients(actor).filter(pk=pk))


def visible_devices(actor: Actor) -> QuerySet[PartnerDevice]:
    """Return the partners' devices of the unions where the actor manages keys."""
    reach = _under(actor.reach(Permission.MANAGE_KEYS), "union__path")
    return PartnerDevice.objects.filter(reach).select_related("union")


def get_device(actor: Actor, pk: UUID) -> PartnerDevice:
    """Return one visible device. :raises NotFound: there is none that the actor may see."""
    return _one(visible_devices(actor).filter(pk=pk))


def own_tokens(actor: Actor, now: datetime) -> QuerySet[ApiToken]:
    """Return one's own keys that count now."""
    if actor.account_id is None:
        return ApiToken.objects.none()
    rows = ApiToken.objects.filter(account_id=actor.account_id, revoked_at=None, expires_at__gt=now)
    return rows.select_related("post__role", "post__union", "post__enterprise")


def get_token(actor: Actor, pk: UUID, now: datetime) -> ApiToken:
    """Return one of one's own keys. :raises NotFound: it is somebody else's or no key."""
    return _one(own_tokens(actor, now).filter(pk=pk))


def account_names(pks: set[UUID]) -> dict[UUID, str]:
    """Return the names of accounts by id, for pages that show who acted."""
    return {account.pk: str(account) for account in Account.objects.filter(pk__in=pks).only("name", "username")}


def posts_by_id(pks: set[UUID]) -> dict[UUID, Post]:
    """Return posts with their roles by id, for pages that show in whose name an act was done."""
    return {post.pk: post for post in Post.objects.filter(pk__in=pks).select_related("role")}


def linked_identities(actor: Actor) -> list[LinkedIdentity]:
    """Return by which platforms one signs in oneself."""
    if actor.account_id is None:
        return []
    return list(LinkedIdentity.objects.filter(account_id=actor.account_id).order_by("linked_at", "pk"))


def passkeys(actor: Actor) -> list[Authenticator]:
    """Return one's own passkeys, oldest first."""
    if actor.account_id is None:
        return []
    rows = Authenticator.objects.filter(user=actor.account_id, type=Authenticator.Type.WEBAUTHN)
    return list(rows.order_by("created_at", "pk"))


def has_passkey(account: Account) -> bool:
    """Answer whether an account has a passkey."""
    return bool(Authenticator.objects.filter(user=account, type=Authenticator.Type.WEBAUTHN).exists())


def union_by_code(code: str) -> Union | None:
    """Return an open union by the code on its poster."""
    return Union.objects.filter(code=code.strip().upper(), closed_at=None).first()


def _one(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise NotFound
    return found
