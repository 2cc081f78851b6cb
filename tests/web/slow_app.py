"""An application that reads its body, behind what makes slow senders wait: for `test_protection_slow`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django

from nuanxin.operate import patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

django.setup()
patience.PATIENCE = 2.0


class Answer(list[bytes]):
    """A response that is taken over whole."""

    def close(self) -> None:
        """Be closed as Django's are."""


def read(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer how long the body was."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    text = str(len(body)).encode()
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return Answer([text])


application = patience.Patient(read)
