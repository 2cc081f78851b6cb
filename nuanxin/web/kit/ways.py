"""The form by which somebody chooses how they are told, the same on the phone and at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nuanxin.messages.actions.choices import choose_ways
from nuanxin.messages.queries.chosen import own_ways
from nuanxin.messages.queries.outlets import quiet, ways_set_up
from nuanxin.messages.rules.kinds import WAYS, may_choose
from nuanxin.messages.states import Channel, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.kernel.actor import Actor

#: Kinds that a worker chooses for, and those of whoever works at the desk.
WORKER_KINDS = (Kind.PROGRESS, Kind.APPLICATION, Kind.MEMBERSHIP, Kind.SECURITY)
DESK_KINDS = (Kind.WORK, Kind.SECURITY)


class WaysForm(forms.Form):
    """By which ways each kind is told. Ways that are not set up here are not shown; what was chosen of them stays."""

    def __init__(self, data: Any = None, *, kinds: tuple[Kind, ...], held: dict[Kind, frozenset[str]]) -> None:
        super().__init__(data)
        self.held = held
        self.shown: dict[Kind, list[Channel]] = {}
        for kind in kinds:
            shown = [way for way in may_choose(kind) if way in ways_set_up()]
            self.shown[kind] = shown
            self.fields[kind] = forms.MultipleChoiceField(
                label=kind.label,
                required=False,
                choices=[(way.value, way.label) for way in shown],
                widget=forms.CheckboxSelectMultiple,
                help_text=_always(kind),
                initial=[way for way in shown if way in held[kind]],
            )

    @property
    def quiet(self) -> tuple[str, str] | None:
        """Return from when to when nothing comes that is not urgent; None without quiet hours."""
        hours = quiet()
        return (f"{hours.start:%H:%M}", f"{hours.end:%H:%M}") if hours.start != hours.end else None

    def chosen(self) -> dict[str, set[str]]:
        """Return what is chosen now by kind, with what was chosen before of ways that are not shown."""
        return {
            kind.value: set(self.cleaned_data[kind]) | (set(self.held[kind]) - set(shown))
            for kind, shown in self.shown.items()
        }


def _always(kind: Kind) -> str:
    ways = _(", ").join(str(way.label) for way in WAYS[kind].always)
    if len(WAYS[kind].always) > 1:
        return _("Always: %(ways)s. You must hear of this, so it cannot be switched off.") % {"ways": ways}
    return _("Always: %(ways)s.") % {"ways": ways}


def ways_form(actor: Actor, data: Any = None, *, kinds: tuple[Kind, ...]) -> WaysForm:
    """Return the form of somebody for some kinds."""
    return WaysForm(data, kinds=kinds, held=own_ways(actor, kinds))


def save_ways(actor: Actor, form: WaysForm, *, now: datetime) -> bool:
    """Keep what was chosen; answer whether the form was right."""
    if not form.is_valid():
        return False
    choose_ways(actor=actor, chosen=form.chosen(), now=now)
    return True


class EmailForm(forms.Form):
    """A mailbox to be reached at."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=120,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=gettext_lazy("We send a link there; follow it, and the mailbox is yours here"),
    )
