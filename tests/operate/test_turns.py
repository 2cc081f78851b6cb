"""The few turns in which the server works: whoever waits longest is next."""

from __future__ import annotations

import threading
import time

from nuanxin.operate.patience import Turns


def _waiting(turns: Turns) -> int:
    return len(turns._waiting)


def test_turns_are_given_in_the_order_of_asking() -> None:
    turns, served = Turns(1), []
    turns.put(turns.get())
    held = turns.get()

    def ask(name: int) -> None:
        mine = turns.get()
        served.append(name)
        turns.put(mine)

    askers = []
    for name in range(12):
        askers.append(threading.Thread(target=ask, args=(name,)))
        askers[-1].start()
        while _waiting(turns) <= name:
            time.sleep(0.001)
    turns.put(held)
    for each in askers:
        each.join(10)
    assert served == list(range(12))


def test_whoever_comes_back_at_once_stands_behind_those_who_wait() -> None:
    turns = Turns(1)
    held = turns.get()
    came = threading.Event()

    def ask() -> None:
        turns.get()
        came.set()

    other = threading.Thread(target=ask, daemon=True)
    other.start()
    while not _waiting(turns):
        time.sleep(0.001)
    turns.put(held)
    again = threading.Thread(target=turns.get, daemon=True)
    again.start()
    assert came.wait(10)
    while not _waiting(turns):
        time.sleep(0.001)
    turns.put(None)
    again.join(10)
    assert not again.is_alive()


def test_a_turn_brings_what_was_left_with_it() -> None:
    turns = Turns(2)
    assert [turns.get(), turns.get()] == [None, None]
    turns.put("connection")
    assert turns.get() == "connection"
