"""Closing an account at its holder's wish: with some days to think again, then for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nuanxin.access.models import Account, BrowserSession

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


def begin_closing(*, account: Account, at: datetime) -> bool:
    """Say when an account closes, and end its sessions everywhere; answer whether that was new.

    Part of the action that knows whose account it is. Until then its holder may sign in and keep it.
    """
    if not Account.objects.filter(pk=account.pk, closes_at=None, is_active=True).update(closes_at=at):
        return False
    BrowserSession.objects.filter(account=account).delete()
    return True


def keep_open(*, account_id: UUID) -> bool:
    """Take the wish to close an account back; answer whether there was one."""
    return bool(Account.objects.filter(pk=account_id, closes_at__isnull=False).update(closes_at=None))


def shut_account(*, account_id: UUID) -> None:
    """Let nobody sign in to an account any more. What is personal in it is erased by the retention register."""
    Account.objects.filter(pk=account_id).update(is_active=False, closes_at=None)


def accounts_to_close(*, now: datetime, most: int = 500) -> list[UUID]:
    """Return the accounts whose days to think again are over."""
    due = Account.objects.filter(closes_at__lte=now).order_by("closes_at", "pk")
    return list(due.values_list("pk", flat=True)[:most])
