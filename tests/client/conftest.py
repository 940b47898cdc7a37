"""A hub in the local cloud, and the Python API as a user of its account has it."""

from __future__ import annotations

import pytest
from tests.support.tables import HUB, HubTables

from ds_dashboard.client import Hub
from ds_dashboard_local import LocalCloud


@pytest.fixture(autouse=True)
def _metrics_stay_off_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The archive writes its own metrics to stdout."""
    monkeypatch.setattr("ds_dashboard.emf.count", lambda *_: None)


@pytest.fixture
def tables(local_cloud: LocalCloud) -> HubTables:
    """The tables and registrations of a hub with two spokes, P/dev and Q/prod."""
    tables = HubTables(local_cloud)
    tables.register("P/dev")
    tables.register("Q/prod", "333333333333")
    tables.watch()
    return tables


@pytest.fixture
def hub(tables: HubTables, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """The hub of these tables, as the account's administrator."""
    for name, value in tables.cloud.environment(HUB).items():
        monkeypatch.setenv(name, value)
    return Hub(tables.name)
