"""Identity confirmed by a source outside: asked for in the background, written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from procrastinate.contrib.django import app

from nuanxin.access.actors import system
from nuanxin.kernel.secrets import PersonKey
from nuanxin.members.actions.admission import approve_if_proved
from nuanxin.members.actions.assurance import answered
from nuanxin.members.models import Application
from nuanxin.members.states import WAITING, ApplicationState, Assurance
from nuanxin.records.actions import record

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from nuanxin.members.actions.events import ApplicationRouted

#: The background task that asks the verifier; this floor's tasks stand above its actions, so it is called by name.
VERIFY = "members.verify_identity"
_UNPROVED = (Assurance.REGISTERED, Assurance.PHONE, Assurance.WELLFORMED)


def ask_verifier(event: ApplicationRouted) -> None:
    """Queue the question for the verifier, where the settings name one."""
    if settings.NUANXIN_VERIFIER_URL:
        app.configure_task(VERIFY).defer(application_id=str(event.application.pk))


def identity_of_waiting(application_id: UUID) -> tuple[str, str, str] | None:
    """Return name, kind and number of the document of an application that waits, or led to a membership, unverified."""
    asked = Q(state__in=WAITING, verified_by="") | Q(state=ApplicationState.APPROVED, worker__assurance__in=_UNPROVED)
    application = Application.objects.filter(asked, pk=application_id, erased_at=None).first()
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
        _verify_admitted(application_id, verified_by, now)
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


def _verify_admitted(application_id: UUID, verified_by: str, now: datetime) -> None:
    """Raise the level of whoever was admitted before the answer came."""
    admitted = Application.objects.select_related("union").filter(pk=application_id, state=ApplicationState.APPROVED)
    application = admitted.first()
    if application is not None and application.worker_id is not None:
        answered(worker_id=application.worker_id, source=verified_by, match=True, union=application.union, now=now)
