"""Which of two records may stay, and whether a merge can be undone exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.utils.functional import _StrOrPromise

#: What belongs to the person and not to the record: taken as a whole from the record that is right.
IDENTITY = ("name", "pinyin", "initials", "id_kind", "sealed_id", "id_digest", "birth_on", "sex")
PHONE = ("sealed_phone", "phone_digest")


class CannotMerge(Conflict):
    """Something about one of the two must be finished first."""

    def __init__(self, code: str, message: _StrOrPromise) -> None:
        super().__init__(code, message)


class CannotUndo(Conflict):
    """One of the two was changed since, in a way that cannot be taken back."""

    def __init__(self, why: list[_StrOrPromise]) -> None:
        super().__init__("cannot_undo", _("This merge cannot be undone: %(why)s") % {"why": " ".join(map(str, why))})
        self.why = why


@dataclass(frozen=True, slots=True)
class Standing:
    """One of the two records, as a merge looks at it."""

    began_on: date | None
    number: str
    in_force: bool
    is_merged: bool = False
    is_erased: bool = False
    has_open_application: bool = False
    moves: bool = False


def usual_keep(one: Standing, other: Standing) -> int:
    """Return which record stays unless somebody chooses: the one in force, of two in force the older one; 0 or 1."""
    if one.in_force != other.in_force:
        return 0 if one.in_force else 1
    if one.began_on is None or other.began_on is None:
        return 0 if other.began_on is None else 1
    return 0 if (one.began_on, one.number) <= (other.began_on, other.number) else 1


def check_mergeable(kept: Standing, dropped: Standing) -> None:
    """Refuse a merge that would leave something hanging, or no membership where there is one.

    :raises CannotMerge: erased or merged already, an application is open, a transfer is under way.
    :raises Invalid: the record that should stay has no membership in force, but the other one has.
    """
    for each in (kept, dropped):
        if each.is_erased:
            raise CannotMerge("erased", _("One of the two was erased. There is nothing left to merge."))
        if each.is_merged:
            raise CannotMerge("already_merged", _("One of the two is part of another record by now. Look again."))
        if each.has_open_application:
            raise CannotMerge(
                "application_open", _("One of the two has an open application. Decide on it first, then merge.")
            )
        if each.moves:
            raise CannotMerge(
                "transfer_open", _("One of the two is being transferred. Let the transfer end first, then merge.")
            )
    if dropped.in_force and not kept.in_force:
        raise Invalid(
            "keeps_ended", _("Keep the record whose membership is in force; the other one has ended."), field="keep"
        )


def changed_since(after: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return which values are not any more as a merge had left them."""
    return sorted(name for name, value in after.items() if now.get(name) != value)


def reasons_against(changed: Iterable[str]) -> list[_StrOrPromise]:
    """Return in words why changed values stand against undoing."""
    changed = set(changed)
    why: list[_StrOrPromise] = []
    if changed & set(PHONE):
        why.append(_("The phone was changed since."))
    if changed & set(IDENTITY):
        why.append(_("The name or the document was changed since."))
    if changed & {"state", "end_reason", "ended_on", "union_id"}:
        why.append(_("The membership that had ended with the merge was changed since."))
    if changed & {"merged_into_id"}:
        why.append(_("The record was merged once more since; undo that first."))
    if "closed_at" in changed:
        why.append(_("The union of the membership that had ended with the merge was dissolved since."))
    if "erased_at" in changed:
        why.append(_("One of the two was erased since."))
    if "taken" in changed:
        why.append(_("Somebody else holds the phone number by now."))
    return why
