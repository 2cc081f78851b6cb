"""What import contracts cannot see: keys to a higher floor by their names, and accessors that reach up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model

from .sources import FLOORS, LEVELS, ROOT, python_files

_NEVER = {"common", "utils", "services", "helpers", "base", "signals"}


def _floor(model: type[Model]) -> str | None:
    parts = model.__module__.split(".")
    return parts[1] if parts[0] == "nuanxin" else None


def _keys() -> list[tuple[str, str, str, Any]]:
    found = []
    for model in apps.get_models():
        source = _floor(model)
        for field in model._meta.local_fields + model._meta.local_many_to_many:
            if source and field.is_relation and field.related_model and isinstance(field.related_model, type):
                target = _floor(field.related_model)
                if target:
                    found.append((f"{model._meta.label}.{field.name}", source, target, field))
    return found


def test_there_are_keys_to_look_at() -> None:
    assert len(_keys()) > 20


def test_no_key_points_to_a_higher_floor() -> None:
    assert [label for label, source, target, _ in _keys() if LEVELS[target] > LEVELS[source]] == []


def test_floors_of_the_same_height_are_blind_to_each_other() -> None:
    wrong = [label for label, source, target, _ in _keys() if source != target and LEVELS[target] == LEVELS[source]]
    assert wrong == []


def test_keys_to_a_lower_floor_give_it_no_way_up() -> None:
    wrong = [
        label
        for label, source, target, field in _keys()
        if source != target and not str(field.remote_field.related_name or "").endswith("+")
    ]
    assert wrong == []


def test_packages_and_modules_have_names_of_their_subject() -> None:
    for file in python_files("nuanxin"):
        names = {part.removesuffix(".py") for part in file.relative_to(ROOT).parts}
        if "backend" in names:
            names.discard("base")  # the name under which Django looks for an engine's wrapper
        assert not names & _NEVER, file


def test_every_floor_says_what_it_owns() -> None:
    for floor in FLOORS:
        text = (ROOT / "nuanxin" / floor / "__init__.py").read_text(encoding="utf-8")
        assert text.lstrip().startswith('"""'), floor
        assert len(text) > 60, floor


def test_doors_do_not_ask_models() -> None:
    wrong = [
        str(file.relative_to(ROOT))
        for file in python_files("nuanxin")
        if file.relative_to(ROOT).parts[1] == "web" and re.search(r"\.objects\b", file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_signals_carry_our_own_flow() -> None:
    wrong = [
        str(file.relative_to(ROOT))
        for file in python_files("nuanxin")
        if re.search(r"@receiver|\bpost_save\b|\bpre_save\b", file.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.django_db
def test_models_and_migrations_agree(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
