"""Passkeys of cadres: a key that never leaves its device, which checks its holder before it answers.

Kept in the rows of `allauth.mfa`, in its form; judged by `fido2`. Every passkey must check its holder (user
verification), so one answer is both factors. The first authenticator app stays bound beside them: a lost passkey locks
nobody out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from nuanxin.access.actions.throttle import Once, forgive, take, take_all
from nuanxin.access.actors import actor_of_account
from nuanxin.access.models import Account
from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_WEBAUTHN = Authenticator.Type.WEBAUTHN
#: How long an asked question waits for its answer; and how many passkeys one account may have.
PATIENCE = timedelta(minutes=5)
MOST = 10
_MOST_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Site:
    """The address at which passkeys are made and used: an answer for any other one is refused."""

    origin: str
    host: str


class PasskeyRefused(Invalid):
    """The answer is none of this question's, of this site's or of any key that is held; which is not told."""

    def __init__(self) -> None:
        super().__init__(
            "bad_passkey", _("This passkey does not count here. Try again, or use your password and the code.")
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What the browser is asked, and what must be kept until it answers."""

    options: dict[str, Any]
    state: dict[str, str]


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.host, name="Nuanxin")
    return Fido2Server(party, verify_origin=lambda origin: origin == site.origin)


def _plain(value: Any) -> Any:
    """Turn options into what JSON can hold, leaving out what is not said."""
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in value if value[name] is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return websafe_encode(value)
    return str(value.value) if hasattr(value, "value") else value


def _question(options: Any, state: Mapping[str, Any], now: datetime) -> Question:
    kept = {"challenge": str(state["challenge"]), "until": (now + PATIENCE).isoformat()}
    return Question(_plain(options)["publicKey"], kept)


def _rows(account: Account) -> list[Authenticator]:
    return list(Authenticator.objects.filter(user=account, type=_WEBAUTHN).order_by("created_at", "pk"))


def _credential(row: Authenticator) -> AttestedCredentialData:
    return AttestedCredentialData(websafe_decode(row.data["key"]))


def _state(state: Mapping[str, str] | None, now: datetime) -> dict[str, Any]:
    if not state or state["until"] < now.isoformat():
        raise PasskeyRefused
    return {"challenge": state["challenge"], "user_verification": UserVerificationRequirement.REQUIRED}


