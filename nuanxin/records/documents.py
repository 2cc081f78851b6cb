"""Documents: a Typst template and plain data become a PDF, or a picture of its pages.

Templates lie in `templates_typst`; each reads its data with `#let data = json(bytes(sys.inputs.data))`. Rendering is a
pure function of both: the same data give the same document.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pylopdf_fonts_zh_cn
import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES: Final = Path(__file__).resolve().parent / "templates_typst"


@cache
def _fonts() -> typst.Fonts:
    """Return the Chinese fonts of the package, read once: those of the machine are not asked, so all look the same."""
    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(folder)])


def render(template: str, data: Mapping[str, Any]) -> bytes:
    """Return a document as PDF.

    :param template: name of a file in `templates_typst` without its ending.
    :param data: what JSON can hold; drawings go in as SVG text.
    """
    return _compile(template, data, format="pdf")


def render_png(template: str, data: Mapping[str, Any], *, dots_per_inch: int = 144) -> bytes:
    """Return a document of one page as a PNG picture."""
    return _compile(template, data, format="png", ppi=float(dots_per_inch))


def _compile(template: str, data: Mapping[str, Any], **options: Any) -> bytes:
    path = TEMPLATES / f"{template}.typ"
    text = json.dumps(data, ensure_ascii=False, default=str)
    made: bytes = typst.compile(
        str(path), root=str(TEMPLATES), font_paths=_fonts(), sys_inputs={"data": text}, **options
    )
    return made
