"""What must not stand in the repository, and what must."""

from __future__ import annotations

import json
import os
import re
import tomllib

from .sources import ROOT, kept_files, python_files

_TEXT = {".py", ".md", ".txt", ".in", ".toml", ".json", ".html", ".js", ".mjs", ".css", ".po", ".sh", ".yml", ""}
_READ = r"(?:(?:text|flag|number|words|networks|get|getenv)\(|environ\[)"


def test_every_setting_of_the_environment_is_explained() -> None:
    explained = set(re.findall(r"`(NUANXIN_[A-Z_]+)`", (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")))
    used = set()
    for file in [*python_files("nuanxin", "tests", "demo", "bench"), *(ROOT / "bin").iterdir(), ROOT / ".ci" / "run"]:
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(_READ + r"\s*\"(NUANXIN_[A-Z_]+)\"", text))
        used |= set(re.findall(r"\$\{?(NUANXIN_[A-Z_]+)", text))
    assert "NUANXIN_DATA" in used
    assert used - explained == set()
    assert explained - used == set()


def test_the_front_end_lock_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    assert lock["packages"]
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    assert [name for name, entry in lock["packages"].items() if name and "integrity" not in entry] == []


def test_requirements_are_locked_with_hashes_and_name_no_host() -> None:
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        pins = re.findall(r"^([a-z0-9][\w.-]*)==[^\s]+.*\\$", text, flags=re.MULTILINE)
        assert len(pins) > 30
        assert text.count("--hash=sha256:") >= len(pins)
        assert re.findall(r"https?://|file:|^-|--index|--find-links", text, flags=re.MULTILINE) == []


def test_the_tests_run_the_versions_of_the_product() -> None:
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        return dict(re.findall(r"^([a-z0-9][\w.-]*)==(\S+)", text, flags=re.MULTILINE))

    run, dev = pins("run"), pins("dev")
    assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


def test_no_path_of_one_machine_stands_in_the_repository() -> None:
    home = os.path.expanduser("~")  # noqa: PTH111 - the text, not the folder
    wanted = re.compile(rf"{re.escape(str(ROOT))}(?=[/\s\"'`]|$)|{re.escape(home)}/|/home/\w+/")
    wrong = []
    for file in kept_files():
        if file.suffix in _TEXT and file.name != "package-lock.json" and file.stat().st_size < 2_000_000:
            text = file.read_text(encoding="utf-8", errors="replace")
            wrong += [f"{file.relative_to(ROOT)}: {found}" for found in wanted.findall(text)]
    assert wrong == []


def test_every_file_ends_with_one_line_end() -> None:
    texts = {file: file.read_bytes() for file in kept_files() if file.suffix in _TEXT - {""}}
    wrong = [file for file, text in texts.items() if text and (not text.endswith(b"\n") or b"\r\n" in text)]
    assert [str(file.relative_to(ROOT)) for file in wrong] == []


def test_the_project_asks_for_the_python_it_is_locked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["ruff"]["target-version"] == "py311"
