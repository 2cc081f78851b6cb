"""A process of one instance that does what the test writes to it, a line each, and works between the lines.

Between two lines it does what the background worker does each second, without pause, unless it is told to rest.
"""

from __future__ import annotations

import json
import sys
import threading
import traceback
from typing import Any

from nuanxin.operate.installation import boot

boot()

from django.db import connection  # noqa: E402 - Django is ready only now

from nuanxin.members.tasks.cells import settle_with_others  # noqa: E402
from tests.cells import scene  # noqa: E402

#: Seconds between two rounds.
_BREATH = 0.02


class Work(threading.Thread):
    """The background work of this instance."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.may_go = threading.Event()
        self.rests = threading.Event()

    def run(self) -> None:
        while True:
            if not self.may_go.is_set():
                self.rests.set()
                self.may_go.wait()
                self.rests.clear()
            try:
                settle_with_others()
            except Exception:
                traceback.print_exc()
            connection.close_if_unusable_or_obsolete()
            threading.Event().wait(_BREATH)


def main() -> None:
    work = Work()
    work.start()
    for line in sys.stdin:
        wanted = json.loads(line)
        print(json.dumps(_do(work, wanted["do"], wanted["with"])), flush=True)


def _do(work: Work, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        if name == "work":
            work.may_go.set()
        elif name == "rest":
            work.may_go.clear()
            work.rests.wait(60)
        else:
            return {"done": getattr(scene, name)(**arguments)}
    except Exception:
        return {"failed": traceback.format_exc()}
    return {"done": None}


if __name__ == "__main__":
    main()
