"""Journeys through the deployed system by its public interface, and through a new user's first commands."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from . import first_hour
from .first_hour import FirstHour

_LATE = ["test_getting_started.py", "test_destroy.py"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the test that waits for the documented commands late, and the test that destroys the company last."""
    items.sort(key=lambda item: _LATE.index(item.path.name) + 1 if item.path.name in _LATE else 0)


@pytest.fixture(scope="session", autouse=True)
def documented_commands(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Future[FirstHour]]:
    """The documented commands for the local cloud, run.

    The commands run while the company is applied. Both wait for Terraform most of the time, so they take little longer
    together than alone.
    """
    if not any(item.path.name == "test_getting_started.py" for item in request.session.items):
        yield Future()
        return
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(first_hour.run, tmp_path_factory.mktemp("getting-started"))
