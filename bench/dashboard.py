"""Dashboards: any union or region with its 365-day trend over HTTP, at 57,768 and at 5,000,000 members.

Yardsticks in the same run: the same numbers counted live from one row a member in plain SQL, and the smallest page of
the same server. A data folder of its own (build/bench/dashboard) is made once and kept.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import statistics
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "bench" / "dashboard"
RESULT = ROOT / "bench" / "results" / "dashboard.json"
PORT = int(os.environ.get("NUANXIN_BENCH_PORT", "8847"))
CITY, SEED, LEAVES = "3715", 3715, 882
SIZES = (57_768, 5_000_000)
GROUPS = "courier food_delivery_rider ride_hailing_driver truck_driver domestic_worker care_worker security_guard other"
DOORS = "h5 poster wechat gov_app counter"
Row = tuple[date, str, str, str, str, int, int, int, int]


def main(*, quick: bool) -> int:
    """Measure, print the table, write the result, and end with one line of JSON."""
    figures = run(quick)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for name, value in figures.items():
        print(f"{name:42} {value}")
    print(json.dumps(figures))
    return 0


def run(quick: bool) -> dict[str, Any]:
    """Return the figures of one run; `quick` asks fewer times."""
    _install()
    rounds = 15 if quick else 60
    figures: dict[str, Any] = {}
    with _server() as cookie:
        figures["smallest_page_p50_ms"], figures["smallest_page_p95_ms"] = _ask(["/healthz"], cookie, rounds * 5)
        for members in SIZES:
            unions, regions = _places()
            began = time.perf_counter()
            rows = _load(members, [path for _code, path in unions], regions)
            figures[f"load_s_{members}"] = round(time.perf_counter() - began, 1)
            figures[f"day_rows_{members}"] = rows
            addresses = _addresses(unions, regions)
            figures[f"p50_ms_{members}"], figures[f"p95_ms_{members}"] = _ask(addresses, cookie, rounds)
            figures[f"requests_per_s_8_clients_{members}"] = _throughput(addresses, cookie, 3 if quick else 10)
            figures[f"live_ms_{members}"] = _live(members, unions, regions, 1 if quick else 5)
            ratio = figures[f"live_ms_{members}"] / figures[f"p50_ms_{members}"]
            figures[f"ratio_live_{members}"] = round(ratio, 1)
    small, large = (figures[f"p95_ms_{members}"] for members in SIZES)
    figures["p95_ms"], figures["ratio_sizes"] = max(small, large), round(large / small, 2)
    return figures


def _today() -> date:
    return datetime.now(tz=ZoneInfo("Asia/Shanghai")).date()


def _install() -> None:
    os.environ["NUANXIN_DATA"] = str(FOLDER)
    os.environ |= {
        "NUANXIN_DEMO": "1",
        "NUANXIN_DATABASE_ROLE": "owner",
        "NUANXIN_BASE_URL": f"http://127.0.0.1:{PORT}",
    }
    from django.db import transaction

    from nuanxin.operate import installation

    FOLDER.mkdir(parents=True, exist_ok=True)
    installation.make_keys()
    installation.start_database()
    installation.set_up()
    with transaction.atomic():
        _make_tree()


def _make_tree() -> None:
    """Make the unions of a city: a federation of 882, one for each county, township and every tenth village."""
    from django.utils import timezone

    from nuanxin.organizations.models import Union
    from nuanxin.organizations.states import UnionKind, UnionLevel
    from nuanxin.regions.models import Region

    if Union.objects.filter(code="B15").exists():
        return
    nation = Union.objects.get(parent=None)
    made: dict[str, Union] = {"": nation}

    def add(code: str, region: str, above: Union, kind: str, level: str) -> Union:
        union = Union(code=code, name=f"工会 {code}", kind=kind, level=level, parent=above, region_id=region)
        union.path, union.created_at = f"{above.path}{code}/", timezone.now()
        union.save(force_insert=True)
        return union

    regions = Region.objects.filter(code__startswith=CITY).order_by("code").values_list("code", flat=True)
    levels = {2: UnionLevel.PROVINCE, 4: UnionLevel.CITY, 6: UnionLevel.COUNTY, 9: UnionLevel.TOWNSHIP}
    for place, code in enumerate(["37", *regions]):
        if len(code) == 12 and place % 10:
            continue
        above = next(made[code[:n]] for n in (9, 6, 4, 2, 0) if n < len(code) and code[:n] in made)
        kind = UnionKind.FLEXIBLE if len(code) > 6 else UnionKind.FEDERATION
        made[code] = add(f"B{code[2:]}", code, above, kind, levels.get(len(code), UnionLevel.VILLAGE))
    federation = add("BNEW", CITY, made[CITY], UnionKind.NEW_EMPLOYMENT, UnionLevel.CITY)
    for number in range(LEAVES):
        add(f"BI{number:04d}", CITY, federation, UnionKind.INDUSTRY, UnionLevel.CITY)


def _places() -> tuple[list[tuple[str, str]], list[str]]:
    from nuanxin.organizations.models import Union
    from nuanxin.regions.models import Region

    leaves = Union.objects.filter(code__startswith="B").exclude(code__in=["B", "B15", "BNEW"])
    villages = Region.objects.filter(code__startswith=CITY, level=5).values_list("code", flat=True)
    return list(leaves.order_by("path").values_list("code", "path")), sorted(villages)


def _acts(members: int, paths: list[str], villages: list[str]) -> Iterator[Row]:
    """Give a year of admissions: one row a member for a city; for many members, fuller days."""
    chance = random.Random(SEED)
    today, groups, doors = _today(), GROUPS.split(), DOORS.split()
    rows = min(members, 150_000)
    each, rest = divmod(members, rows)
    for number in range(rows):
        count = each + (number < rest)
        day = today - timedelta(days=int(365 * chance.random() ** 1.3))
        refused = int(chance.random() < 0.06)
        place = chance.choice(paths), chance.choice(villages), chance.choice(groups), chance.choice(doors)
        yield (day, *place, count + refused, count, refused, count)


def _load(members: int, paths: list[str], villages: list[str]) -> int:
    from django.db import connection

    from nuanxin.insight.actions import load_tallies

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE insight_tallydelta, insight_tallyday, insight_tallytotal")
        load_tallies(_acts(members, paths, villages))
        for table in ("insight_tallyday", "insight_tallytotal"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SELECT count(*) FROM insight_tallyday")
        return int(cursor.fetchone()[0])


def _addresses(unions: list[tuple[str, str]], villages: list[str]) -> list[str]:
    """Return dashboards from the nation to a village, by union and by region, of a month and of a year."""
    chance = random.Random(SEED)
    codes = [chance.choice(unions)[0] for _ in range(6)] + ["B", "B15", "BNEW"]
    village = chance.choice(villages)
    found = [f"/desk/insight/union/{code}/" for code in codes]
    found += [f"/desk/insight/region/{village[:n]}/" for n in (2, 4, 6, 9, 12)] + ["/desk/insight/region/"]
    year = f"?since={_today() - timedelta(days=364)}&until={_today()}"
    return found + [address + year for address in found]


@contextmanager
def _server() -> Iterator[str]:
    """Serve as the product does, and give the cookie of a signed-in leader of the national federation."""
    from nuanxin.operate.processes import web_command

    cookie = _sign_in()
    environment = os.environ | {"NUANXIN_DATABASE_ROLE": "application"}
    process = subprocess.Popen(web_command(host="127.0.0.1", port=PORT, workers=2), env=environment, cwd=ROOT)
    try:
        for _ in range(150):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.2)
        yield cookie
    finally:
        process.terminate()
        process.wait(20)


def _sign_in() -> str:
    from allauth.mfa.totp.internal.auth import TOTP
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.utils import timezone

    from nuanxin.access.actions.session_store import SessionStore
    from nuanxin.access.models import Account, Post, Role
    from nuanxin.access.states import ROLES
    from nuanxin.organizations.models import Union
    from nuanxin.web.kit.sessions import PASSWORD

    name, name_en, permissions = ROLES["leader"]
    role, _new = Role.objects.get_or_create(
        code="leader", defaults={"name": name, "name_en": name_en, "permissions": sorted(permissions)}
    )
    account = Account.objects.filter(username="bench").first()
    if account is None:
        account = Account(username="bench", name="压测", created_at=timezone.now())
        account.set_unusable_password()
        account.save(force_insert=True)
        TOTP.activate(account, "JBSWY3DPEHPK3PXP")
        Post.objects.create(account=account, role=role, union=Union.objects.get(parent=None), valid_from=timezone.now())
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(account.pk), PASSWORD
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _get(connection: http.client.HTTPConnection, address: str, cookie: str) -> float:
    began = time.perf_counter()
    connection.request("GET", address, headers={"Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{address} answered {answer.status}")
    return (time.perf_counter() - began) * 1000


def _ask(addresses: list[str], cookie: str, rounds: int) -> tuple[float, float]:
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    for address in addresses * 2:
        _get(connection, address, cookie)
    times = sorted(_get(connection, address, cookie) for _ in range(rounds) for address in addresses)
    return round(statistics.median(times), 1), round(times[int(len(times) * 0.95)], 1)


def _throughput(addresses: list[str], cookie: str, seconds: float) -> float:
    until, done = time.perf_counter() + seconds, []

    def ask(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        number = first
        while time.perf_counter() < until:
            _get(connection, addresses[number % len(addresses)], cookie)
            number += 1
        done.append(number - first)

    threads = [threading.Thread(target=ask, args=[place]) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(done) / seconds, 1)


def _live(members: int, unions: list[tuple[str, str]], villages: list[str], rounds: int) -> float:
    """Count the city's dashboard from one row a member: trend, groups, doors and children, in plain SQL."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_member")
        cursor.execute(
            "CREATE UNLOGGED TABLE bench_member AS SELECT current_date - (365 * random() ^ 1.3)::int AS day, "
            "p.path, v.code, g.code AS group_code, d.code AS door_code FROM ("
            " SELECT 1 + (random() * (%(p)s - 1))::int AS p, 1 + (random() * (%(v)s - 1))::int AS v,"
            " 1 + (random() * 7)::int AS g, 1 + (random() * 4)::int AS d FROM generate_series(1, %(n)s)) r "
            "JOIN unnest(%(paths)s::text[]) WITH ORDINALITY p (path, n) ON p.n = r.p "
            "JOIN unnest(%(villages)s::text[]) WITH ORDINALITY v (code, n) ON v.n = r.v "
            "JOIN unnest(%(groups)s::text[]) WITH ORDINALITY g (code, n) ON g.n = r.g "
            "JOIN unnest(%(doors)s::text[]) WITH ORDINALITY d (code, n) ON d.n = r.d",
            {
                "n": members,
                "p": len(unions),
                "v": len(villages),
                "paths": [path for _code, path in unions],
                "villages": villages,
                "groups": GROUPS.split(),
                "doors": DOORS.split(),
            },
        )
        cursor.execute("VACUUM ANALYZE bench_member")
        times = [_time(lambda: _count_live(cursor)) for _ in range(rounds + 1)]
        cursor.execute("DROP TABLE bench_member")
    return round(statistics.median(times[1:]), 1)


def _count_live(cursor: Any) -> None:
    cursor.execute(
        "SELECT day, group_code, door_code, split_part(path, '/', 5), count(*) FROM bench_member "
        "WHERE starts_with(path, (SELECT path FROM organizations_union WHERE code = 'B15')) "
        "GROUP BY GROUPING SETS ((day), (group_code), (door_code), (split_part(path, '/', 5)))"
    )
    cursor.fetchall()


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
