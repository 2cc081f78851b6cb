"""Addresses beside the phone."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid

#: Plain mailboxes only: what stands here also stands in an address of a gateway.
_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}")
_LONGEST = 120


def parse_email(value: object) -> str:
    """Read a mailbox; the part after the @ in small letters.

    :raises Invalid: it is none.
    """
    text = str(value or "").strip()
    if len(text) > _LONGEST or not _EMAIL.fullmatch(text) or ".." in text:
        raise Invalid("bad_email", _("This is no e-mail address. It looks like name@example.com."), field="email")
    name, _at, host = text.rpartition("@")
    return f"{name}@{host.lower()}"


def mask_email(email: str) -> str:
    """Return a mailbox as it may be shown: `z***@example.com`."""
    name, _at, host = email.rpartition("@")
    return f"{name[:1]}***@{host}"
