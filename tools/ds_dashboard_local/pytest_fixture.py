"""A pytest plugin: `pytest_plugins = ["ds_dashboard_local.pytest_fixture"]` gives the fixture `local_cloud`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ds_dashboard_local import LocalCloud


@pytest.fixture(scope="session")
def local_cloud() -> Iterator[LocalCloud]:
    """One local cloud for the whole session; tests keep apart by accounts and names of their own."""
    with LocalCloud() as cloud:
        yield cloud
