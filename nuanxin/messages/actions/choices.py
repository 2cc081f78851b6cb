"""What people choose: by which ways they are told, and where they are reached beside the phone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid, NotFound
from nuanxin.kernel.rows import insert
from nuanxin.kernel.secrets import digest, seal
from nuanxin.messages.actions.spreading import purpose_of
from nuanxin.messages.models import Address, Preference, TextMessage
from nuanxin.messages.rules import sentence
from nuanxin.messages.rules.addresses import mask_email, parse_email
from nuanxin.messages.rules.kinds import WAYS, kind_of, may_choose
from nuanxin.messages.states import Channel, Kind
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from nuanxin.kernel.actor import Actor

#: How long a link that confirms a mailbox is good.
LINK_GOOD = timedelta(days=1)
#: How soon another link to the same mailbox may be asked for.
_PAUSE = timedelta(minutes=2)
_SALT = "nuanxin.messages.email"


def _own(actor: Actor) -> UUID:
    if actor.account_id is None:
        raise NotFound
    return actor.account_id


@transaction.atomic
def choose_ways(*, actor: Actor, chosen: Mapping[str, Collection[str]], now: datetime) -> None:
    """Keep by which ways the actor wants to be told each kind; the ways that always go are not asked.

    :param chosen: by kind, the ways beside those that always go.
    :raises Invalid: a kind without a choice, or a way that this kind does not offer.
    """
    account_id = _own(actor)
    for kind, ways in chosen.items():
        if kind not in Kind or not set(ways) <= set(may_choose(Kind(kind))):
            raise Invalid("bad_way", _("This kind of notice does not go this way."), field=kind)
    rows = [
        Preference(account_id=account_id, kind=kind, channels=sorted(ways), changed_at=now)
        for kind, ways in sorted(chosen.items())
    ]
    Preference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["account_id", "kind"], update_fields=["channels", "changed_at"]
    )


@transaction.atomic
def ask_for_email(*, actor: Actor, email: object, language: str, now: datetime) -> str:
    """Send a link to a mailbox that the actor names; until it is followed, nothing else goes there. Return the mailbox.

    :raises Invalid: it is no mailbox.
    :raises Conflict: e-mail is not set up, or a link went to this account within two minutes.
    """
    account_id, address = _own(actor), parse_email(email)
    if not settings.NUANXIN_MAIL_URL:
        raise Conflict("no_email", _("E-mail is not set up here."))
    _remember(account_id, Channel.EMAIL, address, confirmed_at=None, now=now)
    lately = TextMessage.objects.filter(account_id=account_id, template="email.confirm", created_at__gt=now - _PAUSE)
    if lately.exists():
        raise Conflict("link_sent", _("A link is on its way already. Please look into your mailbox, also into spam."))
    key = digest(purpose_of(Channel.EMAIL), address)
    token = signing.dumps({"account": str(account_id), "key": key.hex(), "at": int(now.timestamp())}, salt=_SALT)
    link = f"{settings.NUANXIN_BASE_URL}/email/{token}/"
    text = TextMessage(
        channel=Channel.EMAIL,
        kind=kind_of("email.confirm"),
        template="email.confirm",
        sealed_address=seal(address),
        address_digest=key,
        masked=mask_email(address),
        sealed_text=seal(sentence("email.confirm", {"link": link}, language)),
        account_id=account_id,
        is_urgent=WAYS[Kind.CODE].is_urgent,
        created_at=now,
        try_at=now,
    )
    text.fact = str(text.pk)
    insert(text)
    return address


def read_email_link(token: str, *, now: datetime) -> Address:
    """Return the mailbox that a link confirms. The link itself names neither mailbox nor person.

    :raises NotFound: forged, too old, or the account has named another mailbox since.
    """
    try:
        told = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        raise NotFound from None
    if now.timestamp() - told["at"] > LINK_GOOD.total_seconds():
        raise NotFound(_("This link is too old. Please ask for a new one under “How I am told”."))
    held = Address.objects.filter(
        account_id=told["account"], channel=Channel.EMAIL, address_digest=bytes.fromhex(told["key"])
    ).first()
    if held is None:
        raise NotFound
    return held


@transaction.atomic
def confirm_email(*, actor: Actor, token: str, now: datetime) -> None:
    """Confirm a mailbox by the link that went there; who follows it need not be signed in. A second time is no harm.

    :raises NotFound: as `read_email_link`.
    """
    row = read_email_link(token, now=now)
    if Address.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=now):
        record(actor, "notices.email_confirmed", row, now=now, account=str(row.account_id))


@transaction.atomic
def remember_weixin(*, account_id: UUID, openid: str, now: datetime) -> None:
    """Keep whom WeChat's app knows as this account, for subscribe messages; confirmed, because WeChat itself said it.

    To be called where WeChat has just told who somebody is and the account is theirs.
    """
    _remember(account_id, Channel.WEIXIN, openid, confirmed_at=now, now=now)


def _remember(
    account_id: UUID, channel: Channel, address: str, *, confirmed_at: datetime | None, now: datetime
) -> None:
    """Keep an address; the same one again stays as it is, another one takes its place."""
    key = digest(purpose_of(channel), address)
    Address.objects.filter(account_id=account_id, channel=channel).exclude(address_digest=key).delete()
    row = Address(
        account_id=account_id,
        channel=channel,
        sealed_address=seal(address),
        address_digest=key,
        created_at=now,
        confirmed_at=confirmed_at,
    )
    Address.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def forget_address(*, actor: Actor, channel: str, now: datetime) -> bool:
    """Take away an address of the actor's own; answer whether there was one."""
    row = Address.objects.filter(account_id=_own(actor), channel=channel).first()
    if row is None:
        return False
    record(actor, "notices.address_removed", row, now=now, channel=channel)
    row.delete()
    return True
