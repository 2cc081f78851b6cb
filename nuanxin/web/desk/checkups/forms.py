"""The forms of the check-up bus. They take whatever is typed; the rules of `activities` judge it."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from nuanxin.activities.actions.routes import Stop
from nuanxin.bookings.states import Way
from nuanxin.kernel.refusals import Invalid
from nuanxin.web.kit.templatetags.kit import local_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nuanxin.access.models import PartnerDevice
    from nuanxin.organizations.models import Partner

_MOMENT = "%Y-%m-%dT%H:%M"


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, widget=forms.DateTimeInput({"type": "datetime-local"}, format=_MOMENT), **more
    )


class RouteForm(forms.Form):
    """A route that is planned."""

    union = forms.CharField(label=_("Union"), max_length=120, help_text=_("Code or whole name."))
    name = forms.CharField(label=_("Name of the route"), max_length=100)
    name_en = forms.CharField(label=_("In English"), required=False, max_length=150)
    stops = forms.CharField(
        label=_("Days and sites"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 6, "placeholder": "2026-11-30 东昌府区政务服务中心"}),
        help_text=_("A line each: the day, a blank, the site. After a bar | follow its English name and its address."),
    )
    windows = forms.CharField(
        label=_("Times of each day"), max_length=300, initial="08:00-09:30 09:30-11:00 14:00-15:30 15:30-17:00"
    )
    places = forms.IntegerField(label=_("Places of each time"), min_value=1, max_value=5_000, initial=20)
    new_percent = forms.IntegerField(
        label=_("Percent for new forms of employment"),
        min_value=0,
        max_value=100,
        required=False,
        help_text=_("Empty: as the rule in force says."),
    )
    walk_in_percent = forms.IntegerField(
        label=_("Percent for those who join that day"),
        min_value=0,
        max_value=50,
        required=False,
        help_text=_("Empty: as the rule in force says."),
    )
    way = forms.ChoiceField(
        label=_("How places are given"),
        choices=[each for each in Way.choices if each[0] != Way.LOTTERY],
        help_text=_(
            "By priority: no check-up by the employer, hard posts, age, long wait; the points are a dated rule."
        ),
    )
    opens_at = _moment(_("Booking opens"))
    closes_at = _moment(_("Booking closes"))
    clinic = forms.ChoiceField(label=_("Clinic"), required=False)

    def __init__(self, *args: Any, partners: Iterable[Partner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["clinic"]
        field.choices = [("", "—"), *((str(each.pk), local_name(each)) for each in partners)]


def read_stops(text: str) -> list[Stop]:
    """Return the days and sites that were typed.

    :raises Invalid: a line without a day, or without a site.
    """
    found = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        day, _blank, rest = line.partition(" ")
        site, site_en, address = (*(part.strip() for part in rest.split("|", 2)), "", "")[:3]
        try:
            found.append(Stop(date.fromisoformat(day), site[:60], site_en[:120], address[:120]))
        except ValueError:
            raise Invalid("bad_line", _("This line does not begin with a day: %(line)s") % {"line": line[:60]},
                          field="stops") from None  # fmt: skip
        if not site:
            raise Invalid("bad_line", _("This line names no site: %(line)s") % {"line": line[:60]}, field="stops")
    return found


def read_windows(text: str) -> list[tuple[time, time]]:
    """Return the times that were typed, such as 08:00-09:30. :raises Invalid: something else."""
    found = []
    for part in text.replace("，", " ").replace(",", " ").replace("～", "-").split():
        begins, _dash, ends = part.partition("-")
        try:
            found.append((time.fromisoformat(begins.zfill(5)), time.fromisoformat(ends.zfill(5))))
        except ValueError:
            raise Invalid("bad_windows", _("Please write times like 08:00-09:30, one after another."),
                          field="windows") from None  # fmt: skip
    return found


class DeviceForm(forms.Form):
    """A device that scans at a day."""

    device = forms.ChoiceField(label=_("Device"))
    also_later = forms.BooleanField(label=_("On every later day of the route, too"), required=False, initial=True)

    def __init__(self, *args: Any, devices: Iterable[PartnerDevice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["device"]
        field.choices = [(str(each.pk), str(each)) for each in devices]


class MoveForm(forms.Form):
    """Another day for everything that is left of one."""

    day = forms.DateField(label=_("New day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("Everybody who booked reads this, beside the new time.")
    )


class DecisionForm(forms.Form):
    """What becomes of an arrival."""

    stands = forms.ChoiceField(
        label=_("Was this person served?"),
        choices=[("yes", _("Yes: it counts")), ("no", _("No, or counted already: it does not count"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("Kept with the decision."))
