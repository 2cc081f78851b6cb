"""The forms of offers. They take whatever is typed; the rules of `bookings` judge it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.bookings.states import NoShowRule, Period, WaitingState, Way
from nuanxin.web.kit.offers import BOOKING_LABELS, KIND_CHOICES, OFFER_LABELS

_ANY: Final = [("", _("all"))]
_MOMENT: Final = "%Y-%m-%dT%H:%M"


def moment(label: Any, **more: Any) -> forms.DateTimeField:
    """Make a field for a day with its hour."""
    widget = forms.DateTimeInput({"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, widget=widget, **more)


def number(label: Any, *, most: int = 1_000_000, **more: Any) -> forms.IntegerField:
    """Make a field for a number of things."""
    return forms.IntegerField(label=label, min_value=0, max_value=most, **more)


class OfferFilter(forms.Form):
    """Filters of the list of offers."""

    q = forms.CharField(label=_("Name or number"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("Kind of offer"),
        required=False,
        choices=[*_ANY, *KIND_CHOICES],
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*_ANY, *OFFER_LABELS.items()])
    way = forms.ChoiceField(label=_("How places are given"), required=False, choices=[*_ANY, *Way.choices])


class OfferForm(forms.Form):
    """What an offer says; who may take part stands in `WhoForm`."""

    kind = forms.ChoiceField(label=_("Kind of offer"), choices=KIND_CHOICES)
    name = forms.CharField(label=_("Name"), max_length=100)
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=150)
    about = forms.CharField(
        label=_("What it is"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Members read this: what there is, what to bring, whom to ask."),
    )
    about_en = forms.CharField(
        label=_("What it is, in English"), required=False, max_length=4000, widget=forms.Textarea({"rows": 3})
    )
    service = forms.ChoiceField(
        label=_("Service of the catalog"),
        required=False,
        help_text=_("Whoever comes is counted as served by it."),
    )
    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    way = forms.ChoiceField(label=_("How places are given"), choices=Way.choices, widget=forms.RadioSelect)
    opens_at = moment(_("Opens"))
    closes_at = moment(_("Closes"))
    waits = forms.BooleanField(
        label=_("People may wait when all places are taken"),
        required=False,
        help_text=_("A place that comes free is offered to the first in line by itself."),
    )
    offer_minutes = number(_("An offered place is kept, minutes"), most=10_080, initial=120)
    hold_minutes = number(
        _("A place is kept before it must be confirmed, minutes"),
        most=1440,
        initial=0,
        help_text=_("0: booked at once."),
    )
    most_seats = number(_("Most places of one booking"), most=20, initial=1, help_text=_("1: no companions."))
    limit_count = number(
        _("Most bookings of one person"), most=366, initial=0, help_text=_("Over all offers of this kind; 0: no limit.")
    )
    limit_period = forms.ChoiceField(label=_("Counted over"), choices=Period.choices)
    cancel_until_hours = number(_("May be given back until so many hours before"), most=8_760, initial=24)
    no_show = forms.ChoiceField(label=_("Who does not come"), choices=NoShowRule.choices)
    bar_days = number(_("Barred for so many days"), most=1000, initial=0)
    early_minutes = number(_("People are let in so many minutes before"), most=1440, initial=60)

    def __init__(self, *args: Any, services: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *services]


class ShareForm(forms.Form):
    """One share of the places: how many, and from when; for whom stands in `WhoForm`."""

    name = forms.CharField(label=_("Name"), required=False, max_length=60)
    name_en = forms.CharField(label=_("Name in English"), required=False, max_length=100)
    kind = forms.ChoiceField(
        label=_("What it means"),
        choices=[
            ("open", _("open to all")),
            ("reserved", _("reserved: at least so many")),
            ("most", _("limit: at most so many")),
            ("walk_in", _("for people who come without a booking")),
        ],
    )
    percent = number(_("Percent"), most=100, required=False)
    amount = number(_("or places"), required=False)
    opens_at = moment(_("Given only from"), required=False)
    releases_at = moment(_("What is left goes to everybody at"), required=False)


class SessionsForm(forms.Form):
    """Many sessions at once: each day, each window, each place."""

    first_day = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput({"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput({"type": "date"}))
    weekdays = forms.MultipleChoiceField(
        label=_("Only on"),
        required=False,
        choices=[
            ("0", _("Mon")), ("1", _("Tue")), ("2", _("Wed")), ("3", _("Thu")),
            ("4", _("Fri")), ("5", _("Sat")), ("6", _("Sun")),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: every day."),
    )  # fmt: skip
    windows = forms.CharField(
        label=_("Windows"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A line each: 09:00-10:00. Each has its own places."),
    )
    sites = forms.CharField(
        label=_("Sites, each with its own places"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("A line each: name; then, if you like, | name in English | area."),
    )
    places = number(_("How many people per window and place"), required=False)


class SessionFilter(forms.Form):
    """Filters of an offer's sessions."""

    place = forms.ChoiceField(label=_("Site"), required=False)
    since = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ANY, *places]


