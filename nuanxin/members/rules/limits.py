"""How long what is not sent yet is kept. How often one may try: see `access.rules.limits`."""

from __future__ import annotations

from datetime import timedelta

#: An unconfirmed application is gone after this long.
UNCONFIRMED_FOR = timedelta(hours=24)
#: A draft is gone after this long.
DRAFT_FOR = timedelta(hours=24)
