"""What a scanner takes along to a day of the bus: who booked which window, by handles, signed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from nuanxin.activities.models import Arrival, BusWindow
from nuanxin.activities.queries.buses import post_of
from nuanxin.activities.rules.arrivals import Snapshot, Window, part_of
from nuanxin.bookings.models import Booking, Pool
from nuanxin.bookings.states import LIVE, BookingState, SessionState, ShareKind
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.signing import signing_keys
from nuanxin.members.queries.credentials import handles_on
from nuanxin.members.rules.credentials import day_number, decode, encode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from nuanxin.activities.models import BusDay
    from nuanxin.activities.queries.buses import Post
    from nuanxin.kernel.actor import Actor

#: Before what the signature is made of, so that no other signed text can pass for it.
SIGNED_AS = b"NX2S"
_HANDLE = 6


@dataclass(frozen=True, slots=True)
class SignedSnapshot:
    """The bytes, their signature, and who signed."""

    content: bytes
    signature: bytes
    key_id: int


def snapshot(actor: Actor, now: datetime) -> SignedSnapshot:
    """Return what the acting device takes along for today; no name and no number of anybody is in it.

    :raises NotFound: no device, or one that scans at no bus today.
    """
    post = post_of(actor, on=local_day(now))
    text = json.dumps(_content(post, actor, now), ensure_ascii=False, separators=(",", ":")).encode()
    signer = signing_keys().current(now)
    return SignedSnapshot(text, signer.private.sign(SIGNED_AS + text), signer.key_id)


def _content(post: Post, actor: Actor, now: datetime) -> dict[str, Any]:
    day, offer = post.bus_day, post.bus_day.route.offer
    windows = open_windows(day)
    at = {row.session_id: place for place, row in enumerate(windows)}
    kept = Pool.objects.filter(session__in=at, share__kind=ShareKind.WALK_IN)
    walk_ins: dict[UUID | None, int] = dict(kept.values_list("session_id", "capacity"))
    own = Arrival.objects.filter(bus_day=day, device=actor.source_id)
    return {
        "issued_at": now.isoformat(timespec="milliseconds"),
        "day": day_number(day.day),
        "bus_day": str(day.pk),
        "device": str(actor.source_id),
        "site": day.site.name,
        "site_en": day.site.name_en,
        "letter": post.letter,
        "given": own.count(),
        "early": offer.early_minutes,
        "windows": [
            {
                "id": str(row.session_id),
                "starts_at": row.session.starts_at.isoformat(),
                "ends_at": row.session.ends_at.isoformat(),
                "walk_ins": part_of(walk_ins.get(row.session_id, 0), post.scanners, post.nth),
            }
            for row in windows
        ],
        "booked": _booked(at, day.day, now),
    }


def _booked(at: dict[Any, int], day: date, now: datetime) -> list[dict[str, Any]]:
    """Return for each booking a key, its window, and the handles of the member's cards for that day."""
    rows = Booking.objects.filter(session__in=at, state__in=LIVE).order_by("pk")
    found = list(rows.values_list("pk", "worker_id", "session_id", "state"))
    handles = handles_on(day, [worker for _pk, worker, _session, _state in found])
    return [
        {
            "key": pk.hex[-12:],
            "window": at[session],
            "handles": encode(handles.get(worker, b"")),
            "came": state == BookingState.CHECKED_IN,
        }
        for pk, worker, session, state in found
    ]


def read_snapshot(content: bytes) -> Snapshot:
    """Return what `rules.arrivals` judges by, from the signed bytes: as a scanner reads them."""
    told = json.loads(content)
    windows = tuple(
        Window(datetime.fromisoformat(each["starts_at"]), datetime.fromisoformat(each["ends_at"]), each["walk_ins"])
        for each in told["windows"]
    )
    booked = {}
    for row in told["booked"]:
        handles = decode(row["handles"])
        for start in range(0, len(handles), _HANDLE):
            booked[handles[start : start + _HANDLE]] = (row["key"], row["window"])
    came = frozenset(row["key"] for row in told["booked"] if row["came"])
    return Snapshot(windows, booked, came, timedelta(minutes=told["early"]))


def open_windows(bus_day: BusDay) -> list[BusWindow]:
    """Return the windows of a day by time, without those that were cancelled."""
    rows = BusWindow.objects.filter(bus_day=bus_day, session__state=SessionState.PLANNED)
    return list(rows.select_related("session").order_by("session__starts_at", "pk"))


def windows_at(rows: Sequence[BusWindow], early_minutes: int) -> Snapshot:
    """Return the times of a day alone, for asking which is on now."""
    windows = tuple(Window(row.session.starts_at, row.session.ends_at, 0) for row in rows)
    return Snapshot(windows, {}, early=timedelta(minutes=early_minutes))
