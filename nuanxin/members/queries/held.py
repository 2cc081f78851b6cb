"""All that is held about one person, as plain values: for the person, and for nobody else."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from django.db.models import Q

from nuanxin.access.models import LinkedIdentity, PhoneCode, TrustedDevice
from nuanxin.kernel.secrets import KeyDestroyed, PersonKey, unseal
from nuanxin.members.models import (
    Application,
    ApplicationAct,
    Card,
    CardCheck,
    Consent,
    Contest,
    Credential,
    CredentialUse,
    Lapse,
    Membership,
    MembershipEntry,
    PhoneRelease,
    RosterRow,
    TransferRequest,
)
from nuanxin.members.queries.cards import checkers
from nuanxin.members.queries.erasure import anchors_of_worker
from nuanxin.messages.models import Address, Notice, Preference, TextMessage
from nuanxin.messages.queries import text_of
from nuanxin.records.models import Attachment, AuditEntry
from nuanxin.records.queries import content_of, rows_of
from nuanxin.records.retention import register

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from nuanxin.members.models import Worker
    from nuanxin.records.retention import PersonalField

#: Table of the register → its part of the export; every other table comes under `further`.
PARTS = {
    "members.Worker": "person",
    "members.WorkerOccupation": "person",
    "members.Membership": "memberships",
    "members.MembershipEntry": "membership_entries",
    "members.Card": "cards",
    "members.Credential": "credentials",
    "members.CredentialUse": "credential_uses",
    "members.Application": "applications",
    "members.ApplicationAct": "application_acts",
    "members.Contest": "contests",
    "members.TransferRequest": "transfers",
    "members.PhoneRelease": "phone_releases",
    "notices.Notice": "notices",
    "notices.TextMessage": "texts",
    "notices.Address": "addresses",
    "notices.Preference": "notice_ways",
    "access.PhoneCode": "phone_codes",
    "access.TrustedDevice": "trusted_devices",
    "access.LinkedIdentity": "linked_identities",
    "records.Attachment": "attachments",
    "records.AuditEntry": "audit",
}
#: What stands between the cells of a roster's row.
_SEPARATORS = str.maketrans({"\x1e": " | ", "\x1f": " | "})
#: Columns that tell the person nothing and would help a thief.
_LEFT_OUT = (
    "sealed_",
    "_digest",
    "id",
    "account_id",
    "worker_id",
    "terms",
    "session_data",
    "session_key",
    "password",
    "handle",
    "snapshot",
)


def held_about(worker: Worker) -> dict[str, Any]:
    """Return everything that is held about a person, values unsealed, dates as ISO text. A fixed number of statements.

    Other people's names do not appear: acts are told as their union's.
    """
    memberships = list(Membership.objects.filter(worker=worker).select_related("union", "door").order_by("pk"))
    applications = list(
        Application.objects.filter(Q(worker=worker) | Q(id_digest=worker.id_digest))
        .select_related("union", "door", "region", "employer", "platform", "occupation_group")
        .order_by("pk")
    )
    contests = list(
        Contest.objects.filter(application__in=applications)
        .select_related("application", "against", "union", "wanted")
        .order_by("pk")
    )
    found = anchors_of_worker(worker)
    subjects = {worker.pk, *(row.pk for rows in (memberships, applications, contests) for row in rows)}
    keys = [PersonKey(worker.sealed_key), *_keys_of(applications), *_keys_of_rosters(memberships)]
    return {
        "person": _person(worker),
        "memberships": [_membership(row) for row in memberships],
        "membership_entries": _entries(memberships),
        **_card_parts(memberships),
        "applications": [_application(row) for row in applications],
        "application_acts": _rows(
            ApplicationAct.objects.filter(application__in=applications), "application__number", "union__name"
        ),
        "contests": [_contest(row) for row in contests],
        "lapses": _rows(
            Lapse.objects.filter(application__in=applications), "application__number", "union__name", "contest__kind"
        ),
        "consents": _rows(Consent.objects.filter(application__in=applications), "application__number"),
        "transfers": [_transfer(row) for row in _transfers(memberships)],
        "phone_releases": _rows(PhoneRelease.objects.filter(Q(holder=worker) | Q(application__in=applications))),
        "notices": _notices(worker.account_id),
        "addresses": [
            row | {"address": unseal(sealed)} for row, sealed in _with_sealed(Address.objects, worker.account_id)
        ],
        "notice_ways": _rows(Preference.objects.filter(account_id__in=found.get("account", ()))),
        "texts": _texts(found),
        "phone_codes": _phone_codes(found),
        "linked_identities": _rows(LinkedIdentity.objects.filter(account=worker.account_id)),
        "trusted_devices": _rows(TrustedDevice.objects.filter(account=worker.account_id)),
        "attachments": [
            _file(row) for row in Attachment.objects.filter(subject_id__in=found["subject"]).order_by("pk")
        ],
        "audit": _audit(subjects, keys),
        "further": _further(found, keys),
    }


def _card_parts(memberships: list[Membership]) -> dict[str, Any]:
    uses = CredentialUse.objects.filter(credential__card__membership__in=memberships)
    return {
        "cards": _rows(Card.objects.filter(membership__in=memberships)),
        "card_checks": _at_counters(CardCheck.objects.filter(membership__in=memberships)),
        "credentials": _rows(Credential.objects.filter(card__membership__in=memberships)),
        "credential_uses": _at_counters(uses, "credential__day"),
    }


def _at_counters(rows: QuerySet[Any], *further: str) -> list[dict[str, Any]]:
    """Return rows as `_rows` does, each with the name of the counter or machine that asked."""
    found = list(rows.order_by("pk"))
    names = checkers(found)
    told = zip(_rows(rows, *further), found, strict=True)
    return [row | {"source": names.get(one.source_id)} for row, one in told]


def _further(anchors: dict[str, set[Any]], keys: list[PersonKey]) -> list[dict[str, Any]]:
    """Return what the retention register knows of the person besides the parts above: a new table is never left out."""
    models: dict[str, list[PersonalField]] = defaultdict(list)
    for line in register():
        if line.found_by and line.model not in PARTS:
            models[line.model].append(line)
    parts = []
    for label, lines in models.items():
        rows = rows_of(lines, anchors)
        if rows is None:
            continue
        sealed = [name for line in lines for name in line.names if name.startswith("sealed_")]
        opened = {row["pk"]: row for row in rows.values("pk", *sealed)} if sealed else {}
        for pk, row in zip(rows.order_by("pk").values_list("pk", flat=True), _rows(rows), strict=True):
            words = {name.removeprefix("sealed_"): _opened(opened[pk][name], keys) for name in sealed}
            parts.append({"data": label, **row, **words})
    return parts


def _keys_of(applications: list[Application]) -> list[PersonKey]:
    return [PersonKey(row.sealed_key) for row in applications]


def _keys_of_rosters(memberships: list[Membership]) -> list[PersonKey]:
    """Return the keys under which the rows are sealed by which somebody was enrolled, or found to be a member."""
    rows = RosterRow.objects.filter(Q(pk__in=[row.pk for row in memberships]) | Q(membership__in=memberships))
    return [PersonKey(key) for key in rows.values_list("roster__sealed_key", flat=True).distinct()]


def _opened(sealed: bytes | None, keys: list[PersonKey]) -> str | None:
    """Open what is sealed under one of a person's keys, or under the installation's own; a file comes in base 64."""
    for key in keys if sealed else ():
        try:
            return _as_text(key.unseal_bytes(bytes(sealed or b"")))
        except (InvalidTag, KeyDestroyed):
            continue
    with suppress(InvalidTag):
        return unseal(bytes(sealed)).translate(_SEPARATORS) if sealed else None
    return None


def _as_text(content: bytes) -> str:
    try:
        return content.decode().translate(_SEPARATORS)
    except UnicodeDecodeError:
        return base64.b64encode(content).decode()


def _file(row: Attachment) -> dict[str, Any]:
    return {
        "name": row.name,
        "media_type": row.media_type,
        "size": row.size,
        "uploaded_at": _plain(row.uploaded_at),
        "content_base64": base64.b64encode(content_of(row)).decode(),
    }


def _person(worker: Worker) -> dict[str, Any]:
    key = PersonKey(worker.sealed_key)
    return {
        "name": worker.name,
        "pinyin": worker.pinyin,
        "initials": worker.initials,
        "id_kind": worker.id_kind,
        "id_number": key.unseal(worker.sealed_id),
        "birth_on": _plain(worker.birth_on),
        "sex": worker.sex,
        "phone": key.unseal(worker.sealed_phone),
        "occupation_group": worker.occupation_group.name,
        "further_occupations": _rows(worker.further_occupations.all()),
        "region": worker.region.name,
        "employer": worker.employer.name if worker.employer else worker.employer_name,
        "platform": worker.platform.name if worker.platform else None,
        "assurance": worker.assurance,
        "phone_proved": worker.phone_proved,
        "assured_at": _plain(worker.assured_at),
        "known_since": _plain(worker.created_at),
        "account": worker.account.username if worker.account else None,
    }


def _membership(row: Membership) -> dict[str, Any]:
    return {
        "number": row.number,
        "union": row.union.name,
        "door": row.door.name,
        "state": row.state,
        "began_on": _plain(row.began_on),
        "ended_on": _plain(row.ended_on),
        "end_reason": row.end_reason,
        "retained_for": row.retained_for,
        "came_on": _plain(row.came_on),
        "warned_until": _plain(row.warned_until),
    }


def _texts(found: dict[str, Any]) -> list[dict[str, Any]]:
    known = Q(address_digest__in=found.get("phone", set())) | Q(account_id__in=found.get("account", ()))
    return _rows(TextMessage.objects.filter(known))


def _phone_codes(found: dict[str, Any]) -> list[dict[str, Any]]:
    known = Q(phone_digest__in=found.get("phone", set())) | Q(subject_id__in=found["subject"])
    return _rows(PhoneCode.objects.filter(known))


def _entries(memberships: list[Membership]) -> list[dict[str, Any]]:
    rows = MembershipEntry.objects.filter(membership__in=memberships)
    return _rows(rows, "union__name", "from_union__name")


def _transfers(memberships: list[Membership]) -> QuerySet[TransferRequest]:
    rows = TransferRequest.objects.filter(membership__in=memberships).order_by("pk")
    return rows.select_related("from_union", "to_union", "region", "employer", "door")


def _transfer(row: TransferRequest) -> dict[str, Any]:
    return {
        "state": row.state,
        "from_union": row.from_union.name,
        "to_union": row.to_union.name,
        "started_by": row.started_by,
        "door": row.door.name if row.door else "",
        "region": row.region.name if row.region else "",
        "employer": row.employer.name if row.employer else "",
        "employer_name": row.employer_name,
        "reason": row.reason,
        "reasons": row.reasons,
        "basis": row.basis,
        **{name: _plain(getattr(row, name)) for name in ("offered_at", "answered_at", "due_at", "closed_at")},
    }


def _application(row: Application) -> dict[str, Any]:
    key = PersonKey(row.sealed_key)
    return {
        "number": row.number,
        "state": row.state,
        "union": row.union.name if row.union else None,
        "door": row.door.name,
        "name": row.name,
        "id_kind": row.id_kind,
        "birth_on": _plain(row.birth_on),
        "sex": row.sex,
        "id_number": key.unseal(row.sealed_id),
        "phone": key.unseal(row.sealed_phone),
        "occupation_group": row.occupation_group.name,
        "region": row.region.name,
        "employer": row.employer.name if row.employer else row.employer_name,
        "employer_says": row.employer_says,
        "verified_by": row.verified_by,
        "platform": row.platform.name if row.platform else None,
        "reasons": row.reasons,
        "started_at": _plain(row.started_at),
        "confirmed_at": _plain(row.confirmed_at),
        "closed_at": _plain(row.closed_at),
    }


def _contest(row: Contest) -> dict[str, Any]:
    return {
        "application_number": row.application.number,
        "kind": row.kind,
        "state": row.state,
        "words": PersonKey(row.application.sealed_key).unseal(row.sealed_words),
        "against": row.against.name,
        "union": row.union.name,
        "wanted": row.wanted.name if row.wanted else None,
        "asked_at": _plain(row.asked_at),
        "due_at": _plain(row.due_at),
        "decided_at": _plain(row.decided_at),
    }


def _rows(rows: QuerySet[Any], *further: str) -> list[dict[str, Any]]:
    """Return rows as plain values, oldest first, without ids, digests and sealed columns."""
    model: type[Model] = rows.model
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if not (field.attname.startswith(_LEFT_OUT[0]) or field.attname.endswith(("_digest", "_id", "sha256")))
        and field.attname not in _LEFT_OUT
    ]
    found = rows.order_by("pk").values(*names, *further)
    return [{name.replace("__", "_"): _plain(value) for name, value in row.items()} for row in found]


def _with_sealed(rows: Any, account_id: UUID | None) -> Iterable[tuple[dict[str, Any], bytes]]:
    """Return addresses as plain values, each with what is sealed of it; nobody's without an account."""
    found = rows.filter(account_id=account_id) if account_id else rows.none()
    return zip(_rows(found), found.order_by("pk").values_list("sealed_address", flat=True), strict=True)


def _notices(account_id: UUID | None) -> list[dict[str, Any]]:
    rows = Notice.objects.filter(account_id=account_id).order_by("pk") if account_id else []
    return [
        {
            "text": text_of(row),
            "created_at": _plain(row.created_at),
            "read_at": _plain(row.read_at),
        }
        for row in rows
    ]


def _audit(subjects: Collection[UUID], keys: list[PersonKey]) -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(subject_id__in=subjects).order_by("at", "pk")
    return [
        {
            "at": _plain(row.at),
            "action": row.action,
            "by": row.actor_kind,
            "detail": row.detail,
            "values": _unsealed(bytes(row.sealed), keys),
        }
        for row in rows
    ]


def _unsealed(sealed: bytes, keys: list[PersonKey]) -> Any:
    for key in keys if sealed else ():
        try:
            return json.loads(key.unseal(sealed))
        except (InvalidTag, KeyDestroyed):
            continue
    return None


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
