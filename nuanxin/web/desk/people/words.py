"""Recorded acts upon members, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_RECORDED: dict[str, _StrOrPromise] = {
    "members.application_approved": _("application approved"),
    "members.membership_suspended": _("suspended"),
    "members.membership_resumed": _("resumed"),
    "members.membership_ended": _("ended"),
    "members.name_corrected": _("name corrected"),
    "members.phone_corrected": _("phone changed by a cadre"),
    "members.phone_changed": _("phone changed by the member"),
    "members.phone_taken": _("phone released to another person"),
    "members.card_replaced": _("card replaced"),
    "members.card_printed": _("card printed"),
    "members.revealed": _("ID number or phone shown in full"),
    "members.exported": _("own data exported by the member"),
}


def recorded(action: str) -> str:
    """Return the words for an act, or its name where there are none."""
    return str(_RECORDED.get(action, action))
