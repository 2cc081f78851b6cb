"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

from .sources import ROOT, functions, python_files

FILE, FUNCTION, SETTINGS, WIRING = 400, 50, 250, 80


def test_no_module_is_longer_than_400_lines() -> None:
    counted = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in _all()}
    assert {str(file.relative_to(ROOT)): lines for file, lines in counted.items() if lines > FILE} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{file.relative_to(ROOT)}:{node.name}": node.end_lineno - node.lineno + 1
        for file in _all()
        for node in functions(file)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > FUNCTION
    }
    assert long == {}


def test_settings_and_wiring_stay_one_page() -> None:
    for name, budget in (("settings.py", SETTINGS), ("wiring.py", WIRING)):
        file = ROOT / "nuanxin" / name
        if file.exists():
            assert len(file.read_text(encoding="utf-8").splitlines()) <= budget, name


def test_every_public_action_and_query_says_what_it_does() -> None:
    silent = []
    for file in python_files("nuanxin"):
        parts = file.relative_to(ROOT / "nuanxin").with_suffix("").parts
        if len(parts) < 2 or parts[1] not in {"actions", "queries", "rules"}:
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        silent += [
            f"{'.'.join(parts)}.{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
        ]
    assert silent == []


def _all() -> list[Path]:
    return python_files("nuanxin", "tests", "demo", "bench")
