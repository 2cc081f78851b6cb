"""The retention register as data: the documentation shows it, the log outside holds ids, and rows end by their age."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from nuanxin.kernel.ids import new_id
from nuanxin.messages.models import Notice
from nuanxin.records.actions.erasing import forget_aged
from nuanxin.records.actions.logbook import complete_log, log_file, read_log
from nuanxin.records.models import Erasure
from nuanxin.records.retention import aged, register
from tests.factories import NOW
from tests.factories.members import make_member
from tests.factories.organizations import make_tree

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_documentation_shows_every_line() -> None:
    text = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    missing = [
        f"{line.model}: {', '.join(line.names)}"
        for line in register()
        if f"| {line.model} | {', '.join(line.names)} | {line.purpose} | {line.keep} | {line.erase} |" not in text
    ]
    assert missing == []


def test_rules_have_names_of_their_own() -> None:
    codes = [line.due.code for line in register() if line.due]
    assert len(codes) == len(set(codes)) == len(aged())


def _notice(days: int) -> None:
    Notice.objects.create(
        account_id=new_id(), template="x", values={}, fact=str(days), created_at=NOW - timedelta(days=days)
    )


@pytest.mark.django_db
def test_rows_end_by_their_own_age_in_batches_and_are_counted() -> None:
    for days in (500, 400, 366, 364):
        _notice(days)
    assert forget_aged(now=NOW, most=2, codes=["notices"]) == {"notices": 3}
    assert [int(row.fact) for row in Notice.objects.all()] == [364]
    assert sorted(Erasure.objects.values_list("rule", "rows")) == [("notices", 1), ("notices", 2)]
    assert forget_aged(now=NOW, codes=["notices"]) == {"notices": 0}


def _line(**fields: object) -> Erasure:
    return Erasure.objects.create(at=NOW, subject_type="members.worker", rule="x", fields=[], **fields)


@pytest.mark.django_db
def test_the_log_outside_is_completed_and_read_past_a_torn_line(settings: Settings, tmp_path: Path) -> None:
    settings.NUANXIN_KEYS_FILE = tmp_path / "nuanxin.keys"
    lines = [_line(subject_id=new_id()) for _ in range(3)]
    _line(subject_id=None, rows=7)
    assert complete_log() == 3
    assert complete_log() == 0
    with log_file().open("a") as file:
        file.write('{"id": "torn')
    assert [line["subject_id"] for line in read_log(log_file())] == [line.subject_id for line in lines]
    assert set(json.loads(log_file().read_text().splitlines()[0])) == {"id", "at", "subject_type", "subject_id", "rule"}
    assert list(read_log(tmp_path / "none")) == []


@pytest.mark.django_db
def test_an_erased_row_is_empty_or_the_database_refuses() -> None:
    worker = make_member(union=make_tree().couriers).worker
    for changes in ({"erased_at": NOW}, {"sealed_key": b""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(worker).objects.filter(pk=worker.pk).update(**changes)