def ask_new_passkey(*, account: Account, site: Site, now: datetime) -> Question:
    """Return what a browser is asked to make a passkey; the devices that have one already are named to it."""
    user = PublicKeyCredentialUserEntity(
        id=account.pk.bytes, name=account.username, display_name=account.name or account.username
    )
    options, state = _server(site).register_begin(
        user,
        credentials=[_credential(row) for row in _rows(account)],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _question(options, state, now)


def ask_passkey(*, account: Account | None, site: Site, now: datetime) -> Question:
    """Return what a browser is asked to prove a passkey; without an account, any that it holds for this site."""
    options, state = _server(site).authenticate_begin(
        credentials=[_credential(row) for row in _rows(account)] if account else None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _question(options, state, now)


@transaction.atomic
def add_passkey(
    *,
    actor: Actor,
    account: Account,
    name: object,
    answer: object,
    state: Mapping[str, str] | None,
    site: Site,
    now: datetime,
) -> Authenticator:
    """Keep the passkey that a browser has made for an account that proved its second factor just now.

    :raises Invalid: no name.
    :raises PasskeyRefused: made for another question or site, too late, or without checking its holder.
    :raises Conflict: ten are there already, or this one is.
    """
    called = check_text(name, field="name", most=40)
    if not called:
        raise Invalid("missing", _("Please give the passkey a name."), field="name")
    try:
        given = RegistrationResponse.from_dict(_answer(answer))
        made = _server(site).register_complete(_state(state, now), given)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError):
        raise PasskeyRefused from None
    if not _use(state, now) or made.credential_data is None:
        raise PasskeyRefused
    Account.objects.select_for_update().get(pk=account.pk)
    rows, key = _rows(account), websafe_encode(bytes(made.credential_data))
    if len(rows) >= MOST:
        raise Conflict("too_many_passkeys", _("Ten passkeys are enough. Remove one that you no longer use."))
    if any(_credential(row).credential_id == made.credential_data.credential_id for row in rows):
        raise Conflict("passkey_known", _("This passkey is there already."))
    data = {"name": called, "key": key, "count": made.counter, "credential": dict(_answer(answer))}
    row = Authenticator.objects.create(user=account, type=_WEBAUTHN, data=data, created_at=now)
    record(actor, "access.passkey_added", account, now=now, name=called)
    return row


def check_passkey(
    *,
    answer: object,
    state: Mapping[str, str] | None,
    site: Site,
    address: str,
    account: Account | None = None,
    now: datetime,
) -> Account:
    """Return the account whose passkey answered, with both factors in one; each question is answered once.

    Call outside a transaction: a wrong try must stay counted, and what is noted of a copied key must stay written.

    :param account: the account whose password was right just now; without one, the answer names it.
    :raises TooMany: sixty tries from the address, or five of the account, in fifteen minutes.
    :raises PasskeyRefused: a wrong, late, repeated or foreign answer, a removed key, a copied one, or a closed account.
    """
    take(name="sign_in_address", subject=address, now=now)
    given = _answer(answer)
    found = account or _named(given)
    if found is None or not found.is_active:
        raise PasskeyRefused
    take(name="second_factor", subject=str(found.pk), now=now)
    rows = {_credential(row).credential_id: row for row in _rows(found)}
    try:
        told = AuthenticationResponse.from_dict(given)
        keys = [_credential(row) for row in rows.values()]
        used = _server(site).authenticate_complete(_state(state, now), keys, told)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise PasskeyRefused from None
    if not _use(state, now):
        raise PasskeyRefused
    _count_on(found, rows[used.credential_id], told.response.authenticator_data.counter, now)
    forgive(name="second_factor", subject=str(found.pk))
    return found


def _answer(answer: object) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping) or len(str(answer)) > _MOST_BYTES:
        raise PasskeyRefused
    return answer


def _named(answer: Mapping[str, Any]) -> Account | None:
    """Return the account that a passkey names by itself: its handle is the account's id."""
    try:
        handle = UUID(bytes=websafe_decode(answer["response"]["userHandle"]))
    except (ValueError, KeyError, TypeError):
        return None
    return Account.objects.filter(pk=handle, is_active=True).first()


def _use(state: Mapping[str, str] | None, now: datetime) -> bool:
    """Use a question up, in one statement: an answer overheard is worth nothing, also in the same second."""
    if not state:
        return False
    return take_all({}, now=now, once=Once(f"passkey:{state['challenge']}", now + 2 * PATIENCE))


def _count_on(account: Account, row: Authenticator, count: int, now: datetime) -> None:
    """Move the key's own counter forward; one that goes back means a copy, which is noted and refused."""
    before = row.data["count"]
    fresh = Authenticator.objects.filter(pk=row.pk, data__count=before)
    if (count or before) and count <= before:
        actor = actor_of_account(account, now)
        record(actor, "access.passkey_copied", account, now=now, name=row.data["name"], before=before, after=count)
        raise PasskeyRefused
    if not fresh.update(data={**row.data, "count": count}, last_used_at=now):
        raise PasskeyRefused


@transaction.atomic
def remove_passkey(*, actor: Actor, pk: int, now: datetime) -> None:
    """Remove one of one's own passkeys: from now on it proves nothing. :raises NotFound: it is somebody else's."""
    row = Authenticator.objects.filter(user=actor.account_id, type=_WEBAUTHN, pk=pk).select_related("user").first()
    if actor.account_id is None or row is None or not Authenticator.objects.filter(pk=row.pk).delete()[0]:
        raise NotFound
    record(actor, "access.passkey_removed", row.user, now=now, name=row.data["name"])
