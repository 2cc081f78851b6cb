"""Trials: a draft laid over the facts gives what routing gives once the draft is kept, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nuanxin.access.actors import Actor, Grant
from nuanxin.access.states import Permission
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound
from nuanxin.members.models import Application
from nuanxin.members.queries.trials.replay import try_draft
from nuanxin.members.rules.routing import Applicant, route
from nuanxin.members.rules.trials.replay import Case, Router, replay
from nuanxin.organizations.actions import (
    change_admission_rule,
    cover_enterprise,
    end_admission_rule,
    end_coverage,
    set_admission_rule,
)
from nuanxin.organizations.models import AdmissionRule, Enterprise, Union
from nuanxin.organizations.queries.atlas import atlas_for
from nuanxin.organizations.queries.drafts import draft_coverage, draft_end, draft_rule
from nuanxin.organizations.queries.routing import candidates_for
from nuanxin.organizations.rules.atlas import Atlas, Draft, KnownEmployer
from nuanxin.organizations.rules.facts import Candidates
from nuanxin.organizations.states import EmployerScope, UnionKind, UnionLevel
from tests.factories import NOW, TODAY
from tests.factories.members import make_application
from tests.factories.organizations import Tree, make_admission_rule, make_enterprise, make_tree, make_union
from tests.members.test_routing import NATION, VILLAGE, applicants, trees
from tests.web.api.rows import written

if TYPE_CHECKING:
    from collections.abc import Iterable

PLACES = ("371502", "371502001", "371502001001", "371502001002", "371503", "371503001")
GROUPS = ("courier", "food_delivery_rider", "truck_driver")
PLATFORMS = ("", "meituan", "didi")
TOMORROW = TODAY + timedelta(days=1)


def make_cadre(*, union: Union, permissions: Iterable[str]) -> Actor:
    """Return somebody who holds just these permissions at a union."""
    return Actor("cadre", grants=(Grant(frozenset(permissions), path=union.path, region_code=union.region_id),))


def _atlas(facts: Candidates) -> Atlas:
    employers = {facts.employer.id: KnownEmployer(facts.employer, ("meituan",))} if facts.employer else {}
    return Atlas(facts.unions, employers=employers, cities={facts.region_code: facts.city_code})


def _case(applicant: Applicant, facts: Candidates) -> Case:
    scanned = next((union.code for union in facts.unions if union.id == facts.scanned), "")
    return Case("1", applicant, facts.employer.id if facts.employer else None, scanned)


@given(st.lists(applicants, max_size=8), trees())
def test_an_unchanged_rule_set_moves_nobody(people: list[Applicant], facts: Candidates) -> None:
    atlas = _atlas(facts)
    found = replay([_case(person, facts) for person in people], atlas, Draft(TODAY))
    assert (found.total, found.elsewhere, found.moved, found.reworded) == (len(people), 0, (), 0)


@given(applicants, trees())
def test_a_case_goes_where_routing_sends_it(person: Applicant, facts: Candidates) -> None:
    """The atlas leaves out what can never decide; the union stays the same."""
    found = Router(_atlas(facts)).route(_case(person, facts))
    assert found is not None
    assert found.union == route(person, facts).union


def test_a_place_above_which_nothing_stands_goes_nowhere() -> None:
    empty = Atlas([], cities={VILLAGE: "3715"})
    assert Router(empty).route(Case("1", Applicant("courier", VILLAGE))) is None
    assert replay([Case("1", Applicant("courier", VILLAGE))], empty, Draft(TODAY)).staying == 1


def test_a_draft_for_a_union_that_is_not_there_changes_nothing() -> None:
    atlas = Atlas([NATION], cities={VILLAGE: "3715"})
    assert atlas.with_draft(Draft(TODAY, union=replace(NATION, id=TREE_LESS).id)).unions == atlas.unions


TREE_LESS = AdmissionRule().id


@pytest.fixture
def tree(db: None) -> Tree:
    return make_tree()


@pytest.fixture
def organizer(tree: Tree) -> Actor:
    rights = {Permission.EDIT_RULES, Permission.EDIT_ENTERPRISES, Permission.VIEW_MEMBERS, Permission.VIEW_TALLIES}
    return make_cadre(union=tree.city, permissions=[*rights, Permission.VIEW_ORGANIZATIONS])


def _random_unions(random: Random, tree: Tree) -> list[Union]:
    """Add unions with any rules at any place, of kinds that may stand there more than once."""
    kinds = [UnionKind.INDUSTRY, UnionKind.FLEXIBLE, UnionKind.PLATFORM, UnionKind.VILLAGE, UnionKind.JOINT]
    made = []
    for _index in range(random.randint(3, 9)):
        union = make_union(
            parent=tree.city,
            kind=random.choice(kinds),
            region=random.choice(PLACES),
            level=UnionLevel.TOWNSHIP,
        )
        for _rule in range(random.randint(0, 2)):
            make_admission_rule(
                union=union,
                employers=random.choice(EmployerScope.values),
                groups=random.sample(GROUPS, random.randint(0, 2)),
                platforms=random.sample(["meituan", "didi"], random.randint(0, 1)),
                regions=random.sample(PLACES, random.randint(0, 2)),
                valid_from=random.choice([TODAY - timedelta(days=9), TODAY, TOMORROW]),
                valid_until=random.choice([None, None, TODAY + timedelta(days=30)]),
            )
        made.append(union)
    return made


def _random_cases(random: Random, unions: list[Union], firms: list[Enterprise]) -> list[Case]:
    return [
        Case(
            str(number),
            Applicant(
                random.choice(GROUPS), random.choice(PLACES), random.choice(PLATFORMS), random.choice(["", "小店"])
            ),
            random.choice([None, None, *(firm.pk for firm in firms)]),
            random.choice(["", "", "", random.choice(unions).code]),
        )
        for number in range(60)
    ]


def _candidates(case: Case, on: Any) -> Candidates:
    return candidates_for(
        region_code=case.applicant.region_code,
        employer_id=case.employer_id,
        platform=case.applicant.platform,
        group_code=case.applicant.group,
        scanned_code=case.scanned_code,
        on=on,
    )


def _atlas_of(cases: list[Case], on: Any, draft: Draft | None = None) -> Atlas:
    return atlas_for(
        {case.applicant.region_code for case in cases},
        employer_ids={draft.employer if draft else None, *(case.employer_id for case in cases)},
        scanned_codes={case.scanned_code for case in cases},
        union_ids=[draft.union if draft else None],
        on=on,
    )


def _typed(random: Random) -> dict[str, Any]:
    return {
        "employers": random.choice(EmployerScope.values),
        "valid_from": random.choice([TODAY, TOMORROW]),
        "source_note": "草案",
        "occupation_groups": random.sample(GROUPS, random.randint(0, 2)),
        "region_codes": random.sample(PLACES, random.randint(0, 2)),
        "platforms": random.sample(["meituan", "didi"], random.randint(0, 1)),
    }


@pytest.mark.parametrize("seed", range(12))
def test_the_trial_says_what_routing_says_once_the_draft_is_kept(seed: int, tree: Tree, organizer: Actor) -> None:
    """Random trees, cases and drafts: the same unions and the same reasons, step by step, before and after."""
    random = Random(seed)
    unions = _random_unions(random, tree)
    firms = [make_enterprise(union=random.choice([None, *unions]), platforms=("meituan",)) for _ in range(3)]
    cases = _random_cases(random, unions, firms)
    union, typed = random.choice(unions), _typed(random)
    rule = AdmissionRule.objects.filter(union=union).order_by("pk").first()
    kind = random.choice(["new", "change", "end"]) if rule else "new"
    shared: dict[str, Any] = {"actor": organizer, "union": union, "now": NOW}
    if kind == "end":
        draft = draft_end(**shared, rule_id=rule.pk, on=TODAY)  # type: ignore[union-attr]
    else:
        draft = draft_rule(**shared, replaces=rule.pk if rule and kind == "change" else None, **typed)
    before = _atlas_of(cases, draft.on, draft)
    after, replayed = before.with_draft(draft), replay(cases, before, draft)
    old = {case.number: route(case.applicant, _candidates(case, draft.on)) for case in cases}
    if kind == "end":
        end_admission_rule(**shared, rule_id=rule.pk, on=TODAY)  # type: ignore[union-attr]
    elif kind == "change":
        change_admission_rule(**shared, rule_id=rule.pk, **typed)  # type: ignore[union-attr]
    else:
        set_admission_rule(**shared, **typed)
    for case in cases:
        new = route(case.applicant, _candidates(case, draft.on))
        for found, wanted in ((Router(before).route(case), old[case.number]), (Router(after).route(case), new)):
            assert found is not None
            assert [step.as_row() for step in found.steps] == [step.as_row() for step in wanted.steps]
    moved = {each.case.number: (each.before.union.code, each.after.union.code) for each in replayed.moved}
    kept = {case.number: route(case.applicant, _candidates(case, draft.on)).union.code for case in cases}
    assert moved == {
        number: (found.union.code, kept[number]) for number, found in old.items() if found.union.code != kept[number]
    }


@pytest.mark.parametrize("ends", [False, True])
def test_the_trial_of_a_coverage_says_what_routing_says_once_it_is_kept(
    ends: bool, tree: Tree, organizer: Actor
) -> None:
    own = make_union(parent=tree.county, kind=UnionKind.ENTERPRISE, name="圆通工会")
    firm = make_enterprise(union=own if ends else None)
    for _ in range(3):
        make_application(union=tree.couriers, employer=firm)
    make_application(union=tree.couriers)
    shared: dict[str, Any] = {"actor": organizer, "enterprise": firm, "on": TODAY, "now": NOW}
    draft = draft_coverage(**shared, union=None if ends else own, basis="" if ends else "own")
    found = try_draft(organizer, draft, days=30, now=NOW + timedelta(hours=1)).replay
    assert [(flow.source.code, flow.target.code, flow.count) for flow in found.flows] == [
        (own.code, tree.couriers.code, 3) if ends else (tree.couriers.code, own.code, 3)
    ]
    end_coverage(**shared) if ends else cover_enterprise(**shared, union=own)
    kept = candidates_for(region_code=VILLAGE, employer_id=firm.pk, group_code="courier", on=TODAY)
    assert route(Applicant("courier", VILLAGE), kept).union.code == found.flows[0].target.code


RIDERS: dict[str, Any] = {"employers": "uncovered", "occupation_groups": ["food_delivery_rider"], "source_note": "草案"}


@pytest.mark.parametrize(
    ("typed", "moved", "why"),
    [
        (RIDERS, {("GCSQLH00", "DCFKD000"): 2}, "industry_federation"),
        (RIDERS | {"platforms": ["didi"]}, {}, ""),
        (RIDERS | {"platforms": ["meituan"]}, {("GCSQLH00", "DCFKD000"): 1}, "industry_federation"),
        (RIDERS | {"employers": "covered"}, {}, ""),
        (RIDERS | {"employers": "any"}, {("GCSQLH00", "DCFKD000"): 2}, "industry_federation"),
        (RIDERS | {"occupation_groups": []}, {("GCSQLH00", "DCFKD000"): 3}, "industry_federation"),
        (RIDERS | {"region_codes": ["371502001002"]}, {}, ""),
    ],
)
def test_what_a_new_rule_would_change(
    typed: dict[str, Any], moved: dict[Any, int], why: str, tree: Tree, organizer: Actor
) -> None:
    """Two riders, one on a platform, a truck driver and a courier; the couriers' federation widens its reach."""
    for group, platform in (("food_delivery_rider", None), ("food_delivery_rider", "meituan"), ("truck_driver", None)):
        make_application(union=tree.village, group=group, platform_id=platform)
    make_application(union=tree.couriers)
    draft = draft_rule(actor=organizer, union=tree.couriers, now=NOW, **{"valid_from": TODAY} | typed)
    tried = try_draft(organizer, draft, days=30, now=NOW + timedelta(hours=1))
    assert {(flow.source.code, flow.target.code): flow.count for flow in tried.replay.flows} == moved
    assert (tried.found, tried.replay.total, tried.replay.counted) == (4, 4, 0)
    assert tried.replay.staying == 4 - sum(moved.values())
    for each in tried.replay.moved:
        assert (each.before.steps[-1].rule, each.after.steps[-1].rule) == ("village_union", why)


