"""In whose name a roster is worked off while its clerk does something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from nuanxin.access.actors import Actor, actor_of_account, actor_of_client, system

if TYPE_CHECKING:
    from nuanxin.members.models import Roster


def acting(roster: Roster, step: str) -> Actor:
    """Return whoever handed a roster in (`upload`) or had it enrolled (`commit`), with what they hold now."""
    account = roster.uploaded_by if step == "upload" else roster.committed_by
    post = roster.post_id if step == "upload" else roster.committed_post_id
    if account is not None:
        actor = actor_of_account(account, timezone.now())
    else:
        actor = actor_of_client(roster.source_id) if roster.source_id else system()
    actor.post_id, actor.source_id = post, roster.source_id
    return actor
