"""Identities at other platforms: linked once, after the person was proved otherwise, then signing in at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.models import Account, LinkedIdentity
from nuanxin.access.states import Platform
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict, NotFound
from nuanxin.kernel.secrets import digest
from nuanxin.messages.actions import notify
from nuanxin.messages.actions.choices import forget_address
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor


class LinkedElsewhere(Conflict):
    """The identity belongs to another account, or the account has another identity there."""

    def __init__(self) -> None:
        super().__init__(
            "linked_elsewhere",
            _("This could not be linked: one of the two is linked to another one already. Unlink that one first."),
        )


def subject_digest(platform: str, subject: str) -> bytes:
    """Return the blind index of what a platform calls a person; the name itself is never held."""
    return digest(f"identity:{platform}", subject)


def account_of_identity(*, platform: str, digests: Sequence[bytes], for_desk: bool, now: datetime) -> Account | None:
    """Return the open account that an identity is linked to, and mark its use; None when there is none.

    A platform may know one person by several names. The best one comes first: a link that was made before the
    platform told it is moved to it.

    :param for_desk: whether the link must be one made at the desk.
    """
    known = LinkedIdentity.objects.filter(platform=platform, subject_digest__in=list(digests))
    rows = sorted(known.select_related("account"), key=lambda row: list(digests).index(bytes(row.subject_digest)))
    if not rows or not rows[0].account.is_active or (for_desk and not rows[0].for_desk):
        return None
    best = {} if len(rows) > 1 else {"subject_digest": digests[0]}
    LinkedIdentity.objects.filter(pk=rows[0].pk).update(last_used_at=now, **best)
    return rows[0].account


@transaction.atomic
def link_identity(
    *, actor: Actor, account: Account, platform: str, digests: Sequence[bytes], for_desk: bool = False, now: datetime
) -> LinkedIdentity:
    """Link an identity to an account that was just proved otherwise: by phone code, or at the desk by second factor.

    Linked again it stays one link; linked at the desk it counts there too.

    :raises LinkedElsewhere: it is another account's, or the account has another identity at this platform.
    """
    held = LinkedIdentity.objects.filter(account=account, platform=platform, subject_digest__in=list(digests))
    found = held.select_for_update().first()
    if found is not None:
        if for_desk and not found.for_desk:
            held.filter(pk=found.pk).update(for_desk=True)
            record(actor, "access.identity_linked", account, now=now, platform=platform, for_desk=True)
        return found
    if LinkedIdentity.objects.filter(platform=platform, subject_digest__in=list(digests)).exists():
        raise LinkedElsewhere
    row = LinkedIdentity(
        account=account, platform=platform, subject_digest=digests[0], for_desk=for_desk, linked_at=now
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "linked_identity_one" not in str(error):
            raise
        raise LinkedElsewhere from None
    record(actor, "access.identity_linked", account, now=now, platform=platform, for_desk=for_desk)
    at = f"{now.astimezone(ZONE):%Y-%m-%d %H:%M}"
    notify(
        account_id=account.pk, template="identity.linked", values={"at": at}, fact=f"identity.linked:{row.pk}", now=now
    )
    return row


@transaction.atomic
def unlink_identity(*, actor: Actor, pk: UUID, now: datetime) -> None:
    """Unlink one of one's own identities: from now on it signs nobody in, and WeChat is told nothing more.

    :raises NotFound: it is somebody else's, or none.
    """
    row = LinkedIdentity.objects.select_related("account").filter(account=actor.account_id, pk=pk).first()
    if actor.account_id is None or row is None or not LinkedIdentity.objects.filter(pk=row.pk).delete()[0]:
        raise NotFound
    if row.platform == Platform.WEIXIN:
        forget_address(actor=actor, channel=row.platform, now=now)
    record(actor, "access.identity_unlinked", row.account, now=now, platform=row.platform)


def drop_identities(*, account_id: UUID) -> int:
    """Unlink everything from an account, after a loss of its phone or password. Return how many there were."""
    return int(LinkedIdentity.objects.filter(account_id=account_id).delete()[0])
