"""The files of the repository, as the house rules see them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = [
    "kernel",
    "records",
    "messages",
    "regions",
    "organizations",
    "access",
    "members",
    "formation",
    "catalog",
    "benefits",
    "insight",
    "web",
]
LEVELS = {"kernel": 0, "records": 1, "messages": 1, "regions": 2, "organizations": 3, "access": 4, "members": 5}
LEVELS |= {"formation": 6, "catalog": 6, "bookings": 6, "activities": 7, "benefits": 7, "insight": 8, "web": 9}


def kept_files() -> list[Path]:
    """Return what is or would be kept in the repository: neither built nor ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def python_files(*folders: str) -> list[Path]:
    """Return our modules, without migrations, which are written by machine."""
    return [
        file
        for file in kept_files()
        if file.suffix == ".py" and "migrations" not in file.parts and file.relative_to(ROOT).parts[0] in folders
    ]


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method of a module."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
