"""What is drawn once must never show one reader what belongs to another, and never pass on what was typed unescaped."""

from __future__ import annotations

from typing import Any

from django import forms
from django.middleware.csrf import get_token
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe
from django.utils.translation import override

from nuanxin.web.kit.templatetags.fragments import filter_fields, lines

KEPT = Template(
    '{% load fragments %}{% kept "tests" key %}<p>{{ key }} {{ said }}</p>{% csrf_token %}'
    '<a href="{% firstof page_address request.get_full_path %}"></a>{% endkept %}'
)


def drawn(address: str, **context: Any) -> tuple[str, str]:
    request = RequestFactory().get(address)
    context["csrf_token"] = get_token(request)
    return KEPT.render(Context({**context, "request": request})), str(context["csrf_token"])


def test_a_fragment_is_drawn_once_for_a_key_and_has_each_request_s_own_token_and_address() -> None:
    first, token = drawn("/desk/?q=1", key="a", said="first")
    second, other = drawn('/desk/?q="><b>', key="a", said="second")
    assert "a first" in first
    assert token in first
    assert 'href="/desk/?q=1"' in first
    assert "a first" in second
    assert other in second
    assert token not in second
    assert "<b>" not in second


def test_another_key_and_another_language_have_a_fragment_of_their_own() -> None:
    assert "b first" in drawn("/desk/", key="b", said="first")[0]
    assert "c second" in drawn("/desk/", key="c", said="second")[0]
    with override("en"):
        assert "b third" in drawn("/desk/", key="b", said="third")[0]


def test_without_a_key_or_a_request_nothing_is_kept() -> None:
    assert "first" in drawn("/desk/", key="", said="first")[0]
    assert "second" in drawn("/desk/", key="", said="second")[0]
    assert "third" in KEPT.render(Context({"key": "a", "said": "third"}))


class Filters(forms.Form):
    q = forms.CharField(required=False, max_length=20)
    state = forms.ChoiceField(required=False, choices=[("", "any"), ("on", "On")])


def fields(**data: str) -> str:
    return filter_fields(Filters(data))


def test_filters_show_what_was_typed_and_chosen_and_nothing_of_anybody_else() -> None:
    first, second = fields(q="王小芳", state="on"), fields(q='"><script>', state="on")
    assert 'value="王小芳"' in first
    assert '<option value="on" selected>' in first
    assert "王小芳" not in second
    assert "<script>" not in second
    assert "&quot;&gt;&lt;script&gt;" in second
    assert 'value="on" selected' not in fields(q="王小芳")
    assert 'name="q" value' not in fields(state="on")
    assert "invalid-feedback" in fields(q="x" * 21)


def test_lines_escape_what_is_no_html() -> None:
    rows = [{"label": "100% <b>", "tone": mark_safe("good")}, {"label": "李", "tone": "wait"}]
    text = lines("kit/partials/state.html", rows)
    assert "100% &lt;b&gt;" in text
    assert "李" in text
    assert "<b>" not in text
    assert lines("kit/partials/state.html", []) == ""