def test_a_rule_of_next_month_is_judged_on_its_first_day(tree: Tree, organizer: Actor) -> None:
    make_application(union=tree.village, group="food_delivery_rider")
    later = TODAY + timedelta(days=40)
    AdmissionRule.objects.filter(union=tree.village).update(valid_until=TODAY + timedelta(days=35))
    draft = draft_rule(actor=organizer, union=tree.couriers, now=NOW, **RIDERS | {"valid_from": later})
    tried = try_draft(organizer, draft, days=30, now=NOW + timedelta(hours=1))
    assert tried.on == later
    assert [(flow.source.code, flow.target.code) for flow in tried.replay.flows] == [("GLJDLH00", "DCFKD000")]


def test_applications_out_of_reach_are_counted_and_not_shown(tree: Tree) -> None:
    """A county's draft takes from the city's pool: the county sees how many, and not who."""
    rights = [Permission.EDIT_RULES, Permission.VIEW_MEMBERS, Permission.VIEW_TALLIES]
    county = make_cadre(union=tree.county, permissions=rights)
    AdmissionRule.objects.filter(union__in=[tree.village, tree.township]).delete()
    for region in ("371502001001", "371502001002", "371503"):
        make_application(union=tree.pool, group="truck_driver", region=region)
    make_application(union=tree.couriers)
    typed: dict[str, Any] = {"employers": "uncovered", "valid_from": TODAY, "source_note": "草案"}
    draft = draft_rule(actor=county, union=tree.township, now=NOW, **typed)
    found = try_draft(county, draft, days=30, now=NOW + timedelta(hours=1)).replay
    assert (found.total, found.counted, found.moved) == (3, 2, ())
    assert [(flow.source.code, flow.target.code, flow.count) for flow in found.flows] == [
        (tree.pool.code, tree.township.code, 2)
    ]
    blind = make_cadre(union=tree.county, permissions=[Permission.EDIT_RULES])
    assert try_draft(blind, draft, days=30, now=NOW + timedelta(hours=1)).found == 0


