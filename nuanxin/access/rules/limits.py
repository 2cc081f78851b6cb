"""How often anything may be tried: every limit of the installation, as one table of data.

Subjects: `phone` and `identity` are the person's, `browser` the secret its forms carry, `name` a sign-in name,
`account`, `source` a key or a device, `door` a way in, and `address` where a request comes from (an IPv6 address
counts by its /64). Thousands of workers share one carrier's IPv4 address, so limits by address are wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600
_TOMORROW = _("This was tried too often today. Please come back tomorrow, or call 12351.")
#: Said where the proof of work is missing: another way to go on at once.
_UNPROVED = _("Too many tries from here. Please wait %(minutes)s min, or open this page in your phone's own browser.")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries of one subject within `seconds`; `says` is told instead of the usual sentence."""

    subject: str
    most: int
    seconds: int
    why: str
    says: _StrOrPromise = ""


LIMITS: Final[dict[str, Limit]] = {
    # codes by text message: each costs money, and rings somebody's phone
    "codes_minute": Limit("phone", 1, MINUTE, "a message takes a while; the page counts down as long"),
    "codes_hour": Limit("phone", 5, HOUR, "nobody's phone may be flooded"),
    "codes_day": Limit("phone", 10, DAY, "nobody's phone may be flooded"),
    "codes_browser": Limit("browser", 60, DAY, "a union's tablet signs a whole station in"),
    "codes_address": Limit("address", 600, HOUR, "a carrier's address stands for thousands of phones"),
    "codes_unproved": Limit("address", 30, HOUR, "without proof of work a flood costs nothing", _UNPROVED),
    # applying
    "applications_phone": Limit("phone", 5, DAY, "a person applies once, and corrects a few times", _TOMORROW),
    "applications_identity": Limit("identity", 5, DAY, "a person applies once, and corrects a few times", _TOMORROW),
    "applications_browser": Limit("browser", 60, DAY, "a union's tablet takes a whole station in"),
    "applications_door": Limit("door", 12_000, HOUR, "a flood through one way in must not drown the reviewers"),
    "applications": Limit("address", 300, HOUR, "riders of a whole station share one address"),
    "applications_unproved": Limit("address", 30, HOUR, "without proof of work a flood costs nothing", _UNPROVED),
    "code_checks": Limit("address", 600, HOUR, "each code is guessed at most five times anyway"),
    # any other public form
    "forms": Limit("address", 300, HOUR, "a carrier's address stands for thousands of phones"),
    "forms_browser": Limit("browser", 30, HOUR, "nobody writes so much"),
    "forms_unproved": Limit("address", 30, HOUR, "without proof of work a flood costs nothing", _UNPROVED),
    # what may be guessed
    "launches": Limit("address", 600, 10 * MINUTE, "only the work of checking signatures is limited"),
    "links_unknown": Limit("address", 60, 10 * MINUTE, "192 random bits: only the work of looking is limited"),
    "posters_unknown": Limit("address", 120, 10 * MINUTE, "codes of unions are public; only the work is limited"),
    "keys_unknown": Limit("address", 60, 10 * MINUTE, "256 random bits: only the work of looking is limited"),
    "enrollments": Limit("address", 60, HOUR, "ten letters for half an hour: see the threat model"),
    "counter_people": Limit("source", 10, 15 * MINUTE, "six digits, on a device that the union enrolled"),
    # signing in
    "sign_in": Limit("name", 5, 15 * MINUTE, "wrong passwords from one place, or from one known browser"),
    "sign_in_name": Limit("name", 50, HOUR, "wrong passwords from everywhere but the browsers the name is known in"),
    "sign_in_address": Limit("address", 60, 15 * MINUTE, "an office shares one address"),
    "second_factor": Limit("account", 5, 15 * MINUTE, "six digits: five in a million, for whoever has the password"),
    "identity": Limit("phone", 5, DAY, "six characters, for whoever has the phone's code"),
    "verify": Limit("account", 3, DAY, "an outside source is asked for money, and does not change its mind", _TOMORROW),
    # reading
    "suggestions": Limit("address", 3_000, 10 * MINUTE, "one request for each few letters typed"),
    "suggestions_browser": Limit("browser", 300, 10 * MINUTE, "nobody types so much; whoever copies the register does"),
    "public_api": Limit(
        "address", 3_000, 10 * MINUTE, "no key needed; a copy of the place names is to be had otherwise"
    ),
}


def too_many_words(limit: Limit) -> _StrOrPromise:
    """Return the sentence that a refusal by this limit says; `%(minutes)s` is filled in where it is told."""
    return limit.says or _("Too many tries. Please wait %(minutes)s min and try again.")
