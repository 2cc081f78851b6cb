"""The page of states says every move there is, and no other."""

from __future__ import annotations

import pytest
from django.test import Client

from nuanxin.members.states import (
    APPLICATION_MOVES,
    CONTEST_MOVES,
    MEMBERSHIP_MOVES,
    RELEASE_MOVES,
    REOPENING_MOVES,
    TRANSFER_MOVES,
)
from nuanxin.web.open.states import WHO
from tests.factories.organizations import make_tree

TABLES = {
    "application": {**APPLICATION_MOVES, **REOPENING_MOVES},
    "contest": CONTEST_MOVES,
    "membership": MEMBERSHIP_MOVES,
    "release": RELEASE_MOVES,
    "transfer": TRANSFER_MOVES,
}


def test_every_move_says_who_makes_it() -> None:
    for name, moves in TABLES.items():
        assert set(WHO[name]) == {(old, new) for old, targets in moves.items() for new in targets}, name


@pytest.mark.django_db
def test_the_page_shows_states_moves_and_limits_in_both_languages(client: Client) -> None:
    make_tree()
    for language, words in (("zh-hans", ("已送到工会", "工作日")), ("en", ("With the union", "Working days"))):
        client.cookies["language"] = language
        text = client.get("/states/").content.decode()
        assert all(word in text for word in words)
        assert text.count("<dt>") > 20