def test_old_unconfirmed_and_unknown_periods(tree: Tree, organizer: Actor) -> None:
    make_application(union=tree.couriers, started_at=NOW - timedelta(days=31))
    make_application(state="unconfirmed")
    make_application(union=tree.couriers)
    draft = draft_rule(actor=organizer, union=tree.couriers, now=NOW, **RIDERS | {"valid_from": TODAY})
    soon = NOW + timedelta(hours=1)
    assert [try_draft(organizer, draft, days=days, now=soon).found for days in (7, 30, 90, 12345)] == [1, 1, 2, 1]
    few = try_draft(organizer, draft, days=90, now=soon, most=1)
    assert (few.found, few.replay.total) == (2, 1)


def test_a_trial_is_five_statements_and_writes_nothing(
    tree: Tree, organizer: Actor, django_assert_num_queries: Any
) -> None:
    firm = make_enterprise(union=tree.township, platforms=("meituan",))
    for _ in range(20):
        make_application(union=tree.couriers, employer=firm)
    draft = draft_rule(actor=organizer, union=tree.couriers, now=NOW, **RIDERS | {"valid_from": TODAY})
    before = written()
    with django_assert_num_queries(5):
        tried = try_draft(organizer, draft, days=30, now=NOW + timedelta(hours=1))
    assert tried.replay.total == 20
    assert written() == before


