"""Who somebody is to whom a notice goes: their language, their phone, and what they chose.

Accounts and phones stand on floors above; `wiring` says who knows them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from nuanxin.kernel.secrets import unseal
from nuanxin.messages.models import Address, GroupChat, Preference
from nuanxin.messages.states import Channel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from nuanxin.messages.states import Kind


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account.

    :param phone: eleven digits, or empty.
    :param phone_digest: blind index of the phone, or empty.
    """

    account_id: UUID
    language: str = ""
    phone: str = ""
    phone_digest: bytes = b""


class KnowsReaders(Protocol):
    """Whoever knows accounts and phones."""

    def __call__(self, *, accounts: Collection[UUID], phones: Collection[bytes]) -> Iterable[Reader]:
        """Return the open accounts among those named, and those of the people with these phones; each once."""


_known: list[KnowsReaders] = []


def know_readers(source: KnowsReaders) -> None:
    """Say who knows accounts and phones; called once, by the wiring."""
    _known[:] = [source]


def readers(*, accounts: Collection[UUID] = (), phones: Collection[bytes] = ()) -> list[Reader]:
    """Return who stands behind accounts and digests of phones; nobody as long as nobody is wired to know."""
    if not _known or not (accounts or phones):
        return []
    return list(_known[0](accounts=accounts, phones=phones))


@dataclass(frozen=True, slots=True)
class Reach:
    """How one account can be reached and wants to be.

    :param addresses: by channel, unsealed.
    :param chosen: by kind, the channels chosen; a kind without a row is not in it.
    """

    reader: Reader
    addresses: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, list[str]] = field(default_factory=dict)

    def choice(self, kind: Kind) -> list[str] | None:
        """Return what was chosen for a kind, or None."""
        return self.chosen.get(kind)


def reaches(found: Iterable[Reader], *, channels: Collection[str]) -> dict[UUID, Reach]:
    """Return how readers can be reached by the channels that this installation has, by account; two statements."""
    by_account = {reader.account_id: Reach(reader) for reader in found}
    if not by_account:
        return {}
    for row in Preference.objects.filter(account_id__in=by_account):
        by_account[row.account_id].chosen[row.kind] = row.channels
    for address in Address.objects.filter(account_id__in=by_account).exclude(confirmed_at=None):
        if address.channel in channels:
            by_account[address.account_id].addresses[address.channel] = unseal(address.sealed_address)
    for reach in by_account.values():
        if reach.reader.phone:
            reach.addresses[Channel.SMS] = reach.reader.phone
    return by_account


def chats_of(unions: Collection[UUID]) -> dict[UUID, list[GroupChat]]:
    """Return the chats of unions that are still told, by union."""
    found: dict[UUID, list[GroupChat]] = defaultdict(list)
    if unions:
        for chat in GroupChat.objects.filter(union_id__in=unions, removed_at=None).order_by("pk"):
            found[chat.union_id].append(chat)
    return found
