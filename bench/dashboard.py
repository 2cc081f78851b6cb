"""Dashboards: any union or region of a province with its 365-day trend over HTTP, at 60,000, 1 M and 5 M members.

Yardsticks in the same run: the smallest page of the same server, and the same numbers counted live from one row a
member in plain SQL. The tallies of each size are made once by `bench.crowd.population` and kept in a data folder of
their own (build/bench/dashboard); `NUANXIN_BENCH_SIZES=60000,1000000` leaves a size out.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bench.crowd import stand as crowd
from bench.load import drive
from bench.report import Result, percentile, publish
from bench.search import serving
from bench.stand import Stand, data_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.crowd.province import Province

SIZES = tuple(int(size) for size in os.environ.get("NUANXIN_BENCH_SIZES", "60000,1000000,5000000").split(","))
SEED, DAYS = 3715, 365
SMALLEST = "smallest page"
_TABLES = ("insight_tallyday", "insight_tallytotal")


def main(*, quick: bool) -> int:
    """Measure and publish."""
    result = Result(
        "dashboard",
        "Any union or region of a province with its 365-day trend, whole page over HTTP, 1 and 8 clients.",
        "p95 ≤ 50 ms and within 1.3 × of each other",
    )
    crowd.boot(data_folder("dashboard"))
    from bench.crowd.province import Province, cadre
    from nuanxin.operate import installation

    installation.set_up()
    with crowd.resting(data_folder("dashboard")):
        province = Province.known()
        for members in SIZES:
            _make(province, members)
        cookie = cadre("leader")
        with serving(data_folder("dashboard")) as stand:
            _measure(result, stand, province, cookie, quick=quick)
    return publish(result, quick=quick)


def _measure(result: Result, stand: Stand, province: Province, cookie: str, *, quick: bool) -> None:
    seconds = 3.0 if quick else 20.0
    addresses = _addresses(province)

    def run(paths: list[str], clients: int, length: float) -> tuple[list[float], float]:
        plan = {"host": stand.host, "port": stand.port, "clients": clients, "seconds": length}
        measured = drive(plan | {"asks": [[path, cookie] for path in paths]})
        if measured["faults"]:
            raise RuntimeError(f"Not every dashboard came: {measured['faults']}")
        return [1000 * each for each in measured["times"]["bare"]], len(measured["times"]["bare"]) / measured["seconds"]

    result.add(SMALLEST, "ms", [statistics.median(run(["/healthz"], 1, 1.0)[0])])
    figures: dict[str, Any] = {}
    for members in SIZES:
        _show(members)
        run(addresses, 1, 2.0)
        times, _rate = run(addresses, 1, seconds)
        name = f"{members:,} members"
        figures[f"p50_ms_{members}"] = round(statistics.median(times), 1)
        figures[f"p95_ms_{members}"] = round(percentile(times, 0.95), 1)
        live = _live(members, 1 if quick else 5)
        result.add(f"counted live, {name}", "ms", live)
        result.add(f"p50, {name}", "ms", [figures[f"p50_ms_{members}"]], f"counted live, {name}")
        result.add(f"p95, {name}", "ms", [figures[f"p95_ms_{members}"]], SMALLEST)
        figures[f"requests_per_s_{members}"] = round(run(addresses, 8, seconds)[1], 1)
        result.add(f"8 clients, {name}", "requests/s", [figures[f"requests_per_s_{members}"]])
        figures[f"ratio_live_{members}"] = round(statistics.median(live) / figures[f"p50_ms_{members}"], 1)
        result.notes.append(f"{name}: {_count('insight_tallyday'):,} rows of days.")
    worst = [figures[f"p95_ms_{members}"] for members in SIZES]
    figures["p95_ms"], figures["ratio_sizes"] = max(worst), round(max(worst) / min(worst), 2)
    result.figures = figures


def _today() -> date:
    return datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()


def _sql(statement: str, *values: Any) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def _count(table: str) -> int:
    return int(_sql(f"SELECT count(*) FROM {table}")[0][0])


def _make(province: Province, members: int) -> None:
    """Count a year of admissions into tallies, and keep them and one row a member, unless that has been done."""
    if _sql("SELECT to_regclass(%s)", f"bench_ready_{members}")[0][0]:
        return
    from bench.crowd.population import Population
    from nuanxin.insight.actions import load_tallies

    began = time.perf_counter()
    for table in ("insight_tallydelta", *_TABLES):
        _sql(f"TRUNCATE {table}")
    people = Population(
        places=province.places, firms=[], counties=province.counties, home=province.home, today=_today()
    )  # fmt: skip
    # a month at a time: one row of an act is counted in some thirty places at once
    for _month, acts in groupby(people.acts(members, days=DAYS), key=lambda act: act[0].replace(day=1)):
        load_tallies(acts)
    for table in _TABLES:
        _sql(f"DROP TABLE IF EXISTS bench_{table}_{members}")
        _sql(f"CREATE UNLOGGED TABLE bench_{table}_{members} AS SELECT * FROM {table}")
    _make_members(members)
    _sql(f"CREATE TABLE bench_ready_{members} AS SELECT 1 AS ready")
    print(f"{members:,} members counted in {time.perf_counter() - began:.0f} s", flush=True)


def _make_members(members: int) -> None:
    """Make one row a member, for the numbers to be counted live."""
    _sql(f"DROP TABLE IF EXISTS bench_member_{members}")
    _sql(
        f"CREATE UNLOGGED TABLE bench_member_{members} AS "
        "SELECT current_date - (365 * random() ^ 1.3)::int AS day, u.path, g.code AS group_code, d.code AS door_code "
        f"FROM (SELECT 1 + (random() * (SELECT count(*) - 1 FROM organizations_union))::int AS u, "
        "1 + (random() * 8)::int AS g, 1 + (random() * 4)::int AS d "
        f"FROM generate_series(1, {members})) r "
        "JOIN (SELECT path, row_number() OVER () AS n FROM organizations_union) u ON u.n = r.u "
        "JOIN (SELECT code, row_number() OVER () AS n FROM organizations_occupationgroup) g ON g.n = r.g "
        "JOIN (SELECT code, row_number() OVER () AS n FROM organizations_door) d ON d.n = r.d"
    )
    _sql(f"VACUUM ANALYZE bench_member_{members}")


def _show(members: int) -> None:
    """Put the tallies of a size where the pages look for them."""
    for table in _TABLES:
        _sql(f"TRUNCATE {table}")
        _sql(f"INSERT INTO {table} SELECT * FROM bench_{table}_{members}")
        _sql(f"VACUUM ANALYZE {table}")


def _addresses(province: Province) -> list[str]:
    """Return dashboards from the nation to a village, by union and by region, of a month and of a year."""
    chance = random.Random(SEED)
    village = chance.choice(province.places[0].villages)
    codes = ["C37", "C3715", "N3715", "C371502", "C371502001", "T3715020"]
    codes += [place.path.strip("/").split("/")[-1] for place in chance.sample(province.places, 6)]
    known = {code for (code,) in _sql("SELECT code FROM organizations_union WHERE code = ANY(%s)", codes)}
    found = [f"/desk/insight/union/{code}/" for code in codes if code in known]
    found += [f"/desk/insight/region/{village[:n]}/" for n in (2, 4, 6, 9, 12)] + ["/desk/insight/region/"]
    year = f"?since={_today() - timedelta(days=364)}&until={_today()}"
    return found + [address + year for address in found]


def _live(members: int, rounds: int) -> list[float]:
    """Count the province's dashboard from one row a member: trend, groups, doors and children, in plain SQL."""
    statement = (
        f"SELECT day, group_code, door_code, split_part(path, '/', 4), count(*) FROM bench_member_{members} "
        "WHERE starts_with(path, (SELECT path FROM organizations_union WHERE code = 'C37')) "
        "GROUP BY GROUPING SETS ((day), (group_code), (door_code), (split_part(path, '/', 4)))"
    )
    return [_time(lambda: _sql(statement)) for _ in range(rounds + 1)][1:]


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
