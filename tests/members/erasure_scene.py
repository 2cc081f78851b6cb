"""What `test_erasure_on_disk` plays in an installation of its own: two people who use everything that stores something.

Run as a program, in a process of the installation: `build` joins and serves them, `erase` erases one of them.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

PEOPLE: dict[str, dict[str, str]] = {
    "erased": {
        "name": "欧阳雪梅",
        "second_name": "欧阳雪楳",
        "phone": "15498760001",
        "id_number": "371502199003157026",
        "employer_name": "雪梅面包坊",
        "words": "她说右膝做过手术不能久站",
    },
    "control": {
        "name": "司徒明月",
        "second_name": "司徒明玥",
        "phone": "15498760002",
        "id_number": "37150219880721452X",
        "employer_name": "明月修车铺",
        "words": "他说左肩旧伤不能搬货",
    },
}
API_KEY = "scene"


def build(facts: Path) -> None:
    """Make the small tree and let both people do everything; write down what must be found on disk."""
    from django.utils import timezone

    from tests.factories.access import make_client, make_roles
    from tests.factories.organizations import make_tree

    now = timezone.now()
    make_roles()
    tree = make_tree()
    _client, key = make_client()
    wanted = {who: _live(tree, key, person, now) for who, person in PEOPLE.items()}
    facts.write_text(json.dumps(wanted, ensure_ascii=False))


def _live(tree: Any, key: str, person: dict[str, str], now: Any) -> dict[str, list[str]]:
    from nuanxin.members.actions.corrections import correct_name
    from nuanxin.members.actions.exports import export_of_person
    from nuanxin.members.actions.memberships import File, end, resume, reveal, suspend
    from nuanxin.members.actions.review import decide
    from nuanxin.members.models import Application, Membership
    from nuanxin.messages.actions import notify
    from tests.factories.access import actor_for
    from tests.factories.members import worker_of

    refused = _apply(person, now)
    reviewer, clerk = actor_for("reviewer", union=tree.county), actor_for("registrar", union=tree.county)
    decide(actor=reviewer, number=refused, decision="refuse", reason=person["words"], now=now)
    number = _apply_by_machine(key, person)
    decide(actor=reviewer, number=number, decision="approve", reason=person["words"], now=now)
    membership = Membership.objects.select_related("worker", "union").get(application__number=number)
    _use_the_phone(person)
    membership.worker.refresh_from_db()
    me = worker_of(membership)
    proof = File(f"{person['name']}.pdf", b"%PDF-1.4 " + person["words"].encode())
    suspend(actor=clerk, number=membership.number, reason=person["words"], file=proof, now=now)
    resume(actor=clerk, number=membership.number, reason=person["words"], now=now)
    correct_name(actor=clerk, number=membership.number, name=person["second_name"], evidence=person["words"], now=now)
    membership = Membership.objects.select_related("worker", "union").get(pk=membership.pk)
    reveal(actor=clerk, subject=membership, what="id", reason=f"核对{person['name']}的证件", now=now)
    values = {"reason": person["words"]}
    assert me.account_id is not None
    notify(account_id=me.account_id, template="membership.suspended", values=values, fact="scene", now=now)
    export_of_person(actor=me, now=now)
    found = _secrets(person, Application.objects.filter(number__in=[refused, number]), membership.worker)
    end(actor=clerk, number=membership.number, end_reason="left", evidence=person["words"], now=now)
    return found


def _apply(person: dict[str, str], now: Any) -> str:
    """Apply by the pages of the phone: draft, session, code."""
    from django.test import Client

    from nuanxin.access.actors import anonymous
    from nuanxin.members.actions.apply import confirm_application, start_application
    from nuanxin.members.actions.drafts import save_draft
    from nuanxin.members.rules.applicants import CONSENT_VERSION
    from tests.factories.members import make_fields
    from tests.factories.texts import code_sent_to

    raw = make_fields(**{name: person[name] for name in ("name", "phone", "id_number", "employer_name")})
    Client().get("/join/")
    save_draft(token=None, values=raw, now=now)
    sent = start_application(
        actor=anonymous(),
        raw=raw,
        door="h5",
        consents=["processing", "identity"],
        consent_version=CONSENT_VERSION,
        now=now,
    )
    code = code_sent_to(person["phone"])
    confirm_application(actor=anonymous(), number=sent.application.number, code=code, now=now)
    return sent.application.number


def _apply_by_machine(key: str, person: dict[str, str]) -> str:
    """Apply by the API, with an idempotency key whose answer is kept."""
    from django.test import Client

    from nuanxin.members.rules.applicants import CONSENT_VERSION
    from tests.factories.members import make_fields

    raw = make_fields(**{name: person[name] for name in ("name", "phone", "id_number", "employer_name")})
    answer = Client().post(
        "/api/v1/applications",
        raw | {"door": "api", "consents": ["processing", "identity"], "consent_version": CONSENT_VERSION},
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": person["phone"][-4:]},
    )
    assert answer.status_code == 201, answer.content.decode()
    return str(answer.json()["number"])


def _use_the_phone(person: dict[str, str]) -> None:
    """Sign in and look at every page of one's own, so that there is an account, a session and a trusted phone."""
    from django.test import Client
    from django.utils import timezone

    from nuanxin.members.actions.workers import begin_sign_in, complete_sign_in
    from nuanxin.web.kit.sessions import PHONE_CODE
    from tests.factories.texts import code_sent_to

    later = timezone.now() + timedelta(minutes=2)
    begin_sign_in(phone=person["phone"], now=later)
    signed = complete_sign_in(
        phone=person["phone"],
        code=code_sent_to(person["phone"]),
        last6=person["id_number"][-6:],
        label=person["name"],
        now=later,
    )
    browser = Client()
    browser.force_login(signed.account, backend=PHONE_CODE)
    for page in ("/me/", "/card/", "/card/code/", "/me/acts/", "/me/checks/", "/me/consents/", "/me/messages/"):
        assert browser.get(page).status_code == 200, page
    assert browser.post("/me/export/", {"as": "file"}).status_code == 200


def _secrets(person: dict[str, str], applications: Any, worker: Any) -> dict[str, list[str]]:
    """Return what is looked for: texts as people write them, and bytes as hexadecimal."""
    from nuanxin.members.queries.persons import id_digest, phone_digest

    held = [worker, *applications]
    raw = [bytes(getattr(row, name)) for row in held for name in ("sealed_key", "sealed_id", "sealed_phone")]
    raw += [bytes(row.progress_digest) for row in applications]
    raw += [phone_digest(person["phone"]), *(bytes(row.id_digest) for row in held)]
    assert id_digest is not None
    texts = [*person.values(), worker.pinyin]
    return {"texts": sorted(set(texts)), "bytes": sorted({value.hex() for value in raw})}


def erase(facts: Path) -> None:
    """Erase the one as the nightly task does; the other one's membership goes on to be kept."""
    from django.utils import timezone

    from nuanxin.access.actors import system
    from nuanxin.members.actions.erasure import erase_due, erase_worker
    from nuanxin.members.models import Worker

    worker = Worker.objects.get(name=PEOPLE["erased"]["second_name"])
    assert erase_worker(actor=system(), worker_id=worker.pk, rule="own_wish", because="person", now=timezone.now())
    erase_due(now=timezone.now() + timedelta(days=3))


if __name__ == "__main__":
    from nuanxin.operate.installation import boot

    boot()
    {"build": build, "erase": erase}[sys.argv[1]](Path(sys.argv[2]))
