"""The rules by which notices go: kinds and ways, quiet hours, WeChat's answers, receipts, mailboxes. All by table."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nuanxin.kernel.clock import ZONE
from nuanxin.kernel.refusals import Invalid
from nuanxin.messages.rules import SENTENCES
from nuanxin.messages.rules.addresses import mask_email, parse_email
from nuanxin.messages.rules.kinds import ORDER, WAYS, first_ways, for_chats, kind_of, may_choose, next_way
from nuanxin.messages.rules.quiet import Quiet, quiet_hours
from nuanxin.messages.rules.receipts import read_receipt, states_before
from nuanxin.messages.rules.weixin import data_of, judge
from nuanxin.messages.states import MOVES, Channel, Kind, TextState

W, S, E, APP = Channel.WEIXIN, Channel.SMS, Channel.EMAIL, Channel.APP
NIGHT = Quiet(time(21), time(8))


def _at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("hours", "moment", "allowed"),
    [
        (NIGHT, _at(22, 20, 59, 59), _at(22, 20, 59, 59)),
        (NIGHT, _at(22, 21), _at(23, 8)),
        (NIGHT, _at(22, 23, 59, 59), _at(23, 8)),
        (NIGHT, _at(23, 0), _at(23, 8)),
        (NIGHT, _at(23, 7, 59, 59), _at(23, 8)),
        (NIGHT, _at(23, 8), _at(23, 8)),
        (NIGHT, _at(30, 22), datetime(2026, 12, 1, 8, tzinfo=ZONE)),
        (Quiet(time(12), time(14)), _at(22, 13), _at(22, 14)),
        (Quiet(time(12), time(14)), _at(22, 14), _at(22, 14)),
        (Quiet(time(12), time(14)), _at(22, 11, 59), _at(22, 11, 59)),
        (Quiet(time(9), time(9)), _at(22, 9), _at(22, 9)),
    ],
)
def test_quiet_hours(hours: Quiet, moment: datetime, allowed: datetime) -> None:
    assert hours.allowed(moment) == allowed
    assert hours.is_quiet(moment) is (allowed != moment)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.times(), st.times(), st.integers(0, 2 * 366 * 86_400))
def test_the_end_of_quiet_hours_is_never_quiet_and_less_than_a_day_away(start: time, end: time, seconds: int) -> None:
    moment, hours = _at(22, 0) + timedelta(seconds=seconds), Quiet(start, end)
    allowed = hours.allowed(moment)
    assert not hours.is_quiet(allowed)
    assert timedelta(0) <= allowed - moment <= timedelta(days=1)


def test_quiet_hours_are_read_from_the_settings() -> None:
    assert quiet_hours("21:00-08:00") == NIGHT
    assert quiet_hours("none").is_quiet(_at(22, 3)) is False
    for wrong in ("21", "21:00-25:00", "late-early", ""):
        with pytest.raises(ValueError):
            quiet_hours(wrong)


@pytest.mark.parametrize(
    ("kind", "chosen", "has", "ways"),
    [
        # codes go to the phone, whatever was chosen
        (Kind.CODE, None, [S, W, E], [S]),
        (Kind.CODE, [W], [S, W], [S]),
        # what somebody must hear of goes by text message, and by one more way if that is wanted
        (Kind.APPLICATION, None, [S, W, E], [S]),
        (Kind.APPLICATION, [], [S], [S]),
        (Kind.APPLICATION, [W, E], [S, W, E], [S, W]),
        (Kind.APPLICATION, [E], [S, W, E], [S, E]),
        (Kind.MEMBERSHIP, [W], [S], [S]),
        (Kind.SECURITY, None, [], []),
        # how things go on: the first way that somebody has
        (Kind.PROGRESS, None, [S, W], [W]),
        (Kind.PROGRESS, None, [S, E], [S]),
        (Kind.PROGRESS, None, [E], []),
        (Kind.PROGRESS, [], [S, W, E], []),
        (Kind.PROGRESS, [E], [S, W, E], [E]),
        (Kind.PROGRESS, [S, E], [S, W, E], [S]),
        # cadres
        (Kind.WORK, None, [S, E], [E]),
        (Kind.WORK, [S], [S, E], [S]),
        # a way that a kind does not offer counts for nothing
        (Kind.PROGRESS, ["wecom"], [S], []),
    ],
)
def test_first_ways(kind: Kind, chosen: Any, has: list[str], ways: list[str]) -> None:
    assert list(first_ways(kind, chosen, has)) == ways


@pytest.mark.parametrize(
    ("kind", "chosen", "has", "used", "way"),
    [
        (Kind.APPLICATION, None, [S, E], [S], E),
        (Kind.APPLICATION, [], [S, W, E], [S], W),
        (Kind.APPLICATION, None, [S], [S], None),
        (Kind.PROGRESS, None, [S, W], [W], S),
        (Kind.PROGRESS, [W], [S, W], [W], None),
        (Kind.PROGRESS, None, [S, W, E], [W, S], None),
        (Kind.WORK, None, [E, S], [E], None),
    ],
)
def test_next_way(kind: Kind, chosen: Any, has: list[str], used: list[str], way: str | None) -> None:
    assert next_way(kind, chosen, has, used) == way


@given(
    st.sampled_from(list(Kind)),
    st.none() | st.sets(st.sampled_from(list(Channel))),
    st.sets(st.sampled_from(ORDER)),
)
def test_no_way_is_taken_twice_or_without_an_address_and_what_always_goes_goes(
    kind: Kind, chosen: Any, has: set[Channel]
) -> None:
    used = list(first_ways(kind, chosen, has))
    assert {way for way in WAYS[kind].always if way in has} <= set(used)
    while way := next_way(kind, chosen, has, used):
        used.append(way)
    assert len(used) == len(set(used))
    assert set(used) <= has


def test_every_template_has_its_kind_and_every_kind_its_ways() -> None:
    assert set(WAYS) == set(Kind)
    expected = {
        "code.sign_in": Kind.CODE,
        "email.confirm": Kind.CODE,
        "application.approved": Kind.APPLICATION,
        "application.accepted": Kind.PROGRESS,
        "application.waiting": Kind.WORK,
        "contest.upheld": Kind.APPLICATION,
        "contest.waiting": Kind.WORK,
        "membership.ended": Kind.MEMBERSHIP,
        "phone.changed": Kind.SECURITY,
        "post.granted": Kind.WORK,
        "nobody.placed_it": Kind.MEMBERSHIP,
    }
    assert {name: kind_of(name) for name in expected} == expected
    assert {kind for kind in Kind if WAYS[kind].is_urgent} == {Kind.CODE, Kind.SECURITY}
    assert all(for_chats(name) is name.endswith(".waiting") for name in SENTENCES)
    assert may_choose(Kind.CODE) == ()
    assert all(APP in WAYS[kind].always for kind in Kind if kind != Kind.CODE)


@pytest.mark.parametrize(
    ("code", "sent", "renew", "for_good"),
    [
        (0, True, False, False),
        (40001, False, True, False),
        (42001, False, True, False),
        (43101, False, False, True),
        (40003, False, False, True),
        (47003, False, False, True),
        (-1, False, False, False),
        (45009, False, False, False),
    ],
)
def test_answers_of_wechat(code: int, sent: bool, renew: bool, for_good: bool) -> None:
    verdict = judge(code)
    assert (verdict.is_sent, verdict.renew, verdict.for_good) == (sent, renew, for_good)


def test_values_are_cut_to_what_fields_of_wechat_take() -> None:
    fields = {"thing1": "%(union)s", "character_string2": "%(number)s", "phrase3": "已通过"}
    values = {"union": "山东省聊城市东昌府区古楼街道外卖配送员联合工会委员会", "number": "2026112300000017"}
    data = data_of(fields, values)
    assert data["thing1"]["value"] == "山东省聊城市东昌府区古楼街道外卖配送员…"
    assert len(data["thing1"]["value"]) == 20
    assert (data["character_string2"]["value"], data["phrase3"]["value"]) == ("2026112300000017", "已通过")


_ID = "01a20267-40d6-770d-b624-d207309bf6d3"


@pytest.mark.parametrize(
    ("told", "state", "error"),
    [
        ({"id": _ID, "state": "delivered"}, TextState.DELIVERED, ""),
        ({"id": _ID, "state": "read"}, TextState.READ, ""),
        ({"id": _ID, "state": "failed", "error": "no such number"}, TextState.FAILED, "no such number"),
        # as Aliyun's SmsReport writes it
        ({"out_id": _ID, "success": True, "err_code": "DELIVERED", "biz_id": "1"}, TextState.DELIVERED, ""),
        ({"out_id": _ID, "success": False, "err_msg": "用户关机"}, TextState.FAILED, "用户关机"),
        # as Tencent's callback writes it
        ({"session_context": _ID, "report_status": "SUCCESS"}, TextState.DELIVERED, ""),
        ({"session_context": _ID, "report_status": "FAIL", "description": "空号"}, TextState.FAILED, "空号"),
    ],
)
def test_receipts_as_gateways_write_them(told: dict[str, Any], state: TextState, error: str) -> None:
    receipt = read_receipt(told)
    assert receipt is not None
    assert (receipt.text_id, receipt.state, receipt.error) == (UUID(_ID), state, error)


@pytest.mark.parametrize(
    "told",
    [{}, {"id": _ID}, {"id": "7", "state": "read"}, {"id": _ID, "state": "maybe"}, {"id": 7, "state": "read"},
     {"id": [_ID], "state": "read"}, {"id": _ID, "state": {"a": 1}}, {"id": _ID, "state": None}],
)  # fmt: skip
def test_what_is_no_receipt_is_left_out(told: dict[str, Any]) -> None:
    assert read_receipt(told) is None


def test_a_receipt_never_takes_better_news_back() -> None:
    assert TextState.READ not in states_before(TextState.DELIVERED)
    assert TextState.DELIVERED not in states_before(TextState.FAILED)
    assert MOVES[TextState.READ] == frozenset()


@pytest.mark.parametrize(
    "wrong", ["", "a", "a@b", "a b@example.com", "a@example.com?to=x", "a..b@example.com", "@x.cn"]
)
def test_what_is_no_mailbox(wrong: str) -> None:
    with pytest.raises(Invalid):
        parse_email(wrong)


def test_mailboxes_are_read_and_masked() -> None:
    assert parse_email(" Wang.Fang@Example.COM ") == "Wang.Fang@example.com"
    assert mask_email("wang@example.com") == "w***@example.com"
