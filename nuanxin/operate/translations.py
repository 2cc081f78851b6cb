"""Translations: many small source files, one compiled catalog, and the check that nothing is left in English.

Each area keeps its entries in `nuanxin/locale/src/<area>.po`; they are merged and compiled without GNU gettext.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent.parent
LOCALE = ROOT / "nuanxin" / "locale"
SOURCES = LOCALE / "src"
CATALOG = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"
CODE = ("nuanxin", "demo")

# name of the function: where its text, plural and context stand among the arguments
_FUNCTIONS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "N_"), (0, None, None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (0, 1, None)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), (1, None, 0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), (1, 2, 0)),
}


@dataclass(frozen=True)
class Message:
    """A text somebody reads, and where it stands."""

    text: str
    context: str | None
    place: str


class TranslationError(RuntimeError):
    """Two files translate the same text differently."""


def merge() -> polib.POFile:
    """Merge all source files into one catalog.

    :raises TranslationError: two files give one text two translations.
    """
    catalog = polib.POFile(wrapwidth=120)
    catalog.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Language": "zh_Hans",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    known: dict[tuple[str | None, str], tuple[polib.POEntry, str]] = {}
    for file in sorted(SOURCES.glob("*.po")):
        for entry in polib.pofile(str(file), encoding="utf-8"):
            if entry.obsolete:
                continue
            key = (entry.msgctxt, entry.msgid)
            if key in known:
                before, where = known[key]
                if (before.msgstr, before.msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                    raise TranslationError(f"{entry.msgid!r} is translated differently in {where} and {file.name}.")
                continue
            known[key] = (entry, file.name)
            catalog.append(entry)
    return catalog


def compile_catalogs(*, force: bool = False) -> bool:
    """Write django.po and django.mo when a source is newer; tell whether it did."""
    compiled = CATALOG.with_suffix(".mo")
    files = [*SOURCES.glob("*.po"), SOURCES] if SOURCES.exists() else []
    if not files:
        return False
    if not force and compiled.exists() and compiled.stat().st_mtime >= max(file.stat().st_mtime for file in files):
        return False
    catalog = merge()
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(CATALOG))
    unfinished = compiled.with_suffix(".new")
    catalog.save_as_mofile(str(unfinished))
    unfinished.replace(compiled)
    return True


def missing() -> list[Message]:
    """Name the texts of code and templates that have no Chinese."""
    translated = {
        (entry.msgctxt, entry.msgid) for entry in merge() if entry.msgstr or any(entry.msgstr_plural.values() or [""])
    }
    found = {(message.context, message.text): message for message in extract()}
    return [message for key, message in found.items() if key not in translated]


def broken() -> list[str]:
    """Name the translations whose placeholders are not those of the original: they would fail or print a gap."""
    faults = []
    for entry in merge():
        wanted = _placeholders(entry.msgid) | _placeholders(entry.msgid_plural)
        given = [entry.msgstr] if entry.msgstr else list(entry.msgstr_plural.values())
        faults += [entry.msgid for text in given if not _placeholders(text) <= wanted]
        if not entry.msgid_plural:
            faults += [entry.msgid for text in given if wanted - _placeholders(text)]
    return faults


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]|(?<!%)%[sd]|\{\w*\}", text))


def extract() -> Iterator[Message]:
    """Yield every text to be translated in the code and the templates."""
    for folder in CODE:
        for file in sorted((ROOT / folder).rglob("*.py")):
            place = str(file.relative_to(ROOT))
            yield from _from_code(file.read_text(encoding="utf-8"), place)
        for file in sorted((ROOT / folder).rglob("templates/**/*")):
            if file.suffix in {".html", ".txt", ".typ", ".svg"}:
                place = str(file.relative_to(ROOT))
                yield from _from_template(file.read_text(encoding="utf-8"), place)


def _from_code(source: str, place: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in _FUNCTIONS:
            continue
        at, _plural, context_at = _FUNCTIONS[name]
        text = _constant(node, at)
        if text:
            context = None if context_at is None else _constant(node, context_at)
            yield Message(text, context, f"{place}:{node.lineno}")


def _constant(node: ast.Call, index: int) -> str | None:
    if index >= len(node.args):
        return None
    argument = node.args[index]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _from_template(source: str, place: str) -> Iterator[Message]:
    """Let Django turn the template into the Python that its own extraction reads."""
    from django.utils.translation.template import templatize

    for line, text in enumerate(templatize(source, origin=place).splitlines(), start=1):
        for call in re.finditer(r"\b(_|n?p?gettext)\(", text):
            found = _call(text[call.start() :])
            if found is not None:
                yield from (Message(m.text, m.context, f"{place}:{line}") for m in _from_code(found, place))


def _call(text: str) -> str | None:
    depth = 0
    for end, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and character == ")":
            try:
                ast.parse(text[: end + 1])
            except SyntaxError:
                continue
            return text[: end + 1]
    return None
