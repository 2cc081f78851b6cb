"""xls, the binary format before 2007: read in a process of its own with bounded memory.

The library builds the whole sheet up to its farthest cell, and a file of a few kilobytes may claim four billion cells.
The child may take so much memory and time and no more; if it fails, the file is refused and nothing else happens.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.refusals import Invalid
from nuanxin.kernel.tables.findings import Finding
from nuanxin.kernel.tables.parts import damaged
from nuanxin.kernel.tables.workbook import Source, number_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = tuple[int, tuple[str, ...]]

_CHILD: Final = Path(__file__).with_name("old_child.py")


def open_old(path: Path) -> Source:
    """Open an .xls file: the first sheet that is shown.

    :raises Invalid: a password, another kind of document, or damaged.
    """
    told = next(_told(path, most=0))
    findings = [Finding("old_format")]
    if told["merged"]:
        ranges = [_range(merge) for merge in told["merged"]]
        more = " …" if len(ranges) > 5 else ""
        findings.append(Finding("merged_cells", len(ranges), detail=", ".join(ranges[:5]) + more))
    if told["sheets"] > 1:
        findings.append(Finding("other_sheets", told["sheets"] - 1, detail=told["sheet"][:60]))
    return Source("xls", "", told["height"], tuple(findings), lambda: _rows(path))


def _range(merge: list[list[int]]) -> str:
    return ":".join(f"{_letters(column)}{line + 1}" for line, column in merge)


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _rows(path: Path) -> Iterator[Row]:
    told = _told(path, most=-1)
    head = next(told)
    first = head["first"]
    for offset, cells in enumerate(told):
        yield first + offset + 1, tuple(number_text(cell) for cell in cells)


def _told(path: Path, *, most: int) -> Iterator[Any]:
    """Give what the child says: first what the file is, then its rows.

    :param most: rows to give, -1 for all.
    """
    command = [sys.executable, "-I", str(_CHILD), str(path), str(most)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            assert child.stdout is not None
            for line in child.stdout:
                said = json.loads(line)
                if isinstance(said, str):
                    raise _refusal(said)
                yield said
            if child.wait() != 0:
                raise damaged()
        finally:
            child.kill()


def _refusal(code: str) -> Invalid:
    if code == "password":
        return Invalid("password", _("This file has a password. Please upload it without one."), field="file")
    if code == "wrong_type":
        return Invalid(
            "wrong_type",
            _("This is an old document, but not a table. Please save the list as .xlsx and upload that."),
            field="file",
        )
    return damaged()
