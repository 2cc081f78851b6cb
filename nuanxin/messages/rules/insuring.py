"""What is told about gifted insurance and claims on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

INSURING: dict[str, _StrOrPromise] = {
    "insurance.issued": _(
        "%(union)s has given you an insurance: %(plan)s, until %(until)s. It costs you nothing. "
        "Your certificate: %(link)s"
    ),
    "insurance.claim_returned": _("Your claim %(number)s needs something more: %(reason)s. Add it here: %(link)s"),
    "insurance.claim_forwarded": _("%(union)s has passed your claim %(number)s to the insurer. See: %(link)s"),
    "insurance.claim_approved": _("Your claim %(number)s is approved: %(amount)s yuan. See: %(link)s"),
    "insurance.claim_refused": _("Your claim %(number)s was refused: %(reason)s. Questions? Call 12351. See: %(link)s"),
    "insurance.claim_paid": _("%(amount)s yuan for your claim %(number)s were paid. See: %(link)s"),
}
