"""A pytest plugin: `pytest_plugins = ["ds_dashboard_local.pytest_fixture"]` provides the fixture `local_cloud`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ds_dashboard_local import LocalCloud


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option `--without-gap`."""
    parser.addoption(
        "--without-gap",
        action="append",
        default=[],
        metavar="NAME",
        help="leave a gap of the local cloud's engine open in the fixture local_cloud",
    )


@pytest.fixture(scope="session")
def local_cloud(request: pytest.FixtureRequest) -> Iterator[LocalCloud]:
    """Start one local cloud for the session; tests use accounts and names of their own."""
    with LocalCloud(without_gaps=request.config.getoption("--without-gap")) as cloud:
        yield cloud