class ReasonForm(forms.Form):
    """A reason that everybody who is concerned reads."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("Everybody who booked is told exactly this."),
    )


class MoveForm(ReasonForm):
    """Another time or place for a session."""

    starts_at = moment(_("Starts"))
    ends_at = moment(_("Ends"))
    place = forms.CharField(label=_("Site"), required=False, max_length=120)
    place_en = forms.CharField(label=_("Site in English"), required=False, max_length=200)
    field_order = ("starts_at", "ends_at", "place", "place_en", "reason")


class MoveManyForm(ReasonForm):
    """By how much later several sessions take place, or where."""

    days = forms.IntegerField(
        label=_("Days later"),
        required=False,
        min_value=-366,
        max_value=366,
        initial=1,
        help_text=_("With a minus: earlier."),
    )
    minutes = forms.IntegerField(
        label=_("and minutes later"), required=False, min_value=-1440, max_value=1440, initial=0
    )
    place = forms.CharField(
        label=_("Site"), required=False, max_length=120, help_text=_("Empty: where each of them was.")
    )
    place_en = forms.CharField(label=_("Site in English"), required=False, max_length=200)
    field_order = ("days", "minutes", "place", "place_en", "reason")


class ResizeForm(forms.Form):
    """How many places a pool has."""

    capacity = number(_("Places"))


class GroupForm(forms.Form):
    """Members to book together: all or nobody."""

    session = forms.ChoiceField(label=_("Session"), required=False)
    numbers = forms.CharField(
        label=_("Member numbers"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 10}),
        help_text=_("A line each, at most 200. Everybody is booked, or nobody is."),
    )

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sessions
        field.required = bool(sessions)
        if not sessions:
            field.widget = forms.HiddenInput()


class MemberForm(forms.Form):
    """A wish in the name of one member."""

    member = forms.CharField(label=_("Member no."), max_length=20)
    session = forms.ChoiceField(label=_("Session"), required=False)
    seats = forms.IntegerField(label=_("Places, the own included"), min_value=1, max_value=20, initial=1)
    employer_check_up = forms.ChoiceField(
        label=_("Does the employer or platform pay for a check-up this year?"),
        required=False,
        choices=[("", _("not asked")), ("no", _("No")), ("yes", _("Yes"))],
    )

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], offer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = sessions if offer.way == Way.FIRST_COME else [("", _("any")), *sessions]
        field.required = bool(sessions) and offer.way == Way.FIRST_COME
        unasked = {
            "session": not sessions,
            "seats": offer.most_seats == 1,
            "employer_check_up": offer.way != Way.PRIORITY or offer.kind != "check_up",
        }
        for name in (name for name, is_unasked in unasked.items() if is_unasked):
            self.fields[name].widget = forms.HiddenInput()


class BookingFilter(forms.Form):
    """Filters of the list of bookings."""

    q = forms.CharField(label=_("Name, member no. or booking no."), required=False, max_length=60)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[*_ANY, *BOOKING_LABELS.items()])
    session = forms.ChoiceField(label=_("Session"), required=False)

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ANY, *sessions]


class WaitingFilter(forms.Form):
    """Filters of the list of who applied or waits."""

    q = forms.CharField(label=_("Name or member no."), required=False, max_length=60)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("who is listed now")), *WaitingState.choices, ("all", _("whoever ever was"))],
    )
    session = forms.ChoiceField(label=_("Session"), required=False)

    def __init__(self, *args: Any, sessions: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*_ANY, *sessions]
