"""The log of erasures outside the database: what a restored backup must forget again.

A backup made before an erasure holds the person and the key. So each erasure is also a line of a file beside the keys,
which is kept apart from the backups, as the keys are; a restore reads it and erases again. It holds ids, no values.
"""

from __future__ import annotations

import fcntl
import json
import os
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nuanxin.records.models import Erasure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FILE: Final = "erasures.jsonl"


def log_file() -> Path:
    """Return where the log lies: beside the keys."""
    return Path(settings.NUANXIN_KEYS_FILE).with_name(FILE)


def keep_outside(lines: Iterable[Erasure]) -> None:
    """Append erasures of persons to the log once this transaction is certain."""
    texts = [_text(line) for line in lines if line.subject_id is not None]
    if texts:
        transaction.on_commit(partial(_append, texts))


def complete_log() -> int:
    """Add to the log what a crash between commit and file left out; return how many lines."""
    known = {line["id"] for line in read_log(log_file())}
    missing = [
        _text(line)
        for line in Erasure.objects.exclude(subject_id=None).order_by("at", "pk").iterator(chunk_size=2000)
        if str(line.pk) not in known
    ]
    if missing:
        _append(missing)
    return len(missing)


def read_log(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of a log; a last line that a crash cut short is left out. A file that is not there is empty."""
    if not file.exists():
        return
    with file.open(encoding="utf-8") as opened:
        for text in opened:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            yield {**line, "subject_id": UUID(line["subject_id"]), "at": datetime.fromisoformat(line["at"])}


def _text(line: Erasure) -> str:
    kept = {
        "id": str(line.pk),
        "at": line.at.isoformat(),
        "subject_type": line.subject_type,
        "subject_id": str(line.subject_id),
        "rule": line.rule,
    }
    return json.dumps(kept) + "\n"


def _append(texts: list[str]) -> None:
    descriptor = os.open(log_file(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("".join(texts))
        file.flush()
        os.fsync(file.fileno())
