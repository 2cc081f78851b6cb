"""Cadres' sign-in: a password, then a one-time code from an authenticator or a recovery code."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.throttle import forgive, take, take_all
from nuanxin.access.models import Account
from nuanxin.kernel.refusals import Conflict, Invalid
from nuanxin.kernel.text import compact
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

_PERIOD = 30
_TOTP, _RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


def check_password(*, username: object, password: object, address: str, known_as: str = "", now: datetime) -> Account:
    """Return the account of a name and password, or refuse. An unknown name costs as long as a wrong password.

    Call outside a transaction: a wrong guess must stay counted.

    Wrong passwords count by name and place, so that a stranger who knows the name locks nobody out.

    :param address: where the try comes from; offices share one, so its ceiling is far above an account's.
    :param known_as: the secret of a browser in which this name signed in before, if this is one: it has a count of
        its own, and is not stopped by what strangers try elsewhere.
    :raises TooMany: five wrong passwords for the name from the place, sixty tries from the address, in fifteen
        minutes; or fifty an hour for the name from places where it is not known.
    :raises Invalid: no such name, a wrong password, or a closed account: the three are not told apart.
    """
    name = _clean(username).strip()[:60].lower()
    place = f"{name}\0{known_as or address}"
    limits = {"sign_in_address": address, "sign_in": place}
    take_all(limits if known_as else limits | {"sign_in_name": name}, now=now)
    typed = _clean(password)[:200]
    account = Account.objects.filter(username=name).first()
    if account is None:
        Account().set_password(typed)
    if account is None or not account.check_password(typed) or not account.is_active:
        raise Invalid("bad_sign_in", _("Name or password is wrong. After five wrong tries you must wait 15 minutes."))
    forgive(name="sign_in", subject=place)
    return account


def _clean(value: object) -> str:
    return value.encode("utf-8", "replace").decode().replace("\0", "") if isinstance(value, str) else ""


def has_second_factor(account: Account) -> bool:
    """Answer whether an authenticator is bound to the account."""
    return bool(Authenticator.objects.filter(user=account, type=_TOTP).exists())


def check_second_factor(*, account: Account, code: object, now: datetime) -> None:
    """Accept the authenticator's code of this half minute, the one before or after, or a recovery code: each once.

    Call outside a transaction: a wrong guess must stay counted.

    :raises TooMany: five wrong codes in fifteen minutes.
    :raises Invalid: wrong, or used already.
    """
    subject = str(account.pk)
    take(name="second_factor", subject=subject, now=now)
    typed = compact(code[:40]) if isinstance(code, str) else ""
    if not (_use_totp(account, typed, now) or _use_recovery_code(account, typed)):
        raise Invalid(
            "bad_second_factor", _("This code is wrong or was used already. Wait for the next."), field="code"
        )
    forgive(name="second_factor", subject=subject)


def _matching_counter(secret: str, typed: str, now: datetime) -> int | None:
    middle = int(now.timestamp()) // _PERIOD
    for counter in (middle, middle - 1, middle + 1):
        if secrets.compare_digest(format_hotp_value(hotp_value(secret, counter)), typed):
            return counter
    return None


def _use_totp(account: Account, typed: str, now: datetime) -> bool:
    """Use up one counter of the authenticator by a conditional update: a code overheard is worth nothing."""
    row = Authenticator.objects.filter(user=account, type=_TOTP).first()
    if row is None or not (typed.isascii() and typed.isdigit()):
        return False
    counter = _matching_counter(decrypt(row.data["secret"]), typed, now)
    if counter is None:
        return False
    fresh = Authenticator.objects.filter(pk=row.pk).filter(
        Q(data__last_counter__isnull=True) | Q(data__last_counter__lt=counter)
    )
    return bool(fresh.update(data={**row.data, "last_counter": counter}, last_used_at=now))


def _use_recovery_code(account: Account, typed: str) -> bool:
    row = Authenticator.objects.filter(user=account, type=_RECOVERY).first()
    return bool(row is not None and typed.isascii() and RecoveryCodes(row).validate_code(typed))


def new_second_factor_secret() -> str:
    """Return a fresh secret for an authenticator, to be shown as QR code and letters until it is bound."""
    return str(generate_totp_secret())


@transaction.atomic
def bind_second_factor(*, account: Account, secret: str, code: object, actor: Actor, now: datetime) -> list[str]:
    """Bind an authenticator that shows the right code, and return ten recovery codes, shown this once.

    :raises Invalid: the code is not what an authenticator with this secret shows now.
    :raises Conflict: one is bound already.
    """
    typed = compact(code[:40]) if isinstance(code, str) else ""
    if not (typed.isascii() and typed.isdigit()) or _matching_counter(secret, typed, now) is None:
        raise Invalid(
            "bad_second_factor", _("This is not the code your app shows now. Check the time of your phone."),
            field="code",
        )  # fmt: skip
    Account.objects.select_for_update().get(pk=account.pk)
    if has_second_factor(account):
        raise Conflict("second_factor_bound", _("An authenticator is bound already."))
    TOTP.activate(account, secret)
    codes = _fresh_recovery_codes(account)
    record(actor, "access.second_factor_bound", account, now=now)
    return codes


def _fresh_recovery_codes(account: Account) -> list[str]:
    Authenticator.objects.filter(user=account, type=_RECOVERY).delete()
    return list(RecoveryCodes.activate(account).generate_codes())


@transaction.atomic
def renew_recovery_codes(*, account: Account, actor: Actor, now: datetime) -> list[str]:
    """Return ten new recovery codes, shown this once; the old ones no longer count."""
    codes = _fresh_recovery_codes(account)
    record(actor, "access.recovery_codes_renewed", account, now=now)
    return codes


def drop_second_factor(account: Account) -> None:
    """Take authenticator, passkeys and recovery codes from an account: part of giving it a new one-time password."""
    Authenticator.objects.filter(user=account).delete()


def record_sign_in(*, account: Account, actor: Actor, now: datetime) -> None:
    """Write down that the account signed in."""
    Account.objects.filter(pk=account.pk).update(last_login=now)
    record(actor, "access.signed_in", account, now=now)