def test_refused_drafts(tree: Tree, organizer: Actor) -> None:
    rule = AdmissionRule.objects.get(union=tree.couriers)
    over = make_admission_rule(union=tree.couriers, valid_until=TODAY)
    firm = make_enterprise()
    stranger = make_cadre(union=make_union(parent=tree.nation, region="11"), permissions=[Permission.EDIT_RULES])
    blind = make_cadre(union=tree.county, permissions=[Permission.VIEW_ORGANIZATIONS])
    before = written()

    def new(actor: Actor = organizer, **typed: Any) -> Any:
        return draft_rule(actor=actor, union=tree.couriers, now=NOW, **RIDERS | {"valid_from": TODAY} | typed)

    past: dict[str, Any] = {"valid_from": TODAY - timedelta(days=9), "valid_until": TODAY}
    for refusal, code, work in (
        (NotFound, "not_found", lambda: new(stranger)),
        (NotAllowed, "not_allowed", lambda: new(blind)),
        (Invalid, "unknown_choice", lambda: new(employers="everybody")),
        (Invalid, "unknown_choice", lambda: new(occupation_groups=["wizard"])),
        (Invalid, "unknown_region", lambda: new(region_codes=["999999"])),
        (Invalid, "region_outside_parent", lambda: new(region_codes=["371503"], valid_from=TODAY)),
        (Invalid, "rule_over", lambda: new(**past)),
        (Invalid, "ends_before_start", lambda: new(valid_until=TODAY)),
        (Conflict, "already_ended", lambda: new(replaces=over.pk)),
        (NotFound, "not_found", lambda: new(replaces=TREE_LESS)),
        (
            Conflict,
            "already_ended",
            lambda: draft_end(actor=organizer, union=tree.couriers, rule_id=over.pk, on=TODAY, now=NOW),
        ),
        (
            NotFound,
            "not_found",
            lambda: draft_end(actor=organizer, union=tree.village, rule_id=rule.pk, on=TODAY, now=NOW),
        ),
        (
            Conflict,
            "not_covered",
            lambda: draft_coverage(actor=organizer, enterprise=firm, union=None, on=TODAY, now=NOW),
        ),
        (
            Invalid,
            "cannot_cover",
            lambda: draft_coverage(actor=organizer, enterprise=firm, union=tree.pool, on=TODAY, now=NOW, basis="own"),
        ),
    ):
        with pytest.raises(refusal) as refused:
            work()
        assert refused.value.code == code
    assert written() == before
    assert Application.objects.count() == 0


def test_changing_a_rule_ends_it_on_the_day_the_new_one_begins(tree: Tree, organizer: Actor) -> None:
    rule = AdmissionRule.objects.get(union=tree.couriers)
    made = change_admission_rule(
        actor=organizer, union=tree.couriers, rule_id=rule.pk, now=NOW, valid_from=TOMORROW, **RIDERS
    )
    rule.refresh_from_db()
    assert (rule.valid_until, made.valid_from, made.occupation_groups) == (TOMORROW, TOMORROW, ["food_delivery_rider"])
    with pytest.raises(Conflict):
        change_admission_rule(
            actor=organizer, union=tree.couriers, rule_id=rule.pk, now=NOW, valid_from=TOMORROW, **RIDERS
        )
    assert AdmissionRule.objects.filter(union=tree.couriers).count() == 2
