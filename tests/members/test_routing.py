"""Routing: by table for each rule, and by hypothesis over random trees."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.members.rules.reasons import WORDS, reasons_in_words
from nuanxin.members.rules.routing import Applicant, Unroutable, route
from nuanxin.organizations.rules.facts import AdmissionFacts, Candidates, EmployerFacts, UnionFacts
from nuanxin.organizations.states import EmployerScope, UnionKind, UnionLevel

VILLAGE = "371502001001"
SPACE = UUID("00000000-0000-0000-0000-00000000a11a")


def rule(code: str, employers: str = EmployerScope.UNCOVERED, **lists: Any) -> AdmissionFacts:
    return AdmissionFacts(uuid5(SPACE, f"rule {code}"), employers, source_note="办法第4条", **lists)


def union(code: str, kind: str, region: str, *admission: AdmissionFacts, level: str = UnionLevel.COUNTY) -> UnionFacts:
    return UnionFacts(
        uuid5(SPACE, code), code, f"{code}工会", f"Union {code}", kind, level, f"/N/{code}/", region, admission
    )


NATION = union("N", UnionKind.FEDERATION, "", level=UnionLevel.NATION)
CITY = union("C", UnionKind.FEDERATION, "3715", level=UnionLevel.CITY)
POOL = union("P", UnionKind.POOL, "3715", level=UnionLevel.CITY)
TOWNSHIP = union("T", UnionKind.FLEXIBLE, "371502001", rule("T"))
COMMUNITY = union("V", UnionKind.VILLAGE, VILLAGE, rule("V"))
COURIERS = union("I", UnionKind.INDUSTRY, "371502", rule("I", occupation_groups=("courier",)))
CITY_COURIERS = union("J", UnionKind.INDUSTRY, "3715", rule("J", occupation_groups=("courier",)))
PLATFORM = union("F", UnionKind.PLATFORM, "3715", rule("F", EmployerScope.ANY, platforms=("meituan",)))
OWN = union("E", UnionKind.ENTERPRISE, "371503")
COURIER = Applicant("courier", VILLAGE)
GUARD = Applicant("security_guard", VILLAGE)


def candidates(
    *unions: UnionFacts, scanned: UnionFacts | None = None, employer: EmployerFacts | None = None
) -> Candidates:
    return Candidates(VILLAGE, "3715", scanned.id if scanned else None, employer, (NATION, CITY, *unions))


def employer(covered_by: UnionFacts | None = None, basis: str = "own") -> EmployerFacts:
    return EmployerFacts(
        uuid5(SPACE, "employer"), "圆通速递聊城分部", "371503", covered_by.id if covered_by else None, basis
    )


@pytest.mark.parametrize(
    ("applicant", "given_facts", "chosen", "chain"),
    [
        (GUARD, candidates(), "C", ["no_employer", "industry_federation", "village_union", "township_union", "above"]),
        (
            GUARD,
            candidates(POOL),
            "P",
            ["no_employer", "industry_federation", "village_union", "township_union", "pool"],
        ),
        (
            GUARD,
            candidates(POOL, TOWNSHIP),
            "T",
            ["no_employer", "industry_federation", "village_union", "township_union"],
        ),
        (
            GUARD,
            candidates(POOL, TOWNSHIP, COMMUNITY),
            "V",
            ["no_employer", "industry_federation", "village_union"],
        ),
        (COURIER, candidates(TOWNSHIP, COMMUNITY, COURIERS), "I", ["no_employer", "industry_federation"]),
        (COURIER, candidates(CITY_COURIERS, COURIERS), "I", ["no_employer", "industry_federation"]),
        (
            Applicant("courier", VILLAGE, platform="meituan"),
            candidates(COURIERS, PLATFORM),
            "F",
            ["no_employer", "platform_union"],
        ),
        (COURIER, candidates(COURIERS, OWN, employer=employer(OWN)), "E", ["own_union"]),
        (COURIER, candidates(COURIERS, PLATFORM, employer=employer(PLATFORM, "partner")), "F", ["partner_union"]),
        (COURIER, candidates(COURIERS, employer=employer()), "I", ["employer_without_union", "industry_federation"]),
        (
            Applicant("courier", VILLAGE, employer_name="小店"),
            candidates(COURIERS),
            "I",
            ["employer_unknown", "industry_federation"],
        ),
        (COURIER, candidates(COURIERS, TOWNSHIP, scanned=TOWNSHIP), "T", ["scanned"]),
        (
            COURIER,
            candidates(COURIERS, OWN, scanned=COURIERS, employer=employer(OWN)),
            "E",
            ["scanned", "own_union"],
        ),
        (
            COURIER,
            candidates(PLATFORM, OWN, scanned=PLATFORM, employer=employer(OWN)),
            "E",
            ["scanned", "own_union"],
        ),
        (
            Applicant("courier", VILLAGE, platform="meituan"),
            candidates(PLATFORM, OWN, scanned=PLATFORM, employer=employer(OWN)),
            "F",
            ["scanned", "own_union_too"],
        ),
    ],
)
def test_the_order_of_rules(applicant: Applicant, given_facts: Candidates, chosen: str, chain: list[str]) -> None:
    found = route(applicant, given_facts)
    assert (found.union.code, [step.rule for step in found.steps]) == (chosen, chain)


def test_without_any_union_the_refusal_says_whom_to_call() -> None:
    with pytest.raises(Unroutable) as refused:
        route(GUARD, Candidates(VILLAGE, "3715"))
    assert (refused.value.code, refused.value.field) == ("no_union", "region_code")


CODES = st.sampled_from(["", "37", "3715", "371502", "371503", "371502001", "371502002", VILLAGE, "371502001002", "11"])
GROUPS = st.sampled_from(["courier", "truck_driver", "other"])
PLATFORMS = st.sampled_from(["meituan", "didi"])


@st.composite
def trees(draw: st.DrawFn) -> Candidates:
    """Draw any set of unions with any admission rules, an employer, a scanned code; the nation is always there."""
    unions = [NATION]
    for index in range(draw(st.integers(0, 12))):
        rules = tuple(
            AdmissionFacts(
                uuid5(SPACE, f"{index}/{number}"),
                draw(st.sampled_from(EmployerScope.values)),
                tuple(draw(st.sets(GROUPS, max_size=2))),
                tuple(code for code in draw(st.sets(CODES, max_size=2)) if code),
                tuple(draw(st.sets(PLATFORMS, max_size=1))),
                "依据",
            )
            for number in range(draw(st.integers(0, 2)))
        )
        kind = draw(st.sampled_from(list(UnionKind.values)))
        unions.append(union(f"U{index:02}", kind, draw(CODES.filter(bool)), *rules, level=UnionLevel.TOWNSHIP))
    covered_by = draw(st.sampled_from([None, *unions]))
    named = employer(covered_by, draw(st.sampled_from(["own", "joint", "partner"]))) if draw(st.booleans()) else None
    scanned = draw(st.sampled_from([None, *unions]))
    shuffled = tuple(draw(st.permutations(unions)))
    return Candidates(VILLAGE, "3715", scanned.id if scanned else None, named, shuffled)


applicants = st.builds(
    Applicant,
    group=GROUPS,
    region_code=st.just(VILLAGE),
    platform=st.sampled_from(["", "meituan", "didi"]),
    employer_name=st.sampled_from(["", "小店"]),
)


@given(applicants, trees(), st.randoms(use_true_random=False))
def test_every_tree_gives_exactly_one_union_and_the_same_twice(
    applicant: Applicant, facts: Candidates, random: object
) -> None:
    first = route(applicant, facts)
    turned = Candidates(
        facts.region_code, facts.city_code, facts.scanned, facts.employer, tuple(reversed(facts.unions))
    )
    assert route(applicant, turned) == first
    assert first.union in facts.unions


@given(applicants, trees())
def test_each_step_has_a_reason_in_words_and_one_decides(applicant: Applicant, facts: Candidates) -> None:
    found = route(applicant, facts)
    reasons = reasons_in_words(found.as_rows())
    assert [reason.text for reason in reasons if not reason.text or "%(" in reason.text + reason.detail] == []
    assert [reason.chosen for reason in reasons].count(True) == 1
    assert found.steps[[reason.chosen for reason in reasons].index(True)].union == found.union


@given(applicants, trees())
def test_the_union_is_on_the_path_of_the_worker_or_named_by_the_worker(applicant: Applicant, facts: Candidates) -> None:
    """On the path: above the place of work, the employer's own, the scanned one, or one whose rule names the area."""
    found = route(applicant, facts).union
    named = {facts.scanned, facts.employer.covered_by if facts.employer else None}
    assert applicant.region_code.startswith(found.region_code) or found.id in named


@given(applicants, trees())
def test_nobody_is_admitted_directly_against_the_admission_rules(applicant: Applicant, facts: Candidates) -> None:
    step = next(step for step in route(applicant, facts).steps if step.outcome == "chosen")
    if step.rule in ("industry_federation", "village_union", "township_union", "platform_union", "scanned"):
        assert step.union is not None
        groups = [rule.occupation_groups for rule in step.union.admission]
        assert any(not listed or applicant.group in listed for listed in groups)


def test_every_rule_that_may_end_a_step_has_words() -> None:
    judged = {"industry_federation", "village_union", "township_union", "platform_union"}
    assert {(name, outcome) for name in judged for outcome in ("chosen", "passed", "none")} <= set(WORDS)
