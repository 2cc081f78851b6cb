"""Kill -9 of the database, the web server and the worker under a load of joins: what was acknowledged is there.

`NUANXIN_KILLS=100` kills a hundred times: ten to thirteen minutes on a busy machine, for each start takes its time.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.postgres import cluster
from tests.factories.members import make_fields

KILLS = int(os.environ.get("NUANXIN_KILLS", "9"))
pytestmark = [pytest.mark.full, pytest.mark.timeout(300 + 25 * KILLS)]
ROOT = Path(__file__).resolve().parent.parent.parent
#: One for each worker: two installations at one port would each be taken for the other.
PORT = 8990 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
NATION = "CN000000"
#: Each acknowledged act has all its rows, and no row stands alone.
WHOLE = """
SELECT (SELECT count(*) FROM members_application WHERE state = 'approved'),
       (SELECT count(*) FROM members_membership), (SELECT count(*) FROM members_worker),
       (SELECT count(*) FROM members_card), (SELECT count(*) FROM members_membershipentry),
       (SELECT count(*) FROM members_applicationact WHERE act = 'approved'),
       (SELECT count(*) FROM records_auditentry WHERE action = 'members.application_approved'),
       (SELECT coalesce(sum(active), 0) FROM insight_tallydelta)
         + (SELECT coalesce(sum(active), 0) FROM insight_tallytotal WHERE scope = 'r:' AND slice = '')
"""


@dataclass
class Load:
    """Clients that join people one after the other, and remember what was acknowledged."""

    client_key: str
    reviewer_key: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Join people until told to stop; a lost answer is asked for again with the same key."""
        while not self.stop.is_set():
            raw = make_fields(region_code="371502001") | {"door": "", "consent_version": CONSENT_VERSION}
            sent = self.ask("POST", "/applications", self.client_key, raw, key=str(uuid4()), wanted=(201,))
            if sent is None:
                continue
            number = sent["number"]
            with self.lock:
                self.acknowledged[number] = "submitted"
            path = f"/applications/{number}/decision"
            decided = self.ask("POST", path, self.reviewer_key, {"decision": "approve"}, wanted=(200, 409))
            if decided is not None:
                with self.lock:
                    self.acknowledged[number] = "approved"

    def ask(
        self, method: str, path: str, token: str, body: Any = None, *, key: str = "", wanted: tuple[int, ...] = (200,)
    ) -> Any:
        """Ask until there is an answer that acknowledges, or the load stops."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
        while not self.stop.is_set():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
                connection.request(method, f"/api/v1{path}", json.dumps(body) if body else None, headers)
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
                continue
            if answer.status in wanted:
                return json.loads(content)
            time.sleep(0.1)
        return None


def run_cli(data: Path, *words: str) -> str:
    environment = os.environ | {"NUANXIN_DATA": str(data)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "nuanxin.cli", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def wait_until_ready() -> None:
    for _try in range(3000):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError("not ready again after five minutes")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    environment = os.environ | {"NUANXIN_DATA": str(tmp_path / "data")}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, "-m", "nuanxin.cli", "demo", "--empty", "--port", str(PORT)]
    command += ["--data", str(tmp_path / "data")]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        wait_until_ready()
        yield tmp_path / "data"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=120)


def victim(data: Path, turn: int) -> int:
    """Return the process id of the database server, the web server or the worker, by turns; waits for a restart."""
    for _try in range(300):
        if turn % 3 == 0:
            found = cluster.postmaster(cluster.find(data))
        else:
            children = json.loads((data / "processes.json").read_text() or "{}")
            found = children.get(("web server", "background worker 1")[turn % 3 - 1])
        if found is not None:
            return int(found)
        time.sleep(0.1)
    raise AssertionError("nothing to kill for half a minute")


def test_acknowledged_acts_survive_and_there_is_no_half_act(data: Path) -> None:
    load = Load(
        run_cli(data, "token", "--client", "load"),
        run_cli(data, "token", "--post", "reviewer", "--union", NATION),
    )
    threads = [Thread(target=load.run) for _number in range(4)]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    for turn in range(KILLS):
        time.sleep(1.2)
        os.kill(victim(data, turn), signal.SIGKILL)
        time.sleep(0.4)
        wait_until_ready()
    time.sleep(2)
    load.stop.set()
    for thread in threads:
        thread.join()
    with psycopg.connect(cluster.find(data).dsn(user=cluster.APPLICATION)) as connection:
        states: dict[str, str] = dict(connection.execute("SELECT number, state FROM members_application").fetchall())
        counts = connection.execute(WHOLE).fetchone()
    recount = "from nuanxin.insight.queries import recount; print(recount())"
    mismatches = run_cli(data, "django", "shell", "--no-imports", "-c", recount)
    approved = {number for number, state in load.acknowledged.items() if state == "approved"}
    print(f"{KILLS} kills in {time.monotonic() - began:.0f} s: {len(load.acknowledged)} applications and")
    print(f"{len(approved)} approvals acknowledged; applications, memberships, … {counts}")
    assert len(approved) > 50, "the load was too small to prove anything"
    assert {number for number in load.acknowledged if number not in states} == set()
    assert {states[number] for number in approved} == {"approved"}
    assert counts is not None
    assert len(set(counts)) == 1, counts
    assert mismatches == "[]"
