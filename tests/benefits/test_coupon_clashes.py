"""Clashes decided by hand, and what partners are paid month by month: to the cent, at the ends of months."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from nuanxin.access.actors import system
from nuanxin.benefits.actions.clashes import decide_clash
from nuanxin.benefits.actions.redeeming import give_back, redeem
from nuanxin.benefits.actions.redeeming_late import Late, redeem_late
from nuanxin.benefits.actions.settling import close_month
from nuanxin.benefits.models import CouponClash, CouponIssue, CouponKind, MerchantTally, Redemption, SettlementLine
from nuanxin.benefits.queries.redemptions import get_clash, get_redemption
from nuanxin.benefits.queries.settling import due_until, lines_of
from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.ids import new_id
from nuanxin.kernel.refusals import Conflict, Invalid, NotAllowed, NotFound, Refusal
from nuanxin.records.models import AuditEntry
from tests.factories import NOW, TODAY
from tests.factories.access import actor_for, make_account, make_post, sign_in
from tests.factories.coupons import make_coupon, make_coupon_kind, make_issue
from tests.factories.members import make_member
from tests.factories.organizations import Tree
from tests.factories.partners import at_counter, make_place

WHY = "核对了小票，商品已给到会员"
LATER = NOW + timedelta(hours=5)
COST = Decimal("12.34")


@pytest.fixture
def shop(tree: Tree) -> Any:
    return make_place(union=tree.city)


@pytest.fixture
def kind(tree: Tree, shop: Any) -> CouponKind:
    return make_coupon_kind(union=tree.city, places=[(shop.partner, None)], offline_limit=1, cost=COST)


@pytest.fixture
def issue(kind: CouponKind) -> CouponIssue:
    return make_issue(kind, stock=40)


def clash_of(tree: Tree, shop: Any, kind: CouponKind, at: datetime = NOW) -> CouponClash:
    """Return the clash of a member who never had such a coupon."""
    actor, here = at_counter(shop)
    late = Late(new_id(), kind.pk, make_member(union=tree.couriers).worker, at)
    found = redeem_late(actor=actor, here=here, late=late, now=at + timedelta(hours=1))
    assert found is not None
    return found


def decide(clash: CouponClash, *, pay: bool, now: datetime = LATER, **more: Any) -> CouponClash:
    return decide_clash(actor=system(), clash=get_clash(system(), clash.pk), pay=pay, reason=WHY, now=now, **more)


def month(first: datetime) -> tuple[str, datetime]:
    """Return a month and a moment after its end."""
    return f"{first:%Y-%m}", (first + timedelta(days=31)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def test_beyond_the_limit_and_paid_the_coupon_is_redeemed_as_of_then(
    tree: Tree, shop: Any, kind: CouponKind, issue: CouponIssue
) -> None:
    shop.partner.contracts.update(day_cap=1)
    actor, here = at_counter(shop)
    coupons = []
    for order in range(2):
        member = make_member(union=tree.couriers)
        coupons.append(make_coupon(member, issue))
        late = Late(new_id(), kind.pk, member.worker, NOW + timedelta(minutes=order))
        redeem_late(actor=actor, here=here, late=late, now=LATER)
    clash = CouponClash.objects.get(why="limit")
    decided = decide(clash, pay=True)
    coupons[1].refresh_from_db()
    redemption = Redemption.objects.get(coupon=coupons[1])
    assert (coupons[1].state, decided.redemption_id, redemption.at) == ("checked_in", redemption.pk, clash.at)
    assert MerchantTally.objects.get(period=f"{TODAY}").count == 2
    [due] = due_until(system(), month(NOW)[1])
    assert (due.count, due.amount) == (2, 2 * COST)
    with pytest.raises(Conflict) as refusal:
        decide(clash, pay=False)
    assert refusal.value.code == "became_redemption"
    give_back(actor=system(), redemption=get_redemption(system(), redemption.pk), reason="小票不符", now=LATER)
    assert [(row.count, row.amount) for row in due_until(system(), month(NOW)[1])] == [(1, COST)]


def test_refusals_decide_nothing(tree: Tree, shop: Any, kind: CouponKind) -> None:
    clash = clash_of(tree, shop, kind)
    with pytest.raises(NotAllowed):
        decide_clash(actor=actor_for("reviewer", union=tree.city), clash=clash, pay=True, reason=WHY, now=LATER)
    for actor in (actor_for("reviewer", union=tree.city), actor_for("services", union=tree.couriers)):
        with pytest.raises(NotFound):
            get_clash(actor, clash.pk)
    with pytest.raises(Invalid):
        decide_clash(actor=system(), clash=clash, pay=True, reason=" ", now=LATER)
    unknown = clash_of(tree, shop, kind)
    CouponClash.objects.filter(pk=unknown.pk).update(kind=None)
    with pytest.raises(Conflict) as refusal:
        decide(unknown, pay=True)
    assert refusal.value.code == "no_kind"
    assert decide(unknown, pay=False).state == "unpaid"
    assert not AuditEntry.objects.filter(action="benefits.coupon_clash_decided", subject_id=clash.pk).exists()
    assert (CouponClash.objects.get(pk=clash.pk).state, due_until(system(), month(NOW)[1])) == ("open", [])


def test_decided_otherwise_a_closed_month_is_corrected_by_the_next(tree: Tree, shop: Any, kind: CouponKind) -> None:
    clash = clash_of(tree, shop, kind)
    decide(clash, pay=False)
    decide(clash, pay=True)
    with pytest.raises(Conflict) as refusal:
        decide(clash, pay=True)
    assert refusal.value.code == "decided_before"
    this, after = month(NOW)
    closed = close_month(actor=system(), partner=shop.partner, month=this, now=after)
    assert (closed.count, closed.amount, [line.kind for line in lines_of(closed)]) == (1, COST, ["clash"])
    decide(clash, pay=False, now=after)
    following, then = month(after)
    corrected = close_month(actor=system(), partner=shop.partner, month=following, now=then)
    assert (corrected.count, corrected.amount) == (-1, -COST)
    with pytest.raises(Conflict) as refusal:
        decide(clash, pay=True, now=then)
    assert refusal.value.code == "month_closed"


def test_the_books_agree_at_the_ends_of_months(tree: Tree, shop: Any, kind: CouponKind, issue: CouponIssue) -> None:
    """A month's last second and the next one's first; decided late; given back before and after a month closes."""
    end = month(NOW)[1]  # midnight in China, which is another day in UTC
    assert end == datetime(2026, 12, 1, tzinfo=ZONE)
    actor, here = at_counter(shop)
    moments = [NOW, end - timedelta(seconds=1), end, end + timedelta(hours=7, minutes=59), end + timedelta(hours=9)]
    redemptions = []
    for at in moments:
        member = make_member(union=tree.couriers)
        coupon = make_coupon(member, issue)
        redeem(actor=actor, worker=member.worker, here=here, key=str(coupon.pk), now=at)
        redemptions.append(Redemption.objects.get(coupon=coupon))
    paid, unpaid = (clash_of(tree, shop, kind, at) for at in (end - timedelta(seconds=1), end))
    decide(paid, pay=True, now=end)
    decide(unpaid, pay=False, now=end)
    first, second, after = "2026-11", "2026-12", datetime(2027, 1, 1, tzinfo=ZONE)
    with pytest.raises(Refusal):
        close_month(actor=system(), partner=shop.partner, month=first, now=end - timedelta(microseconds=1))
    closed = [close_month(actor=system(), partner=shop.partner, month=first, now=end)]
    assert (closed[0].count, closed[0].amount) == (3, 3 * COST)
    give_back(actor=system(), redemption=get_redemption(system(), redemptions[0].pk), reason="退货", now=after)
    give_back(actor=system(), redemption=get_redemption(system(), redemptions[2].pk), reason="退货", now=after)
    decide(unpaid, pay=True, now=after)
    closed.append(close_month(actor=system(), partner=shop.partner, month=second, now=after))
    assert (closed[1].count, closed[1].amount) == (2, 2 * COST)  # two redeemed and one decided, less one given back
    lines = SettlementLine.objects.all()
    standing = Redemption.objects.filter(state="redeemed").count() + CouponClash.objects.filter(state="paid").count()
    assert sum(line.amount for line in lines) == sum(each.amount for each in closed) == standing * COST == 5 * COST
    assert due_until(system(), datetime(2027, 2, 1, tzinfo=ZONE)) == []


def test_the_file_of_a_month_sums_to_the_cent(tree: Tree, shop: Any, kind: CouponKind, client: Any) -> None:
    decide(clash_of(tree, shop, kind), pay=True)
    decide(clash_of(tree, shop, kind, NOW + timedelta(days=1)), pay=True, now=NOW + timedelta(days=2))
    this, after = month(NOW)
    closed = close_month(actor=system(), partner=shop.partner, month=this, now=after)
    account = make_account()
    make_post(account=account, role="services", union=tree.city)
    sign_in(client, account)
    sent = client.get(f"/desk/coupons/settlements/{closed.number}/excel/")
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sent.streaming_content))).get_sheet_by_index(0).to_python()
    )
    amounts = [Decimal(str(row[-1])) for row in rows[1:]]
    assert sum(amounts[:-1]) == amounts[-1] == closed.amount == 2 * COST
    page = client.get(f"/desk/coupons/settlements/{closed.number}/").content.decode()
    assert page.count("12.34") == 2
