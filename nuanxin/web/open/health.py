"""Whether this process lives, and whether it can serve: for load balancers, supervisors and the demo's start."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

# Jobs that wait this long while no background process is alive mean that nothing will work them off.
_PATIENCE = "60 seconds"
_state: dict[str, bool] = {}


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process lives; nothing else is asked."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database, migrations and queue are fit to serve, otherwise 503 with what is not."""
    checks: dict[str, Any] = {"database": "ok", "migrations": "ok", "queue": "ok"}
    try:
        _check(checks)
    except DatabaseError:
        checks |= {"database": "unreachable", "migrations": "unknown", "queue": "unknown"}
    ready = all(value == "ok" for value in checks.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", **checks}, status=200 if ready else 503)


def _check(checks: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    if not _migrated():
        checks |= {"migrations": "pending", "queue": "unknown"}
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'),
                   EXISTS (SELECT FROM procrastinate_jobs j WHERE j.status = 'todo'
                             AND coalesce(j.scheduled_at, (SELECT max(e.at) FROM procrastinate_events e
                                                            WHERE e.job_id = j.id)) < now() - %s::interval)
            """,
            [_PATIENCE],
        )
        alive, waiting = cursor.fetchone()
    if waiting and not alive:
        checks["queue"] = "nobody works it off"


def _migrated() -> bool:
    """Look once: a process that has seen its own migrations applied need not look again."""
    if not _state.get("migrated"):
        executor = MigrationExecutor(connection)
        _state["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _state["migrated"]
