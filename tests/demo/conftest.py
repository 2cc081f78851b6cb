"""A small demo city on the handful of regions of the tests."""

from __future__ import annotations

import pytest

from demo.city import Report, build
from tests.factories import NOW
from tests.factories.regions import make_liaocheng_regions


@pytest.fixture
def small_city(db: None) -> Report:
    """Build a city of some hundred people."""
    make_liaocheng_regions()
    return build(NOW, scale=0.004, serves=False)


@pytest.fixture
def lively_city(db: None) -> Report:
    """Build the same with everything that members can fetch, book, draw, redeem and claim."""
    make_liaocheng_regions()
    return build(NOW, scale=0.004)
