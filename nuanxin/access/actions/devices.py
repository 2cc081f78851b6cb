"""Workers' trusted phones, and partners' counters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.identities import drop_identities
from nuanxin.access.actors import Actor as Acting
from nuanxin.access.models import BrowserSession, PartnerDevice, TrustedDevice
from nuanxin.access.rules.codes import ENROLLMENT_LETTERS, ENROLLMENT_LIFE
from nuanxin.access.rules.keys import DEVICE_PREFIX, key_digest, new_key
from nuanxin.access.states import Permission
from nuanxin.kernel.ids import random_letters, secret_token
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.secrets import digest
from nuanxin.kernel.text import check_text, compact
from nuanxin.organizations.rules.partners import read_kinds
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from nuanxin.access.models import Account
    from nuanxin.kernel.actor import Actor
    from nuanxin.organizations.models import PartnerPlace, Union


def trust_device(*, account: Account, now: datetime, label: str = "") -> str:
    """Trust a phone or browser on which a worker has proved more than the code; return the secret for its cookie."""
    token = secret_token()
    TrustedDevice.objects.create(
        account=account, token_digest=digest("trusted_device", token), label=label[:80], trusted_at=now
    )
    return token


def is_trusted(*, account_id: UUID, token: str) -> bool:
    """Answer whether the secret is that of a device this account trusts, and still trusts."""
    return TrustedDevice.objects.filter(
        account_id=account_id, token_digest=digest("trusted_device", token[:100]), revoked_at=None
    ).exists()


def distrust_devices(*, account_id: UUID, now: datetime) -> int:
    """Trust none of the account's devices any longer. Return how many there were."""
    return TrustedDevice.objects.filter(account_id=account_id, revoked_at=None).update(revoked_at=now)


def shut_out_phones(*, account_id: UUID, but: str = "", now: datetime) -> int:
    """Sign a worker out everywhere, trust no phone any longer, and unlink WeChat and DingTalk, which a phone that was
    lost is signed in to. Return how many phones were trusted.

    :param but: digest of the one session that stays: that in which it was asked for.
    """
    BrowserSession.objects.filter(account_id=account_id).exclude(session_key=but).delete()
    drop_identities(account_id=account_id)
    return distrust_devices(account_id=account_id, now=now)


def _filled(value: object, *, field: str, most: int) -> str:
    text = check_text(value, field=field, most=most)
    if not text:
        raise Invalid("missing", _("Please fill this in."), field=field)
    return text


def _new_enrollment() -> tuple[str, bytes]:
    code = random_letters(ENROLLMENT_LETTERS)
    return code, digest("enrollment", code)


def _require(actor: Actor, union: Union, *, has_place: bool) -> None:
    """Refuse whoever may neither manage keys nor, for a device at a partner's place, look after partners."""
    partners = has_place and actor.may(Permission.EDIT_PARTNERS, at=union)
    actor.require(Permission.EDIT_PARTNERS if partners else Permission.MANAGE_KEYS, at=union)


@transaction.atomic
def create_device(
    *,
    actor: Actor,
    union: Union,
    partner: object,
    name: object,
    now: datetime,
    place: PartnerPlace | None = None,
    kinds: Collection[str] = (),
) -> tuple[PartnerDevice, str]:
    """Register a partner's counter and return the code by which its phone is enrolled within thirty minutes.

    :param place: where it stands; without one it may check codes and nothing more.
    :param kinds: of what the contract allows, what it may do; everything, when empty.
    :raises NotAllowed: without `access.manage_keys` at the union, or for a place `organizations.edit_partners`.
    :raises Invalid: no partner or no name, or an unknown kind.
    """
    _require(actor, union, has_place=place is not None)
    code, enrollment = _new_enrollment()
    device = PartnerDevice.objects.create(
        union=union,
        partner=_filled(partner, field="partner", most=60),
        name=_filled(name, field="name", most=60),
        place=place,
        kinds=read_kinds(kinds),
        enrollment_digest=enrollment,
        enrollment_expires_at=now + ENROLLMENT_LIFE,
        created_by_id=actor.account_id,
        created_at=now,
    )
    record(actor, "access.device_created", device, now=now, union_path=union.path, partner=device.partner)
    return device, code


@transaction.atomic
def renew_enrollment(*, actor: Actor, device: PartnerDevice, now: datetime) -> str:
    """Return a new code for a counter that is not enrolled yet; the old code no longer counts.

    :raises Conflict: it is enrolled or revoked.
    """
    _require(actor, device.union, has_place=device.place_id is not None)
    code, enrollment = _new_enrollment()
    waiting = PartnerDevice.objects.filter(pk=device.pk, enrolled_at=None, revoked_at=None)
    if not waiting.update(enrollment_digest=enrollment, enrollment_expires_at=now + ENROLLMENT_LIFE):
        raise Conflict("device_not_waiting", _("This device is enrolled or revoked. Create a new one."))
    record(actor, "access.enrollment_renewed", device, now=now, union_path=device.union.path)
    return code


@transaction.atomic
def enroll_device(*, code: object, now: datetime) -> tuple[PartnerDevice, str]:
    """Exchange an enrollment code for the device's own key. The code is used up; the key is shown this once.

    :raises Invalid: unknown, used or older than thirty minutes: the three are not told apart.
    """
    typed = compact(code).upper()[:40] if isinstance(code, str) else ""
    key = new_key(DEVICE_PREFIX)
    enrollment = digest("enrollment", typed.encode("utf-8", "replace").decode())
    waiting = PartnerDevice.objects.filter(
        enrollment_digest=enrollment, enrollment_expires_at__gt=now, enrolled_at=None, revoked_at=None
    )
    device = waiting.select_related("union").first()
    changes = {"key_digest": key_digest(key), "enrolled_at": now, "enrollment_digest": None}
    if device is None or not waiting.update(**changes):
        raise Invalid(
            "bad_enrollment_code", _("This code does not count (any more). Ask the union for a new one."), field="code"
        )
    device.refresh_from_db()
    acting = Acting(kind="device", source_id=device.pk)
    record(acting, "access.device_enrolled", device, now=now, union_path=device.union.path)
    return device, key


@transaction.atomic
def revoke_device(*, actor: Actor, device: PartnerDevice, now: datetime) -> None:
    """Shut a partner's device out, from its very next request.

    :raises Conflict: it is revoked already.
    """
    _require(actor, device.union, has_place=device.place_id is not None)
    if not PartnerDevice.objects.filter(pk=device.pk, revoked_at=None).update(
        revoked_at=now, key_digest=None, enrollment_digest=None
    ):
        raise Conflict("already_revoked", _("This is revoked already."))
    record(actor, "access.device_revoked", device, now=now, union_path=device.union.path)
