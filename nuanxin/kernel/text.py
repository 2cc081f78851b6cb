"""What people type, made regular before it is judged."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid

_JOINERS = frozenset("·•・‧∙･")
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def check_text(value: object, *, field: str, most: int) -> str:
    """Return a text that the database and every page can hold, or refuse it.

    :param most: most characters after white space at both ends is dropped.
    :raises Invalid: not a text, too long, or with control characters, direction marks, NUL or lone surrogates.
    """
    if not isinstance(value, str):
        raise Invalid("wrong_type", _("This must be text."), field=field)
    if len(value) > most * 4:
        raise Invalid("too_long", _("This is too long."), field=field)
    if not value.isprintable() and any(  # what is printable has none of them
        unicodedata.category(char) in _FORBIDDEN and char not in "\n\t\r" for char in value
    ):
        raise Invalid(
            "bad_characters", _("This holds characters that cannot be used. Please type it again."), field=field
        )
    text = value.strip()
    if len(text) > most:
        raise Invalid("too_long", _("This is too long."), field=field)
    return text


def compact(value: str) -> str:
    """Turn full-width digits and letters to plain ones and drop all white space and hyphens."""
    if value.isascii() and value.isalnum():
        return value
    return "".join(c for c in unicodedata.normalize("NFKC", value) if not c.isspace() and c not in "-‐‑–—")


def person_name(value: object, *, field: str = "name") -> str:
    """Return a person's name in regular form, or refuse it.

    Han names lose inner spaces; the middle dot of Uyghur, Tibetan and Kazakh names is written `·`; Latin names keep
    single spaces, hyphens and apostrophes. Letters of any script are accepted, other signs are not.

    :raises Invalid: empty, over 50 characters, or with digits, emoji or other signs.
    """
    text = check_text(value, field=field, most=50)
    if text and all("㐀" <= char <= "鿿" for char in text):
        return text
    text = "".join("·" if char in _JOINERS else char for char in unicodedata.normalize("NFC", text))
    text = " ".join(text.split())
    if any("㐀" <= char <= "鿿" for char in text):
        text = text.replace(" ", "")
    if not text:
        raise Invalid("missing", _("Please write your name."), field=field)
    if not all(unicodedata.category(c)[0] in "LM" or c in "·-'’ ." for c in text) or not any(c.isalpha() for c in text):
        raise Invalid(
            "bad_name", _("Please write the name as on the ID card: letters only, no digits or signs."), field=field
        )
    return text
