"""Applications that are filled in beforehand: offered by text, confirmed by the worker or not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.formation.models import Offer
from nuanxin.formation.queries.offers import offer_digest, values_of
from nuanxin.formation.rules.permits import WAITS
from nuanxin.formation.states import OFFER_MOVES, OPEN_OFFERS, OfferState
from nuanxin.kernel.ids import secret_token
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.secrets import seal
from nuanxin.kernel.states import move
from nuanxin.members.actions.apply import start_application
from nuanxin.members.queries.persons import id_digest, phone_digest
from nuanxin.messages.actions import send_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from nuanxin.kernel.actor import Actor
    from nuanxin.members.actions.apply import Sent
    from nuanxin.members.rules.applicants import Fields
    from nuanxin.organizations.models import Union


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer, and whether it was made just now."""

    row: Offer
    is_new: bool


def offer_application(*, fields: Fields, union: Union, door_id: str, permit_type: str, now: datetime) -> Offered:
    """Keep what a qualification says, sealed, and text the worker a link to it. Part of carrying a message out.

    Nothing is applied for until the worker confirms. A person has one offer at a time: a second one is the first.
    """
    token = secret_token()
    row = Offer(
        union=union,
        door_id=door_id,
        state=OfferState.SENT,
        permit_type=permit_type,
        token_digest=offer_digest(token),
        sealed_values=seal(json.dumps(_values(fields), ensure_ascii=True)),
        id_digest=id_digest(fields.identity.number, fields.identity.kind),
        phone_digest=phone_digest(fields.phone),
        sent_at=now,
        lapses_at=now + WAITS,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "offer_one_open" not in str(error):
            raise
        return Offered(Offer.objects.get(id_digest=row.id_digest, state__in=OPEN_OFFERS), is_new=False)
    send_text(
        phone=fields.phone,
        template="application.prefilled",
        values={"type": permit_type, "union": union.name, "link": f"{settings.NUANXIN_BASE_URL}/q/{token}/"},
        union_id=union.pk,
        link="/",
        now=now,
    )
    return Offered(row, is_new=True)


def _values(fields: Fields) -> dict[str, str]:
    return {
        "name": fields.name,
        "id_kind": fields.identity.kind,
        "id_number": fields.identity.number,
        "birth_on": str(fields.identity.birth_on),
        "sex": fields.identity.sex,
        "phone": fields.phone,
        "occupation_group": fields.occupation_group,
        "region_code": fields.region_code,
        "employer_credit_code": fields.employer_credit_code,
        "employer_name": fields.employer_name,
        "platform": fields.platform,
    }


def note_opened(*, offer: Offer, now: datetime) -> None:
    """Write down that the worker has looked at the offer."""
    Offer.objects.filter(pk=offer.pk, state=OfferState.SENT).update(state=OfferState.OPENED, opened_at=now)


@transaction.atomic
def confirm_offer(
    *, actor: Actor, offer: Offer, consents: Collection[str], consent_version: str, now: datetime
) -> Sent:
    """Send the application of an offer, as the worker does who has it: the phone is proved by a code as always.

    May be done again while the application was not confirmed by its code: what is a day old is gone.

    :raises Conflict: the offer was declined, or its time ran out.
    :raises Invalid: consents.
    """
    if offer.state not in OPEN_OFFERS or offer.lapses_at <= now:
        raise Conflict("offer_over", _("This link is no longer good. You can still apply: it takes about a minute."))
    sent = start_application(
        actor=actor,
        raw=values_of(offer),
        door=offer.door_id,
        consents=consents,
        consent_version=consent_version,
        now=now,
    )
    changed = Offer.objects.filter(pk=offer.pk, state__in=OPEN_OFFERS).update(
        state=OfferState.USED, application_number=sent.application.number, answered_at=now
    )
    if not changed:
        raise Conflict("offer_over", _("This link is no longer good. You can still apply: it takes about a minute."))
    record(actor, "formation.offer_confirmed", offer, now=now, union_path=offer.union.path)
    return sent


@transaction.atomic
def decline_offer(*, actor: Actor, offer: Offer, now: datetime) -> None:
    """Let an offer go: what it held of the person is forgotten at once.

    :raises Moved: it was confirmed, declined or ran out meanwhile.
    """
    move(offer, OFFER_MOVES, OfferState.DECLINED, answered_at=now, sealed_values=b"")
    record(actor, "formation.offer_declined", offer, now=now, union_path=offer.union.path)


def lapse_offers(*, now: datetime) -> int:
    """Let offers go whose time ran out, and forget what they held; return how many."""
    due = Offer.objects.filter(state__in=OPEN_OFFERS, lapses_at__lte=now)
    return due.update(state=OfferState.LAPSED, sealed_values=b"")
