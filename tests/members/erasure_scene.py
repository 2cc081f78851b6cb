"""What `test_erasure_on_disk` plays in an installation of its own: two people who use everything that stores something.

Played in a process of the installation: `build` joins and serves them, `erase` erases one of them.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from nuanxin.access.actions import forgive, trust_device
from nuanxin.access.actors import anonymous, system
from nuanxin.access.models import BrowserSession, LinkedIdentity
from nuanxin.members.actions.apply import confirm_application, start_application
from nuanxin.members.actions.corrections import correct_name
from nuanxin.members.actions.drafts import save_draft
from nuanxin.members.actions.erasure import erase_due, erase_worker
from nuanxin.members.actions.exports import export_of_person
from nuanxin.members.actions.memberships import File, end, resume, reveal, suspend
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Application, Contest, Membership, Worker
from nuanxin.members.queries.memberships import get_member
from nuanxin.members.queries.persons import phone_digest
from nuanxin.members.rules.applicants import CONSENT_VERSION
from nuanxin.messages.actions import notify
from nuanxin.messages.actions.choices import choose_ways, remember_weixin
from nuanxin.web.kit.sessions import PHONE_CODE
from tests.factories.access import actor_for, make_client, make_roles
from tests.factories.members import make_fields, worker_of
from tests.factories.organizations import make_tree
from tests.factories.texts import code_sent_to
from tests.members import erasure_habits as habits

PEOPLE: dict[str, dict[str, str]] = {
    "erased": {
        "name": "欧阳雪梅",
        "second_name": "欧阳雪楳",
        "phone": "15498760001",
        "second_phone": "15498760011",
        "third_phone": "15498760021",
        "id_number": "371502199003157026",
        "employer_name": "雪梅面包坊",
        "second_employer": "雪梅花艺工作室",
        "words": "她说右膝做过手术不能久站",
        "contested": "我在阳光花园站点送餐三年了",
    },
    "control": {
        "name": "司徒明月",
        "second_name": "司徒明玥",
        "phone": "15498760002",
        "second_phone": "15498760012",
        "third_phone": "15498760022",
        "id_number": "37150219880721452X",
        "employer_name": "明月修车铺",
        "second_employer": "明月配件仓库",
        "words": "他说左肩旧伤不能搬货",
        "contested": "我在运河码头卸货两年了",
    },
}
#: What the files never hold as it is: it is sealed from the first moment.
SEALED = ("phone", "second_phone", "third_phone", "id_number", "contested")


def build(facts: Path) -> None:
    """Make the small tree and let both people do everything; write down what must be found on disk."""
    now = timezone.now()
    make_roles()
    tree = make_tree()
    _client, key = make_client()
    wanted = {who: _live(tree, key, person, now) for who, person in PEOPLE.items()}
    # Terms of what both share, such as their union and their trade, are nobody's own.
    everybodys = [{*held["terms"], *held["former_terms"]} for held in wanted.values()]
    shared = set.intersection(*everybodys)
    for held in wanted.values():
        held |= {kind: sorted({*held[kind]} - shared) for kind in ("terms", "former_terms")}
    facts.write_text(json.dumps(wanted, ensure_ascii=False))


def _live(tree: Any, key: str, person: dict[str, str], now: Any) -> dict[str, list[str]]:

    refused = _apply(person, now)
    reviewer, clerk = actor_for("reviewer", union=tree.county), actor_for("registrar", union=tree.county)
    actor_for("reviewer", union=tree.city)
    decide(actor=reviewer, number=refused, decision="refuse", reason=person["words"], now=now)
    habits.contest_by_page(Application.objects.get(number=refused), person, now)
    number = _apply_by_machine(key, person)
    decide(actor=reviewer, number=number, decision="approve", reason=person["words"], now=now)
    membership = Membership.objects.select_related("worker", "union").get(application__number=number)
    _use_the_phone(person)
    membership.worker.refresh_from_db()
    me = worker_of(membership)
    terms = _terms(membership)
    habits.correct_oneself(me, person, now)
    terms |= _terms(membership)
    handles = habits.show_offline_codes(tree, me, now)
    passing = handles + habits.lose_the_phone(clerk, membership.number, me, person, now)
    _act_on(membership.number, clerk, person, now)
    habits.be_searched_for(clerk, membership, person)
    habits.withdraw_consents(me, refused, now)
    assert me.account_id is not None
    values = {"reason": person["words"]}
    notify(account_id=me.account_id, template="membership.suspended", values=values, fact="scene", now=now)
    choose_ways(actor=me, chosen={"progress": ["sms"]}, now=now)
    remember_weixin(account_id=me.account_id, openid="openid-1", now=now)
    export_of_person(actor=me, now=now)
    membership.refresh_from_db()
    found = _secrets(person, Application.objects.filter(number__in=[refused, number]), membership.worker)
    end(actor=clerk, number=membership.number, end_reason="left", evidence=person["words"], now=now)
    now_held = _terms(membership)
    found |= {"terms": [*now_held], "former_terms": [*(terms - now_held)]}
    return found | {"passing": passing, "hours": habits.counted(person)}


def _act_on(number: str, clerk: Any, person: dict[str, str], now: Any) -> None:
    """Let the union suspend, take in again, correct and look at a member."""
    proof = File(f"{person['name']}.pdf", b"%PDF-1.4 " + person["words"].encode())
    suspend(actor=clerk, number=number, reason=person["words"], file=proof, now=now)
    resume(actor=clerk, number=number, reason=person["words"], now=now)
    correct_name(actor=clerk, number=number, name=person["second_name"], evidence=person["words"], now=now)
    reveal(actor=clerk, subject=get_member(clerk, number), what="id", reason=f"核对{person['name']}的证件", now=now)


def _terms(membership: Any) -> set[str]:
    """Return the search terms of a membership as they are written now."""
    membership.refresh_from_db()
    assert membership.terms
    return {str(term) for term in membership.terms}


def _apply(person: dict[str, str], now: Any) -> str:
    """Apply by the pages of the phone: draft, session, code."""
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
    """Sign in on two phones, by WeChat on one, and look at every page of one's own; sign the other one out."""
    # A minute later, as far as the next code is concerned.
    forgive(name="codes_minute", subject=person["phone"])
    browser, other = Client(), Client()
    habits.link_weixin(browser, person)
    account = Worker.objects.get(name=person["name"]).account
    assert account is not None
    trust_device(account=account, now=timezone.now(), label=person["name"])
    other.force_login(account, backend=PHONE_CODE)
    pages = ("/me/", "/card/", "/card/code/", "/me/acts/", "/me/checks/", "/me/consents/", "/me/messages/")
    for page in (*pages, "/me/sessions/"):
        assert browser.get(page).status_code == 200, page
    assert browser.post("/me/export/", {"as": "file"}).status_code == 200
    assert browser.post("/me/sessions/", {}).status_code == 302


