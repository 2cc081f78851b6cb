"""Template tags and filters of every page: icons, masks, dates, numbers, names by language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import segno
from django import template
from django.forms.utils import flatatt
from django.forms.widgets import Select, TextInput
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from nuanxin.web.kit.masks import mask_id, mask_name, mask_phone

register = template.Library()


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, label: str = "") -> SafeString:
    """Show a Tabler icon from the sprite; silent to screen readers unless a label is given."""
    if not name:
        return mark_safe("")
    address = f"{static('icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="nx-icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, address
        )
    return format_html('<svg class="nx-icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', address)


@register.filter
def masked_phone(value: object) -> str:
    """138****5678."""
    return mask_phone(str(value or ""))


@register.filter
def masked_id(value: object) -> str:
    """3715************1X."""
    return mask_id(str(value or ""))


@register.filter
def masked_name(value: object) -> str:
    """王*芳."""
    return mask_name(str(value or ""))


@register.filter
def date_cn(value: dt.datetime | dt.date | None) -> str:
    """Write a day, with the minute where there is one: 2026年11月21日 14:05, in English 2026-11-21 14:05."""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{_day(local)} {local:%H:%M}"
    return _day(value)


def _day(value: dt.date) -> str:
    return f"{value.year}年{value.month}月{value.day}日" if _chinese() else f"{value:%Y-%m-%d}"


@register.filter
def number(value: Any) -> str:
    """Write a number with thousands separated: 57,769."""
    if value is None or value == "":
        return "—"
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int | Decimal) else f"{Decimal(str(value)):,}"


@register.filter
def local_name(thing: Any) -> str:
    """Give the name of a thing in the reader's language: name_en in English where there is one, else name."""
    if thing is None:
        return ""
    english = "" if _chinese() else str(getattr(thing, "name_en", "") or "")
    return english or str(getattr(thing, "name", thing))


@register.filter
def in_language(text: str, english: str) -> str:
    """Give one of two texts: the English one to readers of English, where there is one."""
    return text if _chinese() or not english else english


def namer() -> Callable[[Any], str]:
    """Return `local_name` for one list: the reader's language is asked once, and each thing is named once."""
    known: dict[tuple[type, Any], str] = {}
    chinese = _chinese()

    def named(thing: Any) -> str:
        key = thing.__class__, thing.pk
        name = known.get(key)
        if name is None:
            name = known[key] = str(thing.name if chinese else getattr(thing, "name_en", "") or thing.name)
        return name

    return named


@register.simple_tag(takes_context=True)
def active_nav(context: Context, url: str, exact: bool = False) -> bool:
    """Tell whether the page at hand lies under this address, so that its entry in the navigation is marked."""
    request = context.get("request")
    if request is None or not url:
        return False
    path = str(request.path)
    return path == url if exact else path == url or path.startswith(url.rstrip("/") + "/")


@register.filter
def field_errors_id(field: Any) -> str:
    """Name the element that holds a field's errors."""
    return f"{field.id_for_label or field.html_name}-error"


