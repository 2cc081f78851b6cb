"""Workers' sign-in: a code to the phone, and on a new phone also the last six characters of the ID."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions import (
    account_of_identity,
    check_code,
    forgive,
    is_trusted,
    record_sign_in,
    send_code,
    take,
    trust_device,
)
from nuanxin.access.actors import worker_actor
from nuanxin.access.models import Account
from nuanxin.access.states import CodePurpose
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.identifiers import parse_phone
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.assurance import phone_was_proved
from nuanxin.members.models import Worker
from nuanxin.members.queries.workers import worker_of_phone
from nuanxin.members.rules.workers import WrongIdentity, check_last6_given, same_last6
from nuanxin.messages.actions import notify

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A worker who proved to be one; the secret of the phone when it was new and is trusted from now on."""

    account: Account
    worker: Worker
    device_token: str | None


def begin_sign_in(*, phone: str, language: str = "", now: datetime) -> datetime:
    """Send a code to a worker's phone and return until when it counts.

    The answer and the limits are the same for a number that nobody has; only, nothing is sent to it.

    :raises Invalid: not a phone number.
    :raises TooMany: codes were asked for too often.
    """
    phone = parse_phone(phone)
    known = worker_of_phone(phone) is not None
    return send_code(purpose=CodePurpose.SIGN_IN, phone=phone, language=language, deliver=known, now=now)


def needs_last6(*, phone: str, device_token: str) -> bool:
    """Answer whether this phone must also be proved by the ID: always, unless it is trusted for the number's holder."""
    worker = worker_of_phone(parse_phone(phone))
    return not (worker and _trusted(worker, device_token))


def complete_sign_in(
    *, phone: str, code: str, last6: str = "", device_token: str = "", label: str = "", now: datetime
) -> SignedIn:
    """Sign a worker in by the code, on a new phone also by the last six characters of the ID.

    A number that changed hands moves the number, never the account: whoever has the phone but not the ID gets nowhere.
    Not for use inside a transaction: wrong guesses stay counted.

    :param device_token: the secret in the phone's cookie, if there is one.
    :raises Invalid: a wrong or expired code, missing characters, or a closed account.
    :raises WrongIdentity: the characters are another person's.
    :raises TooMany: five wrong guesses within a day; only whoever has the code can use them up.
    """
    phone = parse_phone(phone)
    worker = worker_of_phone(phone)
    trusted = worker is not None and _trusted(worker, device_token)
    if not trusted:
        check_last6_given(last6)
    check_code(purpose=CodePurpose.SIGN_IN, phone=phone, code=code, now=now)
    if not trusted:
        take(name="identity", subject=phone, now=now)
    if worker is None:
        raise WrongIdentity
    if not trusted:
        if not same_last6(PersonKey(worker.sealed_key).unseal(worker.sealed_id), last6):
            raise WrongIdentity
        forgive(name="identity", subject=phone)
    if not worker.phone_proved:
        phone_was_proved(worker)
    return _sign_in(worker, is_new=not trusted, label=label, now=now)


def sign_in_by_identity(*, platform: str, digests: Sequence[bytes], now: datetime) -> SignedIn | None:
    """Sign in the worker whose account this identity is linked to; None when it is nobody's yet.

    :param digests: of what the platform calls the person, the best first.
    """
    account = account_of_identity(platform=platform, digests=digests, for_desk=False, now=now)
    worker = Worker.objects.select_related("account").filter(account=account).first() if account else None
    return _sign_in(worker, is_new=False, label="", now=now) if worker else None


def _trusted(worker: Worker, device_token: str) -> bool:
    return bool(device_token and worker.account_id and is_trusted(account_id=worker.account_id, token=device_token))


@transaction.atomic
def _sign_in(worker: Worker, *, is_new: bool, label: str, now: datetime) -> SignedIn:
    first_time = worker.account_id is None
    account = worker.account or _account(worker, now)
    if not account.is_active:
        raise Invalid("account_closed", _("This account is closed. Please ask your union, or call 12351."))
    token = trust_device(account=account, label=label, now=now) if is_new else None
    record_sign_in(account=account, actor=worker_actor(account, worker.pk), now=now)
    if is_new and not first_time:
        notify(
            account_id=account.pk,
            template="device.new",
            values={"at": f"{now.astimezone(ZONE):%Y-%m-%d %H:%M}"},
            fact=f"device.new:{now.timestamp():.0f}",
            now=now,
        )
    return SignedIn(account, worker, token)


def _account(worker: Worker, now: datetime) -> Account:
    """Return the account of a worker's first sign-in; of two at once, the second waits and uses the first one's."""
    locked = Worker.objects.select_for_update().get(pk=worker.pk)
    if locked.account_id:
        return Account.objects.get(pk=locked.account_id)
    account = Account(username=f"w{secrets.token_hex(12)}", created_at=now)
    account.set_unusable_password()
    account.save(force_insert=True)
    Worker.objects.filter(pk=worker.pk).update(account=account)
    worker.account = account
    return account
