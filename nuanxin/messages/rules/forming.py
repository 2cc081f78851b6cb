"""What is told when a licensing system reports a permit or a qualification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

FORMING: dict[str, _StrOrPromise] = {
    "application.prefilled": _(
        "You hold a qualification (%(type)s): your application to join %(union)s is filled in. Look at it, and confirm "
        "it with one code: %(link)s If you do not want to, do nothing: nothing is sent."
    ),
    "invitation.form": _(
        "%(union)s invites %(enterprise)s to form a union and enroll its people by one list, free of charge: %(link)s "
        "Questions? Call 12351."
    ),
    "invitation.enroll": _(
        "%(union)s invites %(enterprise)s to enroll its people by one list: %(link)s Questions? Call 12351."
    ),
    "formation.invited": _("%(enterprise)s was invited by text (%(number)s) after its permit was reported."),
    "formation.to_call": _(
        "%(enterprise)s is invited (%(number)s), but no mobile number is known: please call or visit, and hand over "
        "the code."
    ),
    "formation.accepted_form.waiting": _(
        "%(enterprise)s has accepted the invitation (%(number)s). Please form its union, or let one cover it."
    ),
    "formation.accepted_enroll.waiting": _(
        "%(enterprise)s has accepted the invitation (%(number)s) and will enroll its people."
    ),
    "formation.declined": _("%(enterprise)s has declined the invitation (%(number)s)."),
}
