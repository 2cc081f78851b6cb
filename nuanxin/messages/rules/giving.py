"""What members are told of what the union gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

GIVING: dict[str, _StrOrPromise] = {
    "pack.granted": _("Your welcome pack is ready. See what is in it, and where to fetch it: %(link)s"),
    "coupon.given": _("Your union gives you a coupon: %(coupon)s. %(reason)s. It is among your coupons: %(link)s"),
    "coupon.taken_back": _("The union has taken your coupon %(coupon)s back. Reason: %(reason)s. %(link)s"),
    "coupon.given_back": _("You have your coupon %(coupon)s again. Reason: %(reason)s. Use it soon: %(link)s"),
}
