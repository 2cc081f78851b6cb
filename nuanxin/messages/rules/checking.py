"""What members are told of check-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

CHECKING: dict[str, _StrOrPromise] = {
    "checkup.result": _("The result of your check-up is here. Only you and the clinic can open it: %(link)s"),
}
