"""Results are kept, compared and shown as measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import report
from bench.people import bodies
from bench.report import Result, percentile, publish
from nuanxin.kernel.identifiers import parse_phone, parse_resident_id
from nuanxin.kernel.text import person_name
from tests.factories import NOW


def test_a_ratio_is_that_of_the_medians() -> None:
    result = Result("x", "work", "must")
    result.add("yardstick", "rows/s", [100, 200, 900])
    line = result.add("ours", "rows/s", [50, 40, 10], "yardstick")
    assert result.ratio(line) == 0.2
    assert result.ratio(result.add("alone", "s", [1])) is None


def test_percentiles_lie_within_the_values() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert percentile(values, 0.5) == 51
    assert percentile(values, 0.99) == 100
    assert percentile([7.0], 0.99) == 7


def test_publishing_keeps_figures_and_rewrites_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "PAGE", tmp_path / "RESULTS.md")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "flat.json").write_text('{"p95_ms": 12.5}')
    result = Result("x", "Some work.", "fast", figures={"joins_per_s": 7})
    result.add("ours", "joins/s", [6, 7, 8])
    assert publish(result, quick=True) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"joins_per_s": 7}
    page = (tmp_path / "RESULTS.md").read_text()
    assert "| ours | joins/s | 6 | 7 | 8 |" in page
    assert "| p95_ms | 12.5 |" in page


def test_people_to_apply_are_well_formed_and_differ() -> None:
    made = [json.loads(body) for body in bodies(300, regions=["371502001001"], door="api", consent_version="1")]
    for person in made:
        assert parse_resident_id(person["id_number"], on=NOW.date()).number == person["id_number"]
        assert parse_phone(person["phone"]).startswith("1540")
        assert person_name(person["name"]) == person["name"]
    assert len({person["phone"] for person in made}) == 300
    assert len({person["id_number"] for person in made}) == 300