def _secrets(person: dict[str, str], applications: Any, worker: Any) -> dict[str, list[str]]:
    """Return what is looked for: texts as people write them, and bytes as hexadecimal."""
    held = [worker, *applications]
    raw = [bytes(getattr(row, name)) for row in held for name in ("sealed_key", "sealed_id", "sealed_phone")]
    raw += [bytes(row.progress_digest) for row in applications]
    raw += [phone_digest(person[name]) for name in ("phone", "second_phone", "third_phone")]
    raw += [bytes(row.id_digest) for row in held]
    raw += [bytes(row.sealed_words) for row in Contest.objects.filter(application__in=applications)]
    raw += [bytes(row.subject_digest) for row in LinkedIdentity.objects.filter(account=worker.account_id)]
    sessions = BrowserSession.objects.filter(account=worker.account_id).values_list("session_key", flat=True)
    texts = [*person.values(), worker.pinyin, *sessions]
    return {"texts": sorted(set(texts)), "bytes": sorted({value.hex() for value in raw})}


def erase(facts: Path) -> None:
    """Erase the one as the nightly task does; the other one's membership goes on to be kept."""
    worker = Worker.objects.get(name=PEOPLE["erased"]["second_name"])
    passkeys = Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count()
    assert erase_worker(actor=system(), worker_id=worker.pk, rule="own_wish", because="person", now=timezone.now())
    erase_due(now=timezone.now() + timedelta(days=3))
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == passkeys == len(PEOPLE)
    assert [row.terms for row in Membership.objects.filter(worker=worker)] == [[]]
