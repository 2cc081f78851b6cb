"""The pages of this area beside each other."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def tabs(current: str) -> list[dict[str, Any]]:
    """Return the views of the area, for the bar above them."""
    names = {"cases": _("Try cases"), "health": _("Health of the rules")}
    return [
        {"label": label, "url": reverse(f"desk:routing:{name}"), "count": None, "current": name == current}
        for name, label in names.items()
    ]
