"""Messages are kept, carried out once, and what cannot be right is kept with its reasons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from nuanxin.formation.actions.carrying import carry_out
from nuanxin.formation.actions.receiving import receive_permit, replay_permit
from nuanxin.formation.models import Invitation, Offer, PermitMessage, PermitSource
from nuanxin.formation.queries.permits import left_waiting, permits, steps_of
from nuanxin.formation.queries.sources import actor_of_source
from nuanxin.formation.states import Fate, MessageState, Wanted
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.members.states import ApplicationState
from nuanxin.messages.models import Notice, TextMessage
from nuanxin.organizations.models import Enterprise
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for, make_post
from tests.factories.formation import make_credit_code, make_source, permit_of, qualification_of
from tests.factories.members import make_application, make_id_number, make_member
from tests.factories.organizations import Tree, make_enterprise, make_union


def take(source: PermitSource, body: dict[str, Any], now: Any = NOW) -> PermitMessage:
    return receive_permit(source=source, body=body, now=now)


def test_a_permit_enters_the_firm_and_invites_it(tree: Tree, source: PermitSource) -> None:
    organizer = make_post(role="organizer", union=tree.county)
    message = take(source, permit_of(name="聊城快捷物流有限公司", contact_phone="15400000077"))
    firm = Enterprise.objects.get()
    invitation = Invitation.objects.get()
    assert (message.state, message.fate, message.enterprise) == (MessageState.DONE, Fate.INVITED, firm)
    assert (invitation.enterprise, invitation.union, invitation.wanted) == (firm, tree.county, Wanted.FORM)
    assert (firm.name, firm.contact_phone) == ("聊城快捷物流有限公司", "15400000077")
    assert message.answer["state"] == "done"
    text = TextMessage.objects.get()
    assert (text.template, text.link, text.union_id) == ("invitation.form", "/", tree.county.pk)
    told = Notice.objects.get()
    assert (told.account_id, told.template) == (organizer.account_id, "formation.invited")
    assert [step.what for step in steps_of(message)] == ["arrived", "done"]
    assert AuditEntry.objects.filter(action="formation.permit_carried_out").count() == 1


def test_the_narrowest_federation_invites(tree: Tree, source: PermitSource) -> None:
    street = make_union(parent=tree.county, region="371502001", name="古楼街道总工会")
    message = take(source, permit_of())
    assert message.union == street


def test_without_a_mobile_number_the_cadres_are_asked_to_call(tree: Tree, source: PermitSource) -> None:
    make_post(role="organizer", union=tree.city)
    take(source, permit_of(contact_phone="0635-8240000"))
    assert not TextMessage.objects.exists()
    assert Notice.objects.get().template == "formation.to_call"


def test_the_same_again_is_answered_alike_and_does_nothing(tree: Tree, source: PermitSource) -> None:
    body = permit_of()
    first = take(source, body)
    again = take(source, body, NOW + timedelta(minutes=3))
    assert again.pk == first.pk
    assert again.answer == first.answer
    assert (Invitation.objects.count(), Enterprise.objects.count(), TextMessage.objects.count()) == (1, 1, 1)
    assert [step.what for step in steps_of(first)] == ["arrived", "done", "repeated"]


def test_the_same_id_with_another_body_is_refused(tree: Tree, source: PermitSource) -> None:
    body = permit_of()
    take(source, body)
    with pytest.raises(Conflict) as refused:
        take(source, body | {"kind": "permit_reviewed"})
    assert refused.value.code == "message_id_reused"
    message = PermitMessage.objects.get()
    assert message.kind == "permit_issued"
    assert [step.what for step in steps_of(message)][-1] == "changed_copy"
    assert Invitation.objects.count() == 1


def test_another_sender_may_use_the_same_id(tree: Tree, source: PermitSource) -> None:
    other = make_source(union=tree.city)
    body = permit_of()
    take(source, body)
    assert take(other, body).fate == Fate.INVITED_BEFORE
    assert PermitMessage.objects.count() == 2


def test_a_review_of_the_same_firm_invites_nobody_twice(tree: Tree, source: PermitSource) -> None:
    body = permit_of()
    take(source, body)
    later = body | {"id": "later", "kind": "permit_reviewed", "at": body["at"] + timedelta(minutes=5)}
    assert take(source, later).fate == Fate.INVITED_BEFORE
    assert TextMessage.objects.count() == 1


def test_what_is_overtaken_changes_nothing(tree: Tree, source: PermitSource) -> None:
    body = permit_of(headcount=None)
    take(source, body | {"id": "second", "kind": "permit_reviewed", "at": body["at"] + timedelta(minutes=5)})
    late = take(source, body | {"enterprise": body["enterprise"] | {"headcount": 99}})
    assert late.fate == Fate.OVERTAKEN
    assert Enterprise.objects.get().headcount is None
    assert Invitation.objects.count() == 1


def test_a_known_firm_is_matched_and_only_what_was_empty_is_filled_in(tree: Tree, source: PermitSource) -> None:
    code = make_credit_code()
    firm = make_enterprise(name="老名称公司", credit_code=code, contact="张三")
    message = take(source, permit_of(credit_code=code, headcount=120))
    firm.refresh_from_db()
    assert message.enterprise == firm
    assert (firm.name, firm.contact, firm.headcount) == ("老名称公司", "张三", 120)


def test_a_covered_firm_is_asked_to_enroll_until_its_people_office_does(tree: Tree, source: PermitSource) -> None:
    code = make_credit_code()
    firm = make_enterprise(credit_code=code, union=tree.couriers)
    assert take(source, permit_of(credit_code=code)).fate == Fate.ASKED_TO_ENROLL
    assert Invitation.objects.get().union == tree.couriers
    make_post(role="hr", enterprise=firm)
    assert take(source, permit_of(credit_code=code)).fate == Fate.AT_WORK
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"region_code": "371599"}, "enterprise.region_code", "unknown_region"),
        ({"region_code": "110101"}, "enterprise.region_code", "outside_area"),
        ({"credit_code": "91371502MA3C123450"}, "enterprise.credit_code", "bad_credit_check"),
        ({"credit_code": ""}, "enterprise.credit_code", "missing"),
        ({"name": " "}, "enterprise.name", "missing"),
        ({"contact_phone": "call me"}, "enterprise.contact_phone", "bad_phone"),
    ],
)
def test_what_cannot_be_right_is_kept_as_failed(
    tree: Tree, source: PermitSource, told: dict[str, Any], field: str, code: str
) -> None:
    message = take(source, permit_of(**told))
    assert message.state == MessageState.FAILED
    assert (message.problems[0]["field"], message.problems[0]["code"]) == (field, code)
    assert message.problems[0]["zh-hans"] != message.problems[0]["en"]
    assert message.answer["problems"][0]["field"] == field
    assert not Enterprise.objects.exists()
    assert not Invitation.objects.exists()
    assert message.union == tree.city


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "permit_lost"}, {"id": " "}, {"permit": {}}, {"enterprise": None}, {"at": NOW.replace(tzinfo=None)},
     {"at": NOW + timedelta(days=2)}],
)  # fmt: skip
def test_what_is_no_message_is_not_kept(tree: Tree, source: PermitSource, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        take(source, permit_of() | wrong)
    assert not PermitMessage.objects.exists()


def test_a_failed_message_is_tried_again_by_hand(tree: Tree, source: PermitSource) -> None:
    body = permit_of(region_code="371502001")
    type(tree.county).objects.filter(kind="federation").exclude(parent=None).update(closed_at=NOW)
    message = take(source, body)
    assert message.problems[0]["code"] == "no_federation"
    type(tree.county).objects.update(closed_at=None)
    organizer = actor_for("organizer", union=tree.city)
    done = replay_permit(actor=organizer, message=message, who="王敏", now=NOW + timedelta(hours=1))
    assert (done.state, done.fate, done.attempts) == (MessageState.DONE, Fate.INVITED, 2)
    assert done.answer["state"] == "failed"  # what was answered first stays the answer
    assert [step.what for step in steps_of(done)] == ["arrived", "failed", "replayed", "done"]
    with pytest.raises(Conflict):
        replay_permit(actor=organizer, message=done, who="王敏", now=NOW)


def test_trying_again_is_refused_to_others_and_changes_nothing(tree: Tree, source: PermitSource) -> None:
    message = take(source, permit_of(region_code="371599"))
    with pytest.raises(NotAllowed):
        replay_permit(actor=actor_for("reviewer", union=tree.city), message=message, who="x", now=NOW)
    with pytest.raises(NotFound):
        replay_permit(actor=actor_for("organizer", union=tree.county), message=message, who="x", now=NOW)
    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert list(permits(actor_for("organizer", union=tree.county))) == []
    assert list(permits(actor_for("organizer", union=tree.city))) == [message]


def test_a_message_left_by_a_killed_process_is_taken_up(tree: Tree, source: PermitSource) -> None:
    message = take(source, permit_of(region_code="371599"))
    PermitMessage.objects.update(state=MessageState.RECEIVED, problems=[])
    left = left_waiting(before=NOW + timedelta(minutes=1))
    assert left == [message]
    carry_out(actor=actor_of_source(left[0].source), message_id=message.pk, now=NOW)
    message.refresh_from_db()
    assert message.state == MessageState.FAILED


def test_a_qualification_offers_an_application(tree: Tree, source: PermitSource) -> None:
    message = take(source, qualification_of(name="赵六", phone="15400000099"))
    offer = Offer.objects.get()
    assert (message.fate, message.offer, message.union) == (Fate.OFFERED, offer, tree.village)
    assert (offer.state, offer.door_id) == ("sent", "api")
    text = TextMessage.objects.get()
    assert (text.template, text.link) == ("application.prefilled", "/")
    assert "赵六" not in str(bytes(message.sealed_payload))


def test_a_second_qualification_of_the_person_is_no_second_offer(tree: Tree, source: PermitSource) -> None:
    number = make_id_number()
    take(source, qualification_of(id_number=number))
    assert take(source, qualification_of(id_number=number)).fate == Fate.OFFERED_BEFORE
    assert (Offer.objects.count(), TextMessage.objects.count()) == (1, 1)


def test_members_and_applicants_are_left_alone(tree: Tree, source: PermitSource) -> None:
    member, applicant = make_id_number(), make_id_number()
    make_member(union=tree.village, id_number=member)
    make_application(union=tree.village, id_number=applicant, state=ApplicationState.SUBMITTED)
    assert take(source, qualification_of(id_number=member)).fate == Fate.MEMBER_ALREADY
    told = take(source, qualification_of(id_number=applicant))
    assert told.fate == Fate.APPLIED_ALREADY
    assert "member" not in str(told.answer)
    assert not Offer.objects.exists()
    assert not TextMessage.objects.exists()


@pytest.mark.parametrize(
    ("told", "field", "code"),
    [
        ({"id_number": "371502199003150011"}, "person.id_number", "bad_id_check"),
        ({"occupation_group": "pilot"}, "person.occupation_group", "unknown_choice"),
        ({"region_code": "37150299"}, "person.region_code", "bad_region"),
        ({"region_code": "110101001001"}, "person.region_code", "outside_area"),
        ({"phone": "12"}, "person.phone", "bad_phone"),
    ],
)
def test_a_wrong_qualification_is_kept_as_failed(
    tree: Tree, source: PermitSource, told: dict[str, Any], field: str, code: str
) -> None:
    message = take(source, qualification_of(**told))
    assert message.state == MessageState.FAILED
    assert (field, code) in {(each["field"], each["code"]) for each in message.problems}
    assert not Offer.objects.exists()
