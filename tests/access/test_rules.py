"""Who may give which role, and for how long reach may be extended: by table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nuanxin.access.rules.grants import (
    NotYours,
    check_absence,
    check_role_fits,
    check_role_within,
    check_staff_session,
)
from nuanxin.access.rules.keys import key_digest, new_key
from nuanxin.access.states import ENTERPRISE_PERMISSIONS, ROLES
from nuanxin.kernel.refusals import Invalid
from tests.factories import NOW

HR = frozenset[str](ENTERPRISE_PERMISSIONS)


@pytest.mark.parametrize("giver", ROLES)
@pytest.mark.parametrize("given", ROLES)
def test_nobody_gives_more_than_is_held_and_hr_is_given_by_all_who_grant(giver: str, given: str) -> None:
    held, wanted = frozenset[str](ROLES[giver][2]), frozenset[str](ROLES[given][2])
    allowed = given == "hr" or all(permission in held for permission in wanted)
    if allowed:
        check_role_within(wanted, held, HR)
    else:
        with pytest.raises(NotYours):
            check_role_within(wanted, held, HR)


@pytest.mark.parametrize("role", ROLES)
def test_hr_fits_an_enterprise_only_and_the_others_a_union_only(role: str) -> None:
    wanted = frozenset[str](ROLES[role][2])
    check_role_fits(wanted, HR, at_enterprise=role == "hr")
    with pytest.raises(Invalid, match="role_does_not_fit"):
        check_role_fits(wanted, HR, at_enterprise=role != "hr")


@pytest.mark.parametrize(
    ("reason", "hours", "code"),
    [
        ("联合核查北京转来的材料", 8, None),
        ("联合核查北京转来的材料", 1, None),
        ("联合核查北京转来的材料", 9, "hours_out_of_range"),
        ("联合核查北京转来的材料", 0, "hours_out_of_range"),
        ("核查", 2, "reason_too_short"),
        ("", 2, "reason_too_short"),
    ],
)
def test_a_staff_session_has_a_reason_and_at_most_eight_hours(reason: str, hours: int, code: str | None) -> None:
    if code is None:
        assert check_staff_session(reason, hours) == timedelta(hours=hours)
    else:
        with pytest.raises(Invalid, match=code):
            check_staff_session(reason, hours)


@pytest.mark.parametrize(
    ("starts", "ends", "code"),
    [
        (-1, 1, None),
        (1, 5, None),
        (1, 1, "ends_before_start"),
        (5, 1, "ends_before_start"),
        (-5, -1, "absence_over"),
        (0, 400, "absence_too_long"),
    ],
)
def test_an_absence_lies_ahead_and_is_not_endless(starts: int, ends: int, code: str | None) -> None:
    period = (NOW + timedelta(days=starts), NOW + timedelta(days=ends), NOW)
    if code is None:
        check_absence(*period)
    else:
        with pytest.raises(Invalid, match=code):
            check_absence(*period)


def test_keys_tell_their_kind_and_are_never_alike() -> None:
    keys = {new_key("nxc_") for _ in range(50)}
    assert len({key_digest(key) for key in keys}) == 50
    assert all(key.startswith("nxc_") and len(key) == 36 for key in keys)
