"""A person's copy of all that is held about that person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from nuanxin.kernel.refusals import NotSignedIn
from nuanxin.members.queries.held import held_about
from nuanxin.members.queries.workers import get_worker
from nuanxin.records.actions import record
from nuanxin.records.retention import register

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

#: Form of the export; counts up when a part changes its name or meaning.
VERSION = 2


@transaction.atomic
def export_of_person(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """Return all that is held about the signed-in worker, why, and for how long; and write down that it was asked for.

    Source: personal information protection law, articles 44 and 45 (to know, to read and to copy).

    :raises NotSignedIn: no worker is signed in; nobody else may ask, whatever the post.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    worker = get_worker(actor.worker_id)
    record(actor, "members.exported", worker, now=now)
    return {
        "version": VERSION,
        "exported_at": now.isoformat(),
        **held_about(worker),
        "purposes": [
            {"data": field.model, "fields": list(field.names), "purpose": field.purpose, "keep": field.keep}
            for field in register()
            if field.found_by
        ],
    }


def as_json(export: dict[str, Any]) -> bytes:
    """Return an export as a JSON file that people can read too."""
    return json.dumps(export, ensure_ascii=False, indent=1, default=str).encode()
