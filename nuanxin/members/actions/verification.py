"""Identity confirmed by a source outside: asked for in the background, written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.admission import approve_if_proved
from nuanxin.members.models import Application
from nuanxin.members.states import WAITING
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.actions.events import ApplicationRouted

#: The background task that asks the verifier; this floor's tasks stand above its actions, so it is called by name.
VERIFY = "members.verify_identity"


def ask_verifier(event: ApplicationRouted) -> None:
    """Queue the question for the verifier, where the settings name one."""
    if settings.NUANXIN_VERIFIER_URL:
        app.configure_task(VERIFY).defer(application_id=str(event.application.pk))


def identity_of_waiting(application_id: UUID) -> tuple[str, str, str] | None:
    """Return name, kind and number of the document of an application that waits and was not verified yet."""
    application = Application.objects.filter(pk=application_id, state__in=WAITING, verified_by="").first()
    if application is None:
        return None
    return application.name, application.id_kind, PersonKey(application.sealed_key).unseal(application.sealed_id)


@transaction.atomic
def mark_verified(*, application_id: UUID, verified_by: str, now: datetime) -> bool:
    """Write that an outside source has confirmed the identity; approve at once where the union's dated rule says so.

    :returns: whether the application still waited, and was marked.
    """
    waiting = Application.objects.filter(pk=application_id, state__in=WAITING, verified_by="")
    if not waiting.update(verified_by=verified_by):
        return False
    application = Application.objects.select_related("union", "worker").get(pk=application_id)
    if application.union is None:
        return False
    record(
        system(),
        "members.identity_verified",
        application,
        now=now,
        union_path=application.union.path,
        verified_by=verified_by,
    )
    approve_if_proved(application, application.union, now=now)
    return True
