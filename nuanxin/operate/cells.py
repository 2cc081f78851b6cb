"""Commands of cells: introduce this one, keep the directory's list, and enter the members of before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable


def add_commands(add: Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]) -> None:
    """Add the commands to the command line."""
    cell = add("cell", _cell, "Introduce this cell to the directory, compare its numbers, or enter its members.")
    cell.add_argument("act", choices=("introduce", "compare", "enter"))
    cell.add_argument("--name", default="", help="what this cell is called, such as 聊城市")
    directory = add("directory", _directory, "Keep the directory of cells: its key, and who takes part.")
    directory.add_argument("act", choices=("point", "add", "close", "list"))
    directory.add_argument("what", nargs="?", default="", help="add: file of an introduction; close: a cell's code")


def _cell(chosen: argparse.Namespace) -> int:
    from nuanxin.operate import installation

    installation.boot()
    from nuanxin.members.actions.cells.entering import enter_members
    from nuanxin.members.actions.cells.registry import introduction
    from nuanxin.members.queries.cells import counted_here, not_entered, own_code, provisional_here

    with installation.database():
        if chosen.act == "introduce":
            print(introduction(name=chosen.name or own_code()))
            return 0
        if chosen.act == "enter":
            from nuanxin.members.tasks.cells import ask_about

            done = enter_members(ask=ask_about, tell=lambda count: print(f"{count} members entered.", flush=True))
            print(f"{done.granted} counted here; {done.elsewhere} held elsewhere and counted here no more.")
        print(f"Counted here: {counted_here()}. Provisional: {provisional_here()}. Not entered yet: {not_entered()}.")
    return 0


def _directory(chosen: argparse.Namespace) -> int:
    from nuanxin.operate import installation

    installation.boot()
    from django.utils import timezone

    from nuanxin.members.actions.cells.registry import cells_as_text, close_cell, directory_point, register_cell
    from nuanxin.members.queries.cells import counted_by_directory

    with installation.database():
        if chosen.act == "point":
            print(directory_point())
        elif chosen.act == "add":
            cell = register_cell(introduction=Path(chosen.what).read_text(encoding="utf-8"))
            print(f"{cell.code} {cell.name} {cell.address} takes part.")
        elif chosen.act == "close":
            close_cell(code=chosen.what, now=timezone.now())
            print(f"{chosen.what} is believed no more.")
        else:
            print(cells_as_text())
            print(f"People counted, each in one cell: {counted_by_directory()}")
    return 0
