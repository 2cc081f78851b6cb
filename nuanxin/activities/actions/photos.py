"""Photos of events: whoever can be recognized has agreed to it; taken back, the photos are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.access.states import Permission
from nuanxin.activities.models import EventConsent, EventPhoto, EventPhotoPerson
from nuanxin.activities.queries.events import has_place
from nuanxin.kernel.refusals import Conflict, Invalid, NotSignedIn
from nuanxin.kernel.rows import insert
from nuanxin.kernel.text import check_text
from nuanxin.records.actions import attach, record
from nuanxin.records.models import Attachment

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from nuanxin.activities.models import Event
    from nuanxin.kernel.actor import Actor

_PICTURES = ("image/jpeg", "image/png")


@transaction.atomic
def consent_to_photos(*, actor: Actor, event: Event, now: datetime) -> EventConsent:
    """Agree to be seen on the photos of one event in which one takes part.

    Source: personal information protection law, articles 14 (consent for one purpose) and 15 (taken back at any time).

    :raises NotSignedIn: no worker is signed in.
    :raises Conflict: one has no place at this event.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    if not has_place(event, actor.worker_id):
        raise Conflict("no_place_here", _("You can say so once you have a place at this event."))
    consent = EventConsent(event=event, worker_id=actor.worker_id, given_at=now)
    try:
        with transaction.atomic():
            insert(consent)
    except IntegrityError:
        return EventConsent.objects.get(event=event, worker=actor.worker_id, withdrawn_at=None)
    record(actor, "activities.photo_consent_given", consent, now=now, union_path=event.offer.union.path)
    return consent


@transaction.atomic
def withdraw_photo_consent(*, actor: Actor, event: Event, now: datetime) -> int:
    """Take the consent back: every photo of the event on which one can be seen is deleted. Return how many.

    :raises NotSignedIn: no worker is signed in.
    :raises Conflict: there is no consent to take back.
    """
    if actor.worker_id is None:
        raise NotSignedIn
    consent = EventConsent.objects.filter(event=event, worker=actor.worker_id, withdrawn_at=None).first()
    if consent is None or not EventConsent.objects.filter(pk=consent.pk, withdrawn_at=None).update(withdrawn_at=now):
        raise Conflict("no_consent", _("There is nothing to take back."))
    photos = list(EventPhoto.objects.filter(people__consent=consent).order_by("pk"))
    _delete(photos)
    record(
        actor, "activities.photo_consent_withdrawn", consent, now=now, union_path=event.offer.union.path,
        photos=len(photos),
    )  # fmt: skip
    return len(photos)


@transaction.atomic
def add_photo(
    *,
    actor: Actor,
    event: Event,
    name: str,
    content: bytes,
    caption: object = "",
    people: Collection[UUID] = (),
    nobody: bool = False,
    now: datetime,
) -> EventPhoto:
    """Add a photo, naming everybody who can be recognized on it: all of them have agreed.

    :param people: ids of the consents of those who can be recognized; `nobody` says that there are none.
    :raises NotAllowed: without `bookings.edit` there.
    :raises Invalid: no picture; nobody named and not said that nobody can be recognized; a consent that is withdrawn.
    """
    actor.require(Permission.EDIT_OFFERS, at=event.offer.union)
    words = check_text(caption, field="caption", most=100)
    chosen = set(people)
    if bool(chosen) == nobody:
        raise Invalid("who_is_seen", _("Say who can be recognized, or that nobody can be recognized."), field="people")
    photo = EventPhoto(event=event, caption=words, added_by_id=actor.account_id, added_at=now)
    insert(photo)
    made = attach(actor, photo, name=name, content=content, now=now)
    if made.media_type not in _PICTURES:
        raise Invalid("bad_file", _("Please give a JPEG or a PNG picture."), field="file")
    # held, so that nobody takes the consent back between here and the end of this act
    held = EventConsent.objects.select_for_update().filter(event=event, pk__in=chosen, withdrawn_at=None)
    if len(held) != len(chosen):
        raise Invalid("consent_missing", _("Somebody on it has not agreed, or no longer does."), field="people")
    EventPhotoPerson.objects.bulk_create(EventPhotoPerson(photo=photo, consent=consent) for consent in held)
    record(
        actor, "activities.photo_added", photo, now=now, union_path=event.offer.union.path,
        number=event.offer.number, people=len(chosen),
    )  # fmt: skip
    return photo


@transaction.atomic
def remove_photo(*, actor: Actor, photo: EventPhoto, now: datetime) -> None:
    """Delete a photo.

    :param photo: fetched by what the actor may see.
    :raises NotAllowed: without `bookings.edit` there.
    """
    union = photo.event.offer.union
    actor.require(Permission.EDIT_OFFERS, at=union)
    record(actor, "activities.photo_removed", photo, now=now, union_path=union.path)
    _delete([photo])


def _delete(photos: Collection[EventPhoto]) -> None:
    ids = [photo.pk for photo in photos]
    Attachment.objects.filter(subject_id__in=ids).delete()
    EventPhoto.objects.filter(pk__in=ids).delete()
