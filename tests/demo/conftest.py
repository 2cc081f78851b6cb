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
    return build(NOW, scale=0.004)
