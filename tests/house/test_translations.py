"""Everything a person reads has a Chinese translation that can be printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from nuanxin.operate import translations


def test_texts_are_found_in_code_and_in_templates() -> None:
    code = list(
        translations._from_code("_('Plain')\nngettext('one', 'many', n)\npgettext('door', 'Open')\n_(name)", "x.py")
    )
    assert [(message.text, message.context) for message in code] == [("Plain", None), ("one", None), ("Open", "door")]
    template = (
        "{% load i18n %}{% translate 'A (strange) \"one\"' %} {{ _('Short') }}"
        "{% blocktranslate with n=name %}Dear {{ n }},{% endblocktranslate %}"
        "{% translate 'Open' context 'door' %}"
    )
    found = list(translations._from_template(template, "x.html"))
    assert ("Dear %(n)s,", None) in {(message.text, message.context) for message in found}
    assert ("Open", "door") in {(message.text, message.context) for message in found}
    assert ("Short", None) in {(message.text, message.context) for message in found}
    assert 'A (strange) "one"' in {message.text for message in found}


def test_nothing_is_left_in_english() -> None:
    assert [f"{message.place}: {message.text}" for message in translations.missing()] == []


def test_translations_keep_the_placeholders() -> None:
    assert translations.broken() == []


def test_two_files_may_not_translate_one_text_differently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (("a", "甲"), ("b", "乙")):
        (tmp_path / f"{name}.po").write_text(f'msgid ""\nmsgstr ""\n\nmsgid "One"\nmsgstr "{text}"\n')
    monkeypatch.setattr(translations, "SOURCES", tmp_path)
    with pytest.raises(translations.TranslationError, match=r"a\.po and b\.po"):
        translations.merge()
