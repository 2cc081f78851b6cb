"""The registry under any order of acts: one membership a person, numbers that agree, a history without gap or overlap.

Joining, moving, retaining, returning, resting, leaving, joining again, merging two records and parting them, dissolving
unions, in the order in which hypothesis thinks of them; after each act everything is looked at again.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from nuanxin.access.actors import system
from nuanxin.insight.actions import fold
from nuanxin.insight.queries import recount
from nuanxin.kernel.clock import local_day
from nuanxin.kernel.refusals import Refusal
from nuanxin.members.actions.duplicates_merge import merge, undo_merge
from nuanxin.members.actions.memberships import end, resume, suspend
from nuanxin.members.actions.retained import retain, take_up_again
from nuanxin.members.actions.review import decide
from nuanxin.members.actions.transfers import request_transfer
from nuanxin.members.models import ApplicationAct, Duplicate, Membership, Worker
from nuanxin.members.queries.history import stays
from nuanxin.members.queries.persons import id_digest
from nuanxin.members.states import MembershipState
from nuanxin.organizations.actions import dissolve_union
from nuanxin.organizations.models import Union
from nuanxin.organizations.states import EmployerScope, UnionKind
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.insight import announce_fact, where
from tests.factories.members import make_application, make_id_number
from tests.factories.organizations import Tree, make_tree, make_union
from tests.members.moves_scene import make_beijing

REASON = "按规定办理"


class Registry(RuleBasedStateMachine):
    """A small city and one union of another; every act may be refused, and then nothing has changed."""

    tree: ClassVar[Tree]
    elsewhere: ClassVar[Union]
    people = Bundle("people")
    merged = Bundle("merged")

    @initialize()
    def begin(self) -> None:
        """Take a savepoint: what an example writes is gone when it ends."""
        self.whole = transaction.atomic()
        self.whole.__enter__()
        self.now: datetime = NOW
        self.unions = [self.tree.couriers, self.tree.village, self.tree.pool, self.elsewhere]
        self.clerk = actor_for("registrar", union=self.tree.nation)
        self.refused = 0

    def teardown(self) -> None:
        """Take everything back."""
        if hasattr(self, "whole"):
            transaction.set_rollback(True)
            self.whole.__exit__(None, None, None)

    def _try(self, act: Any, **given: Any) -> Any:
        """Do an act; one that is refused leaves no trace."""
        self.now += timedelta(hours=7)
        with suppress(Refusal), transaction.atomic():
            return act(**given, now=self.now)
        self.refused += 1
        return None

    def _standing(self, worker: Worker) -> Membership | None:
        rows = Membership.objects.select_related("union", "worker").filter(worker=worker)
        return rows.exclude(state=MembershipState.ENDED).first() or rows.order_by("-pk").first()

    def _open(self) -> list[Union]:
        return list(Union.objects.filter(pk__in=[union.pk for union in self.unions], closed_at=None).order_by("pk"))

    def _join(self, number: str, place: int) -> Worker | None:
        union = self._open()[place % len(self._open())]
        known = Worker.objects.filter(pk__in=Membership.objects.values("worker"), id_digest=id_digest(number)).first()
        with suppress(Refusal), transaction.atomic():
            application = make_application(union=union, id_number=number, worker=known, started_at=self.now)
            ApplicationAct.objects.create(application=application, at=self.now, act="submitted", union=union)
            announce_fact("apply", where(union, day=local_day(self.now)))
            decide(actor=system(), number=application.number, decision="approve", now=self.now)
            application.refresh_from_db()
            return application.worker
        return None

    @rule(target=people, place=st.integers(0, 9), serial=st.integers(1, 400))
    def join(self, place: int, serial: int) -> Worker | None:
        """Somebody joins; the same ID number is the same person."""
        return self._join(make_id_number(serial=serial), place)

    @rule(worker=people, place=st.integers(0, 9))
    def move(self, worker: Worker | None, place: int) -> None:
        """A cadre of both unions asks for a transfer: it is done at once."""
        if worker and (held := self._standing(worker)):
            target = self._open()[place % len(self._open())]
            given = {"membership": held, "to_union": target, "started_by": "cadre", "reason": REASON}
            self._try(request_transfer, actor=self.clerk, **given)

    @rule(worker=people, why=st.sampled_from(["retired", "unemployed", "military", "employer_closed"]))
    def keep(self, worker: Worker | None, why: str) -> None:
        """A membership is retained."""
        if worker and (held := self._standing(worker)):
            self._try(retain, actor=self.clerk, number=held.number, retain_reason=why, evidence=REASON)

    @rule(worker=people, act=st.sampled_from([suspend, resume, take_up_again]))
    def stand(self, worker: Worker | None, act: Any) -> None:
        """A membership rests, goes on, or is taken up again."""
        if worker and (held := self._standing(worker)):
            self._try(act, actor=self.clerk, number=held.number, reason=REASON)

    @rule(worker=people)
    def leave(self, worker: Worker | None) -> None:
        """Somebody leaves."""
        if worker and (held := self._standing(worker)):
            self._try(end, actor=self.clerk, number=held.number, end_reason="left", evidence=REASON)

    @rule(target=merged, one=people, other=people)
    def merge(self, one: Worker | None, other: Worker | None) -> Duplicate | None:
        """Two records turn out to be one person."""
        if not one or not other or one.pk == other.pk:
            return None
        first, second = sorted((one, other), key=lambda worker: worker.pk)
        pair, _new = Duplicate.objects.get_or_create(
            one=first, other=second, defaults={"union": self.tree.nation, "points": 40, "found_at": self.now}
        )
        done = self._try(merge, actor=self.clerk, duplicate_id=pair.pk, keep=one.pk, reason=REASON)
        return pair if done else None

    @rule(pair=merged)
    def part(self, pair: Duplicate | None) -> None:
        """It was a mistake: they are two."""
        if pair:
            self._try(undo_merge, actor=self.clerk, duplicate_id=pair.pk, reason=REASON)

    @rule(heir=st.one_of(st.none(), st.integers(0, 9)), place=st.integers(0, 9))
    def dissolve(self, heir: int | None, place: int) -> None:
        """A union comes to its end; one more is founded, so that there is always somewhere to go."""
        unions = self._open()
        into = unions[heir % len(unions)] if heir is not None else None
        self._try(dissolve_union, actor=system(), union=unions[place % len(unions)], heir=into, reason=REASON)
        if len(self._open()) < 4:
            self.unions.append(
                make_union(
                    parent=self.tree.county, kind=UnionKind.JOINT, region="371502001", admits=EmployerScope.UNCOVERED
                )
            )

    @rule()
    def count(self) -> None:
        """The background counts in what has happened."""
        fold(limit=5)

    @invariant()
    def everybody_belongs_once(self) -> None:
        """Each person has one membership that has not ended, or none; nobody belongs to a closed union."""
        if not hasattr(self, "whole"):
            return
        live = list(Membership.objects.exclude(state=MembershipState.ENDED).values_list("worker", "union__closed_at"))
        assert len({worker for worker, _closed in live}) == len(live)
        assert all(closed is None for _worker, closed in live)

    @invariant()
    def numbers_agree(self) -> None:
        """Tallies equal a recount."""
        if hasattr(self, "whole"):
            assert recount() == []

    @invariant()
    def history_has_no_gap(self) -> None:
        """Every stay begins when the one before ends, the first when the membership began, the last is the present."""
        if not hasattr(self, "whole"):
            return
        for membership in Membership.objects.select_related("union"):
            told = stays(membership)
            assert told[0].since == membership.began_on
            assert all(before.until == after.since for before, after in pairwise(told))
            assert (told[-1].union, told[-1].until) == (membership.union, membership.ended_on)
            assert all(stay.until is None or stay.since <= stay.until for stay in told)


@pytest.mark.django_db
def test_the_registry_is_right_after_every_act() -> None:
    Registry.tree = make_tree()
    Registry.elsewhere = make_beijing(Registry.tree)
    run_state_machine_as_test(
        Registry,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
