"""Asking a bureau outside, over HTTP, against a local server that speaks its protocol."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from nuanxin.members.models import Membership
from nuanxin.members.tasks import verify_identity
from nuanxin.members.tasks.verifiers import HttpVerifier, VerifierError
from nuanxin.records.models import AuditEntry
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_dated_rule


class Bureau(BaseHTTPRequestHandler):
    """Knows 王小芳, and refuses what is not signed."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = hmac.new(b"shared", body, hashlib.sha256).hexdigest()
        if signature != self.headers["X-Signature"]:
            self.send_error(403)
            return
        answer = json.dumps({"match": json.loads(body)["name"] == "王小芳"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def bureau(settings: Any) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Bureau)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/verify"
    settings.NUANXIN_VERIFIER_URL, settings.NUANXIN_VERIFIER_KEY = address, "shared"
    yield address
    server.shutdown()
    server.server_close()


def test_a_match_is_written_and_waits_for_the_reviewer(tree: Tree, bureau: str) -> None:
    application = make_application(union=tree.couriers)
    verify_identity(application_id=str(application.pk))
    application.refresh_from_db()
    assert (application.verified_by, application.state) == ("http", "submitted")


def test_a_dated_rule_lets_a_match_approve(tree: Tree, bureau: str) -> None:
    make_dated_rule(name="members.auto_approve", value={"verified": True}, union=tree.city)
    application = make_application(union=tree.couriers)
    verify_identity(application_id=str(application.pk))
    application.refresh_from_db()
    assert (application.state, Membership.objects.get().worker_id) == ("approved", application.worker_id)


def test_a_mismatch_changes_nothing(tree: Tree, bureau: str) -> None:
    application = make_application(union=tree.couriers, name="李四")
    verify_identity(application_id=str(application.pk))
    application.refresh_from_db()
    assert (application.verified_by, application.state, AuditEntry.objects.count()) == ("", "submitted", 0)


def test_a_bureau_that_does_not_answer_is_asked_again_later(bureau: str) -> None:
    with pytest.raises(VerifierError):
        HttpVerifier(bureau, "another key").matches("王小芳", "resident_id", "1")
    with pytest.raises(VerifierError):
        HttpVerifier("http://127.0.0.1:9/verify", "shared").matches("王小芳", "resident_id", "1")