@register.simple_tag
def control(field: Any, **attributes: Any) -> SafeString:
    """Render a bound form field's widget with the kit's classes, its error and hint tied to it for screen readers."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    attrs: dict[str, Any] = {name.replace("_", "-"): value for name, value in attributes.items() if value is not None}
    classes = [str(widget.attrs.get("class", "")), str(attrs.pop("class", ""))]
    if kind == "select":
        classes.append("form-select")
    elif kind not in {"checkbox", "radio", "hidden"}:
        classes.append("form-control")
    described = []
    if field.help_text:
        described.append(f"{field.auto_id}-hint")
    if field.errors:
        classes.append("is-invalid")
        described.append(f"{field.auto_id}-error")
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    joined = " ".join(part for part in classes if part)
    if joined:
        attrs["class"] = joined
    return _drawn(field, attrs) if type(widget) in {TextInput, Select} else field.as_widget(attrs=attrs)


def _drawn(field: Any, attrs: dict[str, Any]) -> SafeString:
    """Render a plain text field or a plain choice as Django would, without a template for each of its options."""
    widget = field.field.widget
    attrs = field.build_widget_attrs(attrs, widget)
    if field.auto_id and "id" not in widget.attrs:
        attrs.setdefault("id", field.auto_id)
    joined = flatatt(widget.build_attrs(widget.attrs, attrs))
    value = widget.format_value(field.value())
    if isinstance(widget, TextInput):
        given = format_html(' value="{}"', value) if value is not None else ""
        return format_html('<input type="{}" name="{}"{}{}>', widget.input_type, field.html_name, given, joined)
    options = []
    for key, label in widget.choices:
        if isinstance(label, (list, tuple)):
            whole: SafeString = field.as_widget(attrs=attrs)
            return whole
        chosen = mark_safe(" selected") if str("" if key is None else key) in value else ""
        options.append(format_html('<option value="{}"{}>{}</option>', "" if key is None else key, chosen, label))
    return format_html('<select name="{}"{}>{}</select>', field.html_name, joined, mark_safe("".join(options)))


@register.filter
def widget_kind(field: Any) -> str:
    """Say how a bound field is laid out: check, choices, hidden or plain."""
    name = type(field.field.widget).__name__
    if name == "CheckboxInput":
        return "check"
    if name in {"RadioSelect", "CheckboxSelectMultiple"}:
        return "choices"
    return "hidden" if field.is_hidden else "plain"


@register.simple_tag
def qr_svg(data: str, label: str = "") -> SafeString:
    """Draw a QR code as inline SVG (error level M), black on white, without styles."""
    picture = segno.make(data, error="m", micro=False)
    side = picture.symbol_size(border=2)[0]
    parts: list[str] = []
    for y, line in enumerate(picture.matrix_iter(border=2)):
        row = bytes(line)
        x = 0
        while x < side:
            width = 0
            while x + width < side and row[x + width]:
                width += 1
            if width:
                parts.append(f"M{x} {y}h{width}v1h-{width}z")
            x += width or 1
    return format_html(
        '<svg viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<rect width="{0}" height="{0}" fill="#fff"></rect><path fill="#111" d="{2}"></path></svg>',
        side,
        label,
        "".join(parts),
    )


@register.simple_tag
def spark(values: Sequence[float]) -> SafeString:
    """Draw a row of small bars for a trend, the last one marked. Decoration: the number stands beside it."""
    heights = [float(value) for value in values]
    top = max(heights, default=0.0) or 1.0
    # numbers only, so nothing to escape; four of these on a dashboard would be a hundred escapings
    last = ' class="nx-last"'
    bars = [
        f'<rect x="{index * 12}" y="{30 - 30 * value / top:.1f}" width="10" height="{max(30 * value / top, 1):.1f}"'
        f' rx="1"{last if index == len(heights) - 1 else ""}></rect>'
        for index, value in enumerate(heights)
    ]
    return format_html(
        '<svg class="nx-spark" viewBox="0 0 {} 30" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        max(len(heights) * 12 - 2, 1),
        mark_safe("".join(bars)),
    )


@register.simple_tag
def table_rows(rows: Sequence[Sequence[Any]]) -> SafeString:
    """Draw the rows of a table; a cell is a text, or a mapping of `text` and `url`."""
    return mark_safe("".join(f"<tr>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>" for row in rows))


def _cell(cell: Any) -> str:
    if isinstance(cell, dict) and cell.get("url"):
        return format_html('<a href="{}">{}</a>', cell["url"], cell["text"])
    return escape(cell["text"] if isinstance(cell, dict) else cell)


@register.filter
def percent(value: Any) -> str:
    """Write a share between 0 and 1 as 93.8%."""
    if value is None or value == "":
        return "—"
    return f"{100 * float(value):.1f}%"
