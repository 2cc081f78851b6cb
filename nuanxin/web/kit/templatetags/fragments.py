"""Fragments of pages that are drawn once for what they are drawn from, and filled with what differs each time.

A page of the desk is mostly frame: drawing it anew cost twice as much as finding what it shows. What a fragment is
kept under says everything it is drawn from; it decides nothing. The two things that differ with every request, the
token of its forms and its address, are holes. See docs/adr/0011-search.md.
"""

from __future__ import annotations

import html
import re
from copy import copy
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import TextInput
from django.http import QueryDict
from django.template.base import Node
from django.template.loader import get_template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from nuanxin.kernel.ids import secret_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.forms import Form
    from django.template.base import FilterExpression, NodeList, Parser, Token
    from django.template.context import Context

register = template.Library()

_MOST = 2000
_kept: dict[Any, str] = {}
_SPECIAL = re.compile("[&<>\"']").search
#: Stand for the token and the address in what is kept; nobody can type them.
_TOKEN, _ADDRESS = f"\ue000{secret_token()}", f"\ue001{secret_token()}"


def _keep(key: Any, drawn: str) -> str:
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[key] = drawn
    return drawn


class _Kept(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, place: str, keys: list[FilterExpression], nodelist: NodeList) -> None:
        self.place, self.keys, self.nodelist = place, keys, nodelist

    def render(self, context: Context) -> SafeString:
        """Draw the fragment, or take what was drawn for the same keys, and fill its holes."""
        keys = tuple(key.resolve(context, ignore_failures=True) for key in self.keys)
        request, token = context.get("request"), context.get("csrf_token")
        if not keys[0] or request is None or token is None:
            return self.nodelist.render(context)
        key = (self.place, context.get("LANGUAGE_CODE") or get_language(), keys)
        drawn = _kept.get(key)
        if drawn is None:
            with context.push(csrf_token=_TOKEN, page_address=_ADDRESS):
                drawn = _keep(key, str(self.nodelist.render(context)))
        if _TOKEN in drawn:
            drawn = drawn.replace(_TOKEN, str(token))
        if _ADDRESS in drawn:
            drawn = drawn.replace(_ADDRESS, escape(request.get_full_path()))
        return mark_safe(drawn)


@register.tag
def kept(parser: Parser, token: Token) -> Node:
    """Keep what stands between `{% kept "name" key … %}` and `{% endkept %}`, in each language, for these keys.

    The keys are all it is drawn from, but the token of forms and `page_address`. Without a first key it is not kept.
    """
    _tag, name, *keys = token.split_contents()
    if not keys:
        raise template.TemplateSyntaxError("What is kept is kept under a key.")
    nodelist = parser.parse(("endkept",))
    parser.delete_first_token()
    return _Kept(name, [parser.compile_filter(key) for key in keys], nodelist)


@register.simple_tag
def filter_fields(form: Form) -> SafeString:
    """Draw the fields of filters; what was typed is a hole, what was chosen is part of the key."""
    if not form.is_bound or form.errors:
        return _fields(form)
    typed: dict[str, str] = {}
    parts: list[Any] = []
    for name, field in form.fields.items():
        widget, html_name = field.widget, form.add_prefix(name)
        value = widget.value_from_datadict(form.data, form.files, html_name)
        attributes = tuple(widget.attrs.items())
        if type(widget) is TextInput:
            if value:
                typed[html_name] = str(value)
            parts.append((name, str(field.label), attributes, bool(value)))
        else:
            choices = tuple((str(key), str(label)) for key, label in getattr(widget, "choices", ()))
            parts.append((name, str(field.label), attributes, str(value), choices))
    key = (type(form), form.auto_id, form.prefix, get_language(), tuple(parts))
    holes = {name: f"\ue000{at}{_TOKEN}" for at, name in enumerate(typed)}
    drawn = _kept.get(key)
    if drawn is None:
        shadow = copy(form)
        shadow.data = {**form.data.dict(), **holes} if isinstance(form.data, QueryDict) else {**form.data, **holes}
        shadow._bound_fields_cache = {}  # type: ignore[attr-defined]
        drawn = _keep(key, _fields(shadow))
    for name, hole in holes.items():
        drawn = drawn.replace(hole, escape(typed[name]))
    return mark_safe(drawn)


@register.simple_tag
def lines(name: str, rows: Sequence[Mapping[str, object]]) -> SafeString:
    """Draw a template for each of many rows: it is drawn once, with a hole for each value, and only shows values.

    Every row has the same names; what is no HTML is escaped.
    """
    if not rows:
        return mark_safe("")
    names = tuple(rows[0])
    key = (name, names, get_language())
    drawn = _kept.get(key)
    if drawn is None:
        holes = {each: mark_safe(f"{_TOKEN}{at};") for at, each in enumerate(names)}
        drawn = get_template(name).render(dict(holes)).replace("%", "%%")
        drawn = "\n".join(part.strip() for part in drawn.splitlines())
        for each, hole in holes.items():
            drawn = drawn.replace(hole, f"%({each})s")
        _keep(key, drawn)
    return mark_safe("".join(drawn % {each: _safe(value) for each, value in row.items()} for row in rows))


def _safe(value: object) -> str:
    if isinstance(value, SafeString):
        return value
    text = str(value)
    # most of what lists show has nothing to escape, and looking is cheaper than five replacements
    return html.escape(text) if _SPECIAL(text) else text


def _fields(form: Form) -> SafeString:
    return mark_safe(get_template("kit/partials/filter_fields.html").render({"form": form}))
