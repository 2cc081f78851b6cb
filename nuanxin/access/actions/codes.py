"""Codes by text message: sent sparingly, tried rarely, used once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from nuanxin.access.actions.throttle import take_all
from nuanxin.access.models import PhoneCode
from nuanxin.access.rules.codes import DIGITS, LIFE, MOST_TRIES
from nuanxin.kernel.ids import random_digits
from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.secrets import digest
from nuanxin.kernel.text import compact
from nuanxin.messages.actions import send_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


def _digest(purpose: str, phone: str, subject_id: UUID | None, code: str) -> bytes:
    return digest("phone_code", f"{purpose}\0{phone}\0{subject_id or ''}\0{code}")


@transaction.atomic
def send_code(
    *,
    purpose: str,
    phone: str,
    now: datetime,
    subject_id: UUID | None = None,
    language: str = "",
    deliver: bool = True,
    also: Mapping[str, str] | None = None,
) -> datetime:
    """Send a six-digit code to a phone and return until when it counts. Codes sent before no longer count.

    Whether anybody is known by this phone is neither asked nor told.

    :param purpose: of `CodePurpose`; `subject_id` names the one thing the code is for, such as an application.
    :param deliver: False does all but the sending: for a phone that may not be written to, without telling which it is.
    :param also: more limits to count by the same statement: name → subject.
    :raises TooMany: less than a minute after the last, more than five an hour, or ten a day to this phone.
    """
    take_all(dict.fromkeys(("codes_minute", "codes_hour", "codes_day"), phone) | dict(also or {}), now=now)
    code = random_digits(DIGITS)
    phone_digest = digest("phone", phone)
    PhoneCode.objects.filter(
        purpose=purpose, subject_id=subject_id, phone_digest=phone_digest, used_at=None, expires_at__gt=now
    ).update(expires_at=now)
    PhoneCode.objects.create(
        purpose=purpose,
        subject_id=subject_id,
        phone_digest=phone_digest,
        code_digest=_digest(purpose, phone, subject_id, code),
        sent_at=now,
        expires_at=now + LIFE,
    )
    if deliver:
        send_text(phone=phone, template=f"code.{purpose}", values={"code": code}, language=language, now=now)
    return now + LIFE


def check_code(
    *, purpose: str, phone: str, code: object, now: datetime, subject_id: UUID | None = None, field: str = "code"
) -> None:
    """Use up the code sent to a phone for this purpose and subject, or refuse.

    Call it before, not inside, the transaction of what the code allows: a wrong guess must stay counted when that
    transaction is undone.

    :raises Invalid: wrong, used, expired, never sent, or tried five times: then a new one must be asked for.
    :raises RuntimeError: called inside a transaction.
    """
    typed = compact(code[:64]) if isinstance(code, str) else ""
    if not (typed.isascii() and typed.isdigit()):
        typed = ""
    with transaction.atomic(durable=True):
        right = _use(purpose=purpose, phone=phone, code=typed, now=now, subject_id=subject_id)
    if right is None:
        raise Invalid("code_expired", _("This code no longer counts. Please have a new one sent."), field=field)
    if not right:
        raise Invalid("code_wrong", _("This is not the code. Please look at the newest message again."), field=field)


def _use(*, purpose: str, phone: str, code: str, now: datetime, subject_id: UUID | None) -> bool | None:
    """Count the try, then use the code if it is right: each by one conditional update. None when no code counts."""
    open_codes = PhoneCode.objects.filter(
        purpose=purpose, subject_id=subject_id, phone_digest=digest("phone", phone), used_at=None, expires_at__gt=now
    )
    newest = open_codes.order_by("-sent_at", "-pk").values_list("pk", flat=True).first()
    if newest is None or not open_codes.filter(pk=newest, tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        return None
    right = open_codes.filter(pk=newest, code_digest=_digest(purpose, phone, subject_id, code))
    return bool(right.update(used_at=now))
