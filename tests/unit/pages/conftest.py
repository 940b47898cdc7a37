"""A hub with made-up data, as pages see it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ds_dashboard.pages.index import Index
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard_web.demo import DemoSource

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)


@pytest.fixture(scope="session")
def source() -> DemoSource:
    return DemoSource(NOW, {})


@pytest.fixture(scope="session")
def index(source: DemoSource) -> Index:
    snapshot = source.snapshot()
    made = Index(snapshot)
    made.set_values_before(source.values_before(snapshot))
    return made


@pytest.fixture
def state(source: DemoSource) -> LastRead:
    return LastRead(source)
