"""Who stands behind accounts and phones: for the notices, which stand on a lower floor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from nuanxin.access.models import Account
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.models import Worker
from nuanxin.messages.queries.readers import Reader

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


def find_readers(*, accounts: Collection[UUID], phones: Collection[bytes]) -> list[Reader]:
    """Return the open accounts among those named, and those of the workers with these phones; each once.

    One statement for phones alone, two with accounts: a cadre need not be a worker.
    """
    people = Worker.objects.filter(
        Q(account__in=accounts) | Q(phone_digest__in=phones) if accounts else Q(phone_digest__in=phones),
        account__is_active=True,
    )
    found = {
        row.account_id: Reader(
            account_id=row.account_id,
            language=row.account.language,
            phone=PersonKey(row.sealed_key).unseal(row.sealed_phone),
            phone_digest=bytes(row.phone_digest or b""),
        )
        for row in people.select_related("account").only(
            "account__language", "account__is_active", "sealed_key", "sealed_phone", "phone_digest"
        )
        if row.account is not None and row.account_id is not None
    }
    others = [pk for pk in accounts if pk not in found]
    if others:
        rows = Account.objects.filter(pk__in=others, is_active=True).values_list("pk", "language")
        found |= {pk: Reader(account_id=pk, language=language) for pk, language in rows}
    return list(found.values())
