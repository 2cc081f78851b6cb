"""How often one may try, so that nobody can flood a union, a phone or a person."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import TooMany

WINDOW = timedelta(hours=24)
PER_PHONE = 5
PER_IDENTITY = 5
#: An unconfirmed application is gone after this long.
UNCONFIRMED_FOR = timedelta(hours=24)
#: A draft is gone after this long.
DRAFT_FOR = timedelta(hours=24)


def check_tries(*, of_phone: int, of_identity: int) -> None:
    """Refuse one try too many within a day, the same way for known and unknown people.

    :param of_phone: applications started with this phone within the window; `of_identity` likewise.
    """
    if of_phone >= PER_PHONE or of_identity >= PER_IDENTITY:
        raise TooMany(
            "too_many_applications",
            _("This was tried too often today. Please come back tomorrow, or call 12351."),
            retry_after=int(WINDOW.total_seconds()),
        )
