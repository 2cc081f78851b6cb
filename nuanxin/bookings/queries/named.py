"""Names for the codes in checks, written beside them when an offer is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.organizations.models import OccupationGroup, Union
from nuanxin.regions.models import Region

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nuanxin.bookings.rules.eligibility import Check


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def name_en(self) -> str: ...


def with_names(checks: list[Check]) -> list[Check]:
    """Return checks with the names of their codes.

    :raises Invalid: a code that nobody knows.
    """
    return [_named(check) for check in checks]


def _named(check: Check) -> Check:
    if "groups" in check:
        return _add(check, check["groups"], {each.code: each for each in OccupationGroup.objects.all()})
    if "paths" in check:
        return _add(check, check["paths"], {each.path: each for each in Union.objects.filter(path__in=check["paths"])})
    if "codes" in check:
        return _add(check, check["codes"], {each.code: each for each in Region.objects.filter(code__in=check["codes"])})
    return check


def _add(check: Check, codes: list[str], known: Mapping[str, _Named]) -> Check:
    if unknown := [code for code in codes if code not in known]:
        raise Invalid("unknown_code", _("Nobody knows: %(codes)s.") % {"codes": ", ".join(unknown)}, field="checks")
    rows = [known[code] for code in codes]
    return check | {"names": [row.name for row in rows], "names_en": [row.name_en or row.name for row in rows]}
