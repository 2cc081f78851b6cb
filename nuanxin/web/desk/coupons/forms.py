"""What is typed about coupons. The rules of `benefits` judge it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.benefits.states.coupons import ClashState, RedemptionState
from nuanxin.bookings.states import Period
from nuanxin.web.desk.bookings.forms import moment, number
from nuanxin.web.kit.days import DayField
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nuanxin.benefits.models import CouponKind
    from nuanxin.organizations.models import Partner

_WEEKDAYS = [
    ("0", _("Mon")),
    ("1", _("Tue")),
    ("2", _("Wed")),
    ("3", _("Thu")),
    ("4", _("Fri")),
    ("5", _("Sat")),
    ("6", _("Sun")),
]


def _yuan(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=8, decimal_places=2, min_value=0, **more)


class KindForm(forms.Form):
    """What a kind of coupon says, and who redeems it."""

    name = forms.CharField(label=_("Name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)
    about = forms.CharField(label=_("What it is"), max_length=300, required=False)
    about_en = forms.CharField(label=_("What it is, in English"), max_length=400, required=False)
    face = _yuan(_("Takes off, in yuan"))
    least_spend = _yuan(_("From a bill of, in yuan"), required=False, help_text=_("Empty: from any bill."))
    cost = _yuan(_("The union pays the partner, in yuan"))
    valid_from = DayField(label=_("Good from"))
    until = DayField(label=_("Good until (last day)"))
    days_valid = number(
        _("Good for so many days"),
        required=False,
        help_text=_("From the day on which somebody got it; 1: that day only. Empty: until the last day."),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("Only on these days"), choices=_WEEKDAYS, required=False, widget=forms.CheckboxSelectMultiple()
    )
    from_time = forms.TimeField(label=_("Only from"), required=False, widget=forms.TimeInput({"type": "time"}))
    until_time = forms.TimeField(label=_("Only until"), required=False, widget=forms.TimeInput({"type": "time"}))
    service = forms.CharField(
        label=_("Service of the catalog"),
        required=False,
        max_length=40,
        help_text=_("Its code; each coupon redeemed is counted as one delivery of it."),
    )
    offline_limit = number(
        _("Without a network, at most a day and counter"), required=False, most=500, help_text=_("Empty: none.")
    )
    in_packs = forms.BooleanField(
        label=_("The film ticket of welcome packs"),
        required=False,
        help_text=_("New members who have a right to one get it as this coupon, from what is kept back."),
    )
    partners = forms.MultipleChoiceField(
        label=_("Redeemed by"),
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text=_("A partner with all its places, those that open later too; or single places."),
    )

    def __init__(self, *args: Any, partners: Iterable[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["partners"]
        field.choices = [choice for partner in partners for choice in _where(partner)]


def _where(partner: Partner) -> Iterator[tuple[str, str]]:
    """Return what can be chosen of a partner: all its places, and each of its open ones."""
    name, places = local_name(partner), list(partner.places.all())
    yield str(partner.pk), _("%(name)s, all its places") % {"name": name} if places else name
    for place in places:
        yield str(place.pk), f"{name} · {local_name(place)}"


class NewKindForm(KindForm):
    """A new kind: also whose it is."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    field_order = ["union", "name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partners"].required = True


class StockForm(forms.Form):
    """A stock: how many, from when, and whether people stand in line."""

    stock = number(_("How many"))
    opens_at = moment(_("Opens"))
    closes_at = moment(_("Closes"))
    has_line = forms.BooleanField(
        label=_("With a line"),
        required=False,
        help_text=_("Everybody who comes before the opening has the same chance; later ones stand behind."),
    )
    per_second = number(_("Let in each second"), required=False, most=2000, help_text=_("Empty: 200."))
    limit_count = number(_("At most for one person"), required=False, most=31, help_text=_("Empty: 1."))
    limit_period = forms.ChoiceField(label=_("Counted over"), choices=Period.choices, initial=Period.EVER)
    renews = forms.BooleanField(
        label=_("Anew in each period"),
        required=False,
        help_text=_("Each person may take another one each day, month or year, from this same stock."),
    )


class KeptForm(forms.Form):
    """A stock that the union keeps back, to give single coupons from."""

    stock = number(_("How many"))
    limit_count = number(_("At most for one person"), required=False, most=31, help_text=_("Empty: 1."))
    limit_period = forms.ChoiceField(label=_("Counted over"), choices=Period.choices, initial=Period.YEAR)


class GiftForm(forms.Form):
    """One coupon for one member, and why."""

    kind = forms.ChoiceField(label=_("Kind of coupon"))
    member = forms.CharField(label=_("Member no."), max_length=20, widget=forms.TextInput({"inputmode": "numeric"}))
    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("The member reads it."))

    def __init__(self, *args: Any, kinds: Iterable[tuple[CouponKind, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        left = _("%(kind)s (%(left)s left)")
        field.choices = [(str(kind.pk), left % {"kind": local_name(kind), "left": count}) for kind, count in kinds]


class GiftFilter(forms.Form):
    """Which gifts to list."""

    q = forms.CharField(
        label=_("Member no., name or coupon number"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )


class ClashFilter(forms.Form):
    """Which clashes to list."""

    q = forms.CharField(
        label=_("Place or partner"), required=False, max_length=60, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *ClashState.choices])


class ClashForm(forms.Form):
    """Why a partner is paid, or not."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("The partner reads it."))


class RedemptionFilter(forms.Form):
    """Which redemptions to list."""

    q = forms.CharField(
        label=_("Place, partner, member or coupon number"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = forms.ChoiceField(label=_("Kind of coupon"), required=False)
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *RedemptionState.choices])

    def __init__(self, *args: Any, kinds: Iterable[CouponKind], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [("", _("All")), *((str(kind.pk), local_name(kind)) for kind in kinds)]


class ReasonForm(forms.Form):
    """Why a redemption is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("The member reads it."))


class MonthForm(forms.Form):
    """Until the end of which month."""

    month = forms.CharField(
        label=_("Month"),
        max_length=7,
        required=False,
        widget=forms.TextInput({"type": "month", "placeholder": "2026-11"}),
    )
