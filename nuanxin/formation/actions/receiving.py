"""Taking a message in: kept first, then carried out; the same again is answered alike and changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from nuanxin.access.states import Permission
from nuanxin.formation.actions.carrying import carry_out
from nuanxin.formation.actions.steps import note
from nuanxin.formation.models import PermitMessage
from nuanxin.formation.queries.sources import actor_of_source, find_source
from nuanxin.formation.rules.permits import body_text, read_paper
from nuanxin.formation.states import MessageState, Signing, StepKind
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Conflict
from nuanxin.kernel.secrets import digest, seal, unseal
from nuanxin.kernel.signatures import BadSignature, check_clock, check_signature, signed_text
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nuanxin.formation.models import PermitSource
    from nuanxin.kernel.actor import Actor

_REUSED = _("This id was used for another message. Give each message an id of its own.")


def check_sender(*, key: str, timestamp: str, signature: str, body: bytes, now: datetime) -> PermitSource:
    """Return the licensing system that signed a message just now.

    :raises BadSignature: unknown or revoked key, or a signature that does not fit; not told apart.
    :raises WrongClock: signed by that key, but more than five minutes ago or in the future.
    """
    source = find_source(key)
    if source is None:
        raise BadSignature
    check_signature(
        signing=source.signing,
        secret=unseal(source.sealed_secret).encode() if source.signing == Signing.HMAC else b"",
        public_key=bytes(source.public_key),
        given=signature,
        text=signed_text(timestamp, body),
    )
    check_clock(timestamp, now)
    return source


def receive_permit(*, source: PermitSource, body: Mapping[str, Any], now: datetime) -> PermitMessage:
    """Keep a message and carry it out; return it as it stands, with the answer that it got first.

    What it says of the enterprise or the person is judged when it is carried out: what cannot be right is kept as
    failed, with the reasons, and may be tried again when whatever was missing is there.

    :param source: who signed it; see `check_sender`.
    :raises Invalid: it cannot be told apart from others: no id, no paper, no known kind, no moment.
    :raises Conflict: the id was used for another message.
    """
    paper = read_paper(body, now=now)
    text = body_text(body)
    message = PermitMessage(
        source=source,
        sender=source.name,
        external_id=paper.id,
        kind=paper.kind,
        body_digest=digest("permit body", text),
        paper_digest=digest("permit paper", f"{paper.kind.split('_')[0]}\0{paper.number}"),
        sealed_payload=seal(text),
        occurred_at=paper.at,
        received_at=now,
        state=MessageState.RECEIVED,
        union=source.union,
    )
    try:
        with transaction.atomic():
            message.save(force_insert=True)
            note(message, StepKind.ARRIVED, now=now)
    except IntegrityError as error:
        if "permit_message_once" not in str(error):
            raise
        message = _again(message, now)
    carry_out(actor=actor_of_source(source), message_id=message.pk, now=now)
    return _answered(message)


def _again(message: PermitMessage, now: datetime) -> PermitMessage:
    first = PermitMessage.objects.get(sender=message.sender, external_id=message.external_id)
    if bytes(first.body_digest) != message.body_digest:
        note(first, StepKind.CHANGED_COPY, now=now)
        raise Conflict("message_id_reused", _REUSED, field="id")
    note(first, StepKind.REPEATED, now=now)
    return first


def _answered(message: PermitMessage) -> PermitMessage:
    """Return a message with its first answer; whoever carried it out first wrote that."""
    message.refresh_from_db()
    if not message.answer:
        with override("zh-hans"):
            told = {
                "id": message.external_id,
                "state": message.state,
                "received_at": message.received_at.astimezone(ZONE).isoformat(timespec="seconds"),
                "problems": [
                    {"field": each["field"], "code": each["code"], "message": each["zh-hans"]}
                    for each in message.problems
                ],
            }
        PermitMessage.objects.filter(pk=message.pk, answer={}).update(answer=told)
        message.refresh_from_db(fields=["answer"])
    return message


def replay_permit(*, actor: Actor, message: PermitMessage, who: str, now: datetime) -> PermitMessage:
    """Try a message again that failed, by hand and in the name of whoever asks.

    :param who: the name of whoever asks, for the log.
    :raises NotAllowed: without `formation.manage` where the message lies, or without what carrying it out asks for.
    :raises Conflict: it did not fail, or somebody was quicker.
    """
    with transaction.atomic():
        actor.require(Permission.FORM_UNIONS, at=message.union)
        moved = PermitMessage.objects.filter(pk=message.pk, state=MessageState.FAILED)
        if not moved.update(state=MessageState.RECEIVED, problems=[]):
            raise Conflict("not_failed", _("This message did not fail, or somebody was quicker. Look again."))
        note(message, StepKind.REPLAYED, who=who, now=now)
        record(actor, "formation.permit_replayed", message, now=now, union_path=message.union.path)
        carry_out(actor=actor, message_id=message.pk, now=now)
    message.refresh_from_db()
    return message
