"""Two cadres at once, two phones at once: one act, one account."""

from __future__ import annotations

from collections import Counter

import pytest

from nuanxin.access.models import Account
from nuanxin.kernel.states import Moved
from nuanxin.members.actions.memberships import suspend
from nuanxin.members.actions.workers import _sign_in
from nuanxin.members.models import MembershipEntry, Worker
from nuanxin.records.models import AuditEntry
from tests.factories import NOW
from tests.factories.access import actor_for
from tests.factories.members import make_member, make_worker
from tests.factories.organizations import make_tree
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_eight_cadres_suspend_a_member_once() -> None:
    tree = make_tree()
    member = make_member(union=tree.couriers)
    clerks = [actor_for("registrar", union=tree.county) for _ in range(8)]

    def act(number: int) -> str:
        try:
            suspend(actor=clerks[number], number=member.number, reason="六个月未缴会费", now=NOW)
        except Moved:
            return "too late"
        return "suspended"

    assert Counter(at_once(act, 8)) == {"suspended": 1, "too late": 7}
    assert MembershipEntry.objects.filter(act="suspended").count() == 1
    assert AuditEntry.objects.filter(action="members.membership_suspended").count() == 1


def test_eight_first_sign_ins_make_one_account() -> None:
    make_tree()
    worker = make_worker()

    def act(_: int) -> object:
        fresh = Worker.objects.select_related("account").get(pk=worker.pk)
        return _sign_in(fresh, is_new=True, label="", now=NOW).account.pk

    accounts = set(at_once(act, 8))
    assert len(accounts) == 1
    assert Account.objects.filter(username__startswith="w").count() == 1
    assert Worker.objects.get().account_id in accounts
