"""Documents other than the resident ID: what their numbers tell, and that one document is one person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from nuanxin.access.actors import Actor
from nuanxin.kernel.documents import Identity, kinds_of, parse_birth, parse_sex, read_document
from nuanxin.kernel.identifiers import mask_id
from nuanxin.kernel.refusals import Invalid
from nuanxin.members.actions.apply import confirm_application, start_application
from nuanxin.members.actions.review import decide
from nuanxin.members.models import Worker
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.queries.reviewing import ApplicationFilters, find_applications
from nuanxin.members.queries.searching import Filters, search
from nuanxin.members.rules.applicants import CONSENT_VERSION, check_fields
from nuanxin.members.rules.workers import same_last6
from nuanxin.members.states import IdKind
from nuanxin.web.kit import masks
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for
from tests.factories.members import make_fields, make_id_number
from tests.factories.organizations import Tree
from tests.factories.texts import code_sent_to

BORN = date(1990, 3, 15)


def checked(head: str) -> str:
    return head + str(ric.calc_check_digit(head + "0"))


PERMIT = checked("81000019900315001")
FOREIGN = checked("91184019900315001")


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        ("hk_macao_permit", "H12345678", Identity("hk_macao_permit", "H12345678")),
        ("hk_macao_permit", " m1234 5678 03", Identity("hk_macao_permit", "M12345678")),
        ("hk_macao_permit", "Ｈ１２３４５６７８", Identity("hk_macao_permit", "H12345678")),
        ("taiwan_permit", "01234567", Identity("taiwan_permit", "01234567")),
        ("taiwan_permit", "0123456702", Identity("taiwan_permit", "01234567")),
        ("foreign_resident", "usa110090031501", Identity("foreign_resident", "USA110090031501")),
        ("foreign_resident", FOREIGN, Identity("foreign_resident", FOREIGN, BORN)),
        ("residence_permit", PERMIT, Identity("residence_permit", PERMIT, BORN, "M")),
        ("resident_id", PERMIT, Identity("residence_permit", PERMIT, BORN, "M")),
    ],
)
def test_a_number_tells_what_it_can(kind: str, typed: str, read: Identity) -> None:
    assert read_document(kind, typed, on=TODAY) == read


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        ("hk_macao_permit", "", "missing"),
        ("hk_macao_permit", None, "wrong_type"),
        ("hk_macao_permit", "T12345678", "bad_id_format"),
        ("hk_macao_permit", "H1234567", "bad_id_format"),
        ("hk_macao_permit", "H123456789", "bad_id_format"),
        ("hk_macao_permit", "H١٢٣٤٥٦٧٨", "bad_id_format"),
        ("hk_macao_permit", "H" * 400, "too_long"),
        ("taiwan_permit", "1234567", "bad_id_format"),
        ("taiwan_permit", "12345678A", "bad_id_format"),
        ("taiwan_permit", "12\x00345678", "bad_characters"),
        ("foreign_resident", "US1100900315012", "bad_id_format"),
        ("foreign_resident", checked("37150219900315001"), "bad_id_format"),
        ("foreign_resident", FOREIGN[:17] + ("0" if FOREIGN[17] != "0" else "1"), "bad_id_check"),
        ("foreign_resident", checked("91184019901315001"), "bad_id_birth"),
        ("foreign_resident", checked("91184020150315001"), "too_young"),
        ("residence_permit", checked("81000120900315001"), "bad_id_birth"),
        ("residence_permit", checked("37150219900315001"), "bad_id_area"),
        ("residence_permit", checked("83000020150315001"), "too_young"),
        ("resident_id", FOREIGN, "other_kind"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(kind: str, typed: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_document(kind, typed, on=TODAY)
    assert (refused.value.code, refused.value.field) == (code, "id_number")


@pytest.mark.parametrize("typed", ["1990-03-15", "1990/3/15", "19900315", "1990年3月15日", "１９９０.３.１５", BORN])
def test_a_birth_date_is_read_as_people_write_it(typed: Any) -> None:
    assert parse_birth(typed, on=TODAY) == BORN


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        (None, "missing"),
        ({"a": 1}, "wrong_type"),
        ("1990-02-30", "bad_birth"),
        ("15.3.1990", "bad_birth"),
        ("199035", "bad_birth"),
        ("1890-03-15", "bad_birth"),
        ((TODAY + timedelta(days=1)).isoformat(), "bad_birth"),
        (TODAY.replace(year=TODAY.year - 16) + timedelta(days=1), "too_young"),
    ],
)
def test_a_birth_date_that_cannot_be_is_refused(typed: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_birth(typed, on=TODAY)
    assert (refused.value.code, refused.value.field) == (code, "birth_on")


def test_sixteen_today_is_old_enough() -> None:
    assert parse_birth(TODAY.replace(year=TODAY.year - 16), on=TODAY).year == TODAY.year - 16


@pytest.mark.parametrize(("typed", "code"), [("", "missing"), ("X", "unknown_choice"), (1, "wrong_type")])
def test_a_sex_that_is_no_choice_is_refused(typed: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_sex(typed)
    assert refused.value.code == code


@given(st.text(max_size=40), st.sampled_from(IdKind.values))
def test_whatever_is_typed_is_read_or_refused(typed: str, kind: str) -> None:
    try:
        read = read_document(kind, typed, on=TODAY)
    except Invalid as refusal:
        read = Identity(refusal.field or "", "")
    assert read.kind in {"id_number", "residence_permit"} or (read.kind, read.number) in set(kinds_of(read.number))


@given(st.from_regex(r"[HM][0-9]{8}([0-9]{2})?", fullmatch=True))
def test_renewals_of_a_permit_stay_one_person(typed: str) -> None:
    read = read_document("hk_macao_permit", typed, on=TODAY)
    assert read == read_document("hk_macao_permit", typed[:9], on=TODAY)
    assert id_digest(read.number, read.kind) == id_digest(typed[:9], "hk_macao_permit")


@given(st.dates(date(1930, 1, 1), date(2009, 1, 1)), st.integers(0, 999), st.sampled_from(["91", "81", "37"]))
def test_one_wrong_digit_of_eighteen_is_found(born: date, serial: int, area: str) -> None:
    kind = {"91": "foreign_resident", "81": "residence_permit", "37": "resident_id"}[area]
    number = checked(f"{area}0000{born:%Y%m%d}{serial:03d}")
    assert read_document(kind, number, on=TODAY).birth_on == born
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    with pytest.raises(Invalid):
        read_document(kind, wrong, on=TODAY)


def test_citizen_numbers_are_one_person_under_either_name_and_other_kinds_are_not() -> None:
    assert id_digest(PERMIT, "residence_permit") == id_digest(PERMIT)
    assert id_digest("12345678", "taiwan_permit") != id_digest("12345678", "hk_macao_permit")


def fields(**changes: Any) -> Any:
    return check_fields(make_fields(**changes), on=TODAY, groups={"courier"}, platforms=set())


def test_birth_and_sex_are_asked_only_where_the_number_is_silent() -> None:
    assert fields().identity.asked == {}
    with pytest.raises(Invalid) as refused:
        fields(id_kind="taiwan_permit", id_number="1234")
    assert [error.field for error in refused.value.errors] == ["id_number", "birth_on", "sex"]
    with pytest.raises(Invalid) as refused:
        fields(id_kind="foreign_resident", id_number=FOREIGN)
    assert [error.field for error in refused.value.errors] == ["sex"]
    told = fields(id_kind="hk_macao_permit", id_number="H12345678", birth_on="1990-03-15", sex="F").identity
    assert told.asked == {"birth_on": BORN, "sex": "F"}


def apply(actor: Actor, raw: dict[str, Any]) -> Any:
    consents = ["processing", "identity"]
    return start_application(
        actor=actor, raw=raw, door="h5", consents=consents, consent_version=CONSENT_VERSION, now=NOW
    )


def test_a_permit_is_held_sealed_with_what_was_asked(tree: Tree, nobody: Actor) -> None:
    raw = make_fields(id_kind="hk_macao_permit", id_number="H1234567801", birth_on="1990-03-15", sex="F")
    application = apply(nobody, raw).application
    application.refresh_from_db()
    assert (application.id_kind, application.birth_on, application.sex) == ("hk_macao_permit", BORN, "F")
    assert bytes(application.id_digest) == id_digest("H12345678", "hk_macao_permit")
    resident = apply(nobody, make_fields(id_number=make_id_number(), birth_on="1980-01-01", sex="F")).application
    resident.refresh_from_db()
    assert (resident.birth_on, resident.sex) == (None, "")
    assert code_sent_to(raw["phone"])


def test_a_person_with_a_permit_is_admitted_once_and_found_by_it(tree: Tree, nobody: Actor) -> None:
    raw = make_fields(id_kind="taiwan_permit", id_number="01234567", birth_on="1990-03-15", sex="M")
    sent = apply(nobody, raw)
    later = NOW + timedelta(minutes=1)
    number = sent.application.number
    confirm_application(actor=nobody, number=number, code=code_sent_to(raw["phone"]), now=later)
    reviewer = actor_for("reviewer", union=tree.couriers)
    for typed in ("01234567", "0123456702"):
        assert [row.number for row in find_applications(reviewer, ApplicationFilters(text=typed), now=later)] == [
            number
        ]
    decide(actor=reviewer, number=number, decision="approve", now=later)
    worker = Worker.objects.get()
    assert (worker.id_kind, worker.birth_on, worker.sex) == ("taiwan_permit", BORN, "M")
    again = raw | {"id_number": "0123456702", "phone": "15459999999"}
    sent = apply(nobody, again)
    code = code_sent_to(again["phone"])
    done = confirm_application(actor=nobody, number=sent.application.number, code=code, now=later)
    assert done.application.state == "known_member"
    registrar = actor_for("registrar", union=tree.city)
    for typed in ("01234567", "0123456702"):
        assert [row.worker for row in search(registrar, Filters(text=typed)).items] == [worker]


def test_masks_keep_little_of_a_short_number() -> None:
    assert (mask_id("H12345678"), masks.mask_id("H12345678")) == ("H******78", "H******78")
    assert (mask_id(FOREIGN)[6:14], masks.mask_id("USA110090031501")) == ("********", "USA1*********01")
    assert same_last6("H12345678", "345678")
