"""A field for a day, the same in every form."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

#: What is written down here lies between them; beyond, the day before or after may be none of the calendar.
_BOUNDS = (MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2199, 12, 31)))


class DayField(forms.DateField):
    """A day, chosen in the browser's calendar. Refuses one that is centuries away."""

    default_validators = list(_BOUNDS)

    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **options})
