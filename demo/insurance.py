"""Gifted insurance and a program of mobile events in the demo city. Insurer, plan and events are invented."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from demo.places import CITY
from nuanxin.access.actors import Actor, actor_of_account
from nuanxin.access.models import Account
from nuanxin.activities.actions.programs import announce_events, make_program, plan_events
from nuanxin.activities.models import Event, Program
from nuanxin.benefits.actions.claims import File, decide_claim, make_claim
from nuanxin.benefits.actions.insurance_lists import freeze_batch, freeze_list
from nuanxin.benefits.actions.insurance_plans import make_plan, prepare_batch, register_insurer
from nuanxin.benefits.actions.insurance_reconciling import issue_next, reconcile
from nuanxin.benefits.actions.insurance_returns import receive_policies
from nuanxin.benefits.actions.insurance_rolls import ask_roll, take_roll, write_roll_file
from nuanxin.benefits.models import InsuranceBatch, InsurancePlan, Insurer, Policy
from nuanxin.benefits.queries.insurance_rolls import roll_lines
from nuanxin.benefits.rules.insurance import Checks
from nuanxin.bookings.actions.booking import book
from nuanxin.kernel.clock import ZONE, local_day
from nuanxin.members.models import Membership
from nuanxin.members.states import MembershipState
from nuanxin.organizations.models import Union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nuanxin.benefits.queries.insurance_rolls import RollLine

    Rows = list[dict[str, Any]]

#: Whose name it is done in.
_OFFICE = "liaocheng-services"
_INSURER = "暖心人寿（演示）"
_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)
_KINDS = ("体育", "电影", "普法", "培训", "健康", "文化")
_NAMES = ("骑手趣味运动会", "露天电影夜", "劳动合同怎么签", "急救与安全骑行", "颈椎腰椎义诊", "写春联迎新年")
_PLACES = ("古城区文化广场", "站前骑手驿站", "开发区物流园", "东昌湖体育公园")
_EVENTS, _SIGNED_UP = 24, 5


class Insurance:
    """Makes it through the same acts as a cadre, the insurer and a worker."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = local_day(now)
        self.actor = actor_of_account(Account.objects.get(username=_OFFICE), now)
        self.union = Union.objects.filter(region_id=CITY, kind="federation").order_by("path").first()

    def make(self) -> int:
        """Make all of it; return how many policies there are."""
        if self.union is None or Insurer.objects.filter(name=_INSURER).exists():
            return 0
        insurer = register_insurer(
            actor=self.actor, name=_INSURER, name_en="Warm Life (demo)", hotline="95500", now=self.now
        ).insurer
        plan = make_plan(actor=self.actor, union=self.union, insurer=insurer, fields=self._plan(), now=self.now)
        self._given(plan, "第一批（10月）", 60, 40, lambda rows: rows)
        self._claim()
        self._given(plan, "第二批（11月）", 40, 6, _with_mistakes)
        prepare_batch(
            actor=self.actor, plan=plan, union=self.union, name="第三批（12月）", on=self.today,
            cover_from=self.today + timedelta(days=9), checks=Checks(groups=("courier",), uninsured=True), now=self.now,
        )  # fmt: skip
        self._events()
        return Policy.objects.count()

    def _plan(self) -> dict[str, Any]:
        return {
            "code": "NX-ACCIDENT-A",
            "name": "新就业形态劳动者意外伤害保险",
            "name_en": "Accident insurance for new-employment workers",
            "cover": "意外身故与伤残10万元，意外医疗1万元，住院津贴每天50元",
            "cover_en": "Accidental death and disability 100,000, medical costs 10,000, hospital allowance 50 a day",
            "sum_insured": "100000",
            "premium": "36",
            "months": 12,
            "valid_from": date(self.today.year, 1, 1),
            "valid_until": None,
        }

    def _given(
        self,
        plan: InsurancePlan,
        name: str,
        most: int,
        ago: int,
        changed: Callable[[Rows], Rows],
    ) -> None:
        """Take a batch of people to the end, so many days ago; the insurer writes what `changed` makes of it."""
        then = self.now - timedelta(days=ago)
        assert self.union is not None
        batch = prepare_batch(
            actor=self.actor, plan=plan, union=self.union, name=name, on=local_day(then), cover_from=local_day(then),
            checks=Checks(least_age=16, most_age=65, uninsured=True), most=most, now=then,
        )  # fmt: skip
        freeze_batch(actor=self.actor, batch=batch, now=then)
        freeze_list(batch_id=batch.pk, now=then)
        batch = InsuranceBatch.objects.select_related("plan__insurer", "union").get(pk=batch.pk)
        rows = [
            {
                "ref": each.line,
                "policy_number": f"NX{batch.number[:8]}{plan.pk.hex[:4]}{ago:02d}{each.line:05d}",
                "name": each.name,
                "id_number": each.id_number,
                "cover_from": batch.cover_from.isoformat(),
                "cover_until": batch.cover_until.isoformat(),
                "sum_insured": "100000",
            }
            for each in self._roll(batch, then)
        ]
        body = {"id": f"demo-{ago}", "policies": changed(rows), "last": True}
        receive_policies(insurer=plan.insurer, batch=batch, body=body, now=then)
        reconcile(batch_id=batch.pk, now=then)
        while issue_next(batch_id=batch.pk, day=local_day(then), now=then):
            pass
        # everybody of the demonstration was told long ago
        last = Policy.objects.filter(batch=batch).order_by("-pk").values_list("pk", flat=True).first()
        InsuranceBatch.objects.filter(pk=batch.pk).update(told_to=last)

    def _roll(self, batch: InsuranceBatch, then: datetime) -> Iterator[RollLine]:
        """Have the roll written, take it, and return its lines."""
        ask_roll(actor=self.actor, batch=batch, now=then)
        write_roll_file(batch_id=batch.pk)
        take_roll(actor=self.actor, batch=batch, now=then)
        return roll_lines(batch)

    def _claim(self) -> None:
        """Let one of the insured make a claim that is with the insurer now."""
        policy = Policy.objects.select_related("worker__account", "insured").order_by("pk").first()
        if policy is None:
            return
        person = Actor(kind="worker", account_id=policy.worker.account_id, worker_id=policy.worker_id)
        then = self.now - timedelta(days=9)
        claim = make_claim(
            actor=person, policy=policy, happened_on=local_day(then) - timedelta(days=2),
            words="下雨天送餐，电动车打滑摔倒，左手腕骨裂，在市人民医院门诊处理。", asked="1860.50",
            account="6222020000000000018", files=[File("门诊票据.png", _PICTURE)], now=then,
        )  # fmt: skip
        decide_claim(actor=self.actor, claim=claim, act="forwarded", now=self.now - timedelta(days=7))

    def _events(self) -> None:
        assert self.union is not None
        program = make_program(
            actor=self.actor, union=self.union, name="流动暖新·冬季行动", name_en="Warm on the road: winter",
            starts_on=self.today, ends_on=self.today + timedelta(days=120), now=self.now - timedelta(days=1),
        )  # fmt: skip
        lines = [self._line(at) for at in range(_EVENTS)]
        plan_events(actor=self.actor, program=program, plan="\n".join(lines), now=self.now - timedelta(days=1))
        announce_events(actor=self.actor, program=Program.objects.get(pk=program.pk), now=self.now - timedelta(days=1))
        people = Membership.objects.filter(union__path__startswith=self.union.path, state=MembershipState.ACTIVE)
        chosen = list(people.order_by("-pk").values_list("worker_id", flat=True)[:_SIGNED_UP])
        for event in Event.objects.filter(program=program).select_related("offer").order_by("pk")[:4]:
            session = event.offer.sessions.get()
            for worker in chosen:
                person = Actor(kind="worker", worker_id=worker)
                book(actor=person, offer=event.offer_id, session=session.pk, worker=worker, now=self.now)

    def _line(self, at: int) -> str:
        day = self.today + timedelta(days=2 + at * 3)
        begin = datetime.combine(day, time(19 if at % 2 else 9, 30), tzinfo=ZONE)
        end = begin + timedelta(hours=2)
        place = _PLACES[at % len(_PLACES)]
        name, kind = _NAMES[at % len(_NAMES)], _KINDS[at % len(_KINDS)]
        return f"{begin:%Y-%m-%d %H:%M}-{end:%H:%M} | {name}（第{at + 1}场） | {place} | {30 + at % 5 * 10} | {kind}"


def _with_mistakes(rows: Rows) -> Rows:
    """Return the rows as a hasty insurer writes them: one of each kind of difference."""
    rows[0]["name"] += "儿"
    rows[1]["sum_insured"] = "10000"
    rows[2]["cover_from"] = "2026-01-01"
    rows[3]["policy_number"] = rows[4]["policy_number"]
    extra = rows[5] | {"ref": None, "policy_number": "NX-EXTRA-1", "name": "路人甲", "id_number": "110101199001010015"}
    return [*rows[:6], *rows[8:], extra]
