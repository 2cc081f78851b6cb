"""What lies in one city, what answers come to, and whose silence is consent."""

from __future__ import annotations

from typing import Any

import pytest

from nuanxin.members.rules.transfers import outcome, same_city, silent_sides


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("371502", "3715"), ("371503001", "3715"), True),
        (("371502", "3715"), ("370102", "3701"), False),
        (("110101", "11"), ("110105", "11"), True),
        (("429004", "42"), ("429005", "42"), False),
        (("429004001", "42"), ("429004002", "42"), True),
        (("42", ""), ("42", ""), False),
    ],
)
def test_what_lies_in_one_city(one: tuple[str, str], other: tuple[str, str], same: bool) -> None:
    assert same_city(one, other) is same


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        ({}, None),
        ({"old": "consented"}, None),
        ({"new": "refused"}, "refused"),
        ({"old": "refused", "new": "consented"}, "refused"),
        ({"old": "silent", "new": "consented"}, "done"),
        ({"old": "silent", "new": "silent"}, "done"),
    ],
)
def test_what_answers_come_to(answers: dict[str, str], result: str | None) -> None:
    assert outcome(answers) == result


@pytest.mark.parametrize(
    ("answered", "silence", "sides"),
    [
        ((), ("old", "new"), ["old", "new"]),
        (("old",), ("new",), ["new"]),
        ((), ("old",), None),
        (("old", "new"), (), []),
    ],
)
def test_whose_silence_is_consent(answered: Any, silence: Any, sides: Any) -> None:
    assert silent_sides(answered, silence) == sides
