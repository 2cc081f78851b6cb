"""What the people of `erasure_scene` do besides joining: contest, link, correct, show codes, withdraw, be searched for.

Each returns what it has stored as hexadecimal, where nothing else tells it afterwards.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.mfa.models import Authenticator
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from nuanxin.access.actions.identities import link_identity, subject_digest
from nuanxin.access.actors import actor_of_key
from nuanxin.access.models import Account, LinkedIdentity, Throttle
from nuanxin.access.rules.limits import LIMITS
from nuanxin.kernel.secrets import digest
from nuanxin.members.actions.cards import verify
from nuanxin.members.actions.contest_decisions import decide_contest
from nuanxin.members.actions.corrections import begin_phone_change, change_own_phone, correct_own_work, correct_phone
from nuanxin.members.actions.credentials import take_checks
from nuanxin.members.actions.rights import withdraw_consent
from nuanxin.members.models import Consent, Contest
from nuanxin.members.queries.applications import progress_token
from tests.factories.access import actor_for, make_device, sign_in
from tests.factories.credentials import make_credentials
from tests.factories.texts import code_sent_to
from tests.platforms import USER_AGENT, serving
from tests.web.test_protection import solved
from tests.web.worker.test_platforms import visit

if TYPE_CHECKING:
    from datetime import datetime

    from nuanxin.access.actors import Actor
    from nuanxin.members.models import Application, Membership

Person = dict[str, str]


def contest_by_page(application: Application, person: Person, now: datetime) -> None:
    """Contest a refusal by the secret link, in one's own words and with a file; the city upholds it with a reason."""
    proof = SimpleUploadedFile(f"{person['name']}.pdf", b"%PDF-1.4 " + person["contested"].encode())
    address = f"/a/{progress_token(application.pk)}/contest/refusal/"
    answer = Client().post(address, {"send": "1", "words": person["contested"], "file": proof})
    assert answer.status_code == 302, answer.content.decode()
    contest = Contest.objects.select_related("union").get(application=application)
    city = actor_for("reviewer", union=contest.union)
    decide_contest(actor=city, contest_id=contest.pk, decision="uphold", reason=person["words"], now=now)


def link_weixin(browser: Client, person: Person) -> None:
    """Come from WeChat, prove the phone with a proof of work, a code and the last six, and so be linked to it."""
    with serving() as (address, state):
        state.person = person["phone"]
        named = {"NUANXIN_WEIXIN": ["wx-official", "s1"], "NUANXIN_WEIXIN_URLS": [address, address]}
        with override_settings(**named):
            went = browser.get("/sign-in/with/weixin/", HTTP_USER_AGENT=USER_AGENT)
            back = urlsplit(visit(went["Location"]))
            browser.get(f"{back.path}?{back.query}", HTTP_USER_AGENT=USER_AGENT)
    browser.post("/sign-in/", {"phone": person["phone"], "altcha": solved(browser)}, HTTP_USER_AGENT=USER_AGENT)
    proof = {"phone": person["phone"], "code": code_sent_to(person["phone"]), "last6": person["id_number"][-6:]}
    assert browser.post("/sign-in/", proof).status_code == 302


def correct_oneself(me: Actor, person: Person, now: datetime) -> None:
    """Correct one's own employer and number."""
    correct_own_work(actor=me, employer_name=person["second_employer"], platform="", now=now)
    phone = person["second_phone"]
    begin_phone_change(actor=me, phone=phone, now=now)
    change_own_phone(actor=me, phone=phone, code=code_sent_to(phone), last6=person["id_number"][-6:], now=now)


def lose_the_phone(clerk: Actor, number: str, me: Actor, person: Person, now: datetime) -> list[str]:
    """Get another number from the union, which unlinks WeChat; link it anew. Return the digest that was unlinked."""
    (unlinked,) = LinkedIdentity.objects.filter(account=me.account_id).values_list("subject_digest", flat=True)
    correct_phone(actor=clerk, number=number, phone=person["third_phone"], evidence=person["words"], now=now)
    assert me.account_id is not None
    account = Account.objects.get(pk=me.account_id)
    digests = [subject_digest("weixin", f"openid of {person['name']}")]
    link_identity(actor=me, account=account, platform="weixin", digests=digests, now=now)
    return [bytes(unlinked).hex()]


def show_offline_codes(tree: Any, me: Actor, now: datetime) -> list[str]:
    """Fetch credentials; one code is shown online, one reported by a counter that was offline. Return the handles."""
    counter = actor_of_key(make_device(union=tree.city, name=f"{me.account_id}")[1], now)
    first, second = make_credentials(me, now=now, count=2)
    assert verify(actor=counter, code=first.code_at(now), now=now).answer == "valid"
    report = {"id": str(uuid4()), "at": now.isoformat(), "code": second.code_at(now), "answer": "valid"}
    taken = take_checks(actor=counter, checks=[report], now=now + timedelta(minutes=1))
    assert (len(taken.taken), taken.clashes) == (1, [])
    return [first.handle.hex(), second.handle.hex()]


def withdraw_consents(me: Actor, refused: str, now: datetime) -> None:
    """Take back every consent of the application that was refused."""
    consents = list(Consent.objects.select_related("application__union").filter(application__number=refused))
    assert consents
    for consent in consents:
        withdraw_consent(actor=me, consent=consent, now=now)


def be_searched_for(clerk: Actor, membership: Membership, person: Person) -> None:
    """Be looked for and looked at at the desk, by a cadre who has a passkey."""
    assert clerk.account_id is not None
    account = Account.objects.get(pk=clerk.account_id)
    data = {"name": "the clerk's key", "credential": {"id": digest("passkey", str(account.pk)).hex()}}
    Authenticator.objects.create(user=account, type=Authenticator.Type.WEBAUTHN, data=data)
    desk = Client()
    sign_in(desk, account)
    for words in (person["second_name"], person["second_name"][:2], person["third_phone"][-4:], membership.number):
        found = desk.get("/desk/people/", {"q": words})
        assert membership.number in found.content.decode(), words
    assert desk.get(f"/desk/people/{membership.number}/").status_code == 200


def counted(person: Person) -> list[str]:
    """Return the digests under which tries of a person are counted, and those of proofs of work that were used up."""
    subjects = [person[name] for name in ("phone", "second_phone", "third_phone", "id_number")]
    of_person = {digest(f"throttle:{name}", subject) for name in LIMITS for subject in subjects}
    held = {bytes(key) for key in Throttle.objects.values_list("key", flat=True)}
    assert held & of_person
    return sorted(key.hex() for key in held & of_person)
