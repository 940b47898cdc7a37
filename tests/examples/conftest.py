"""The examples, applied once per session as their pages say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ds_dashboard_dev.terraform import provider_mirror
from ds_dashboard_local import LocalCloud

from .appliers import Profiles
from .world import Run, World

_FOLDER = Path(__file__).parent


def _needs_runs(item: pytest.Item) -> bool:
    return item.path.name == "test_applied.py" and item.path.parent == _FOLDER


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests of applied examples last: they wait for their runs."""
    items.sort(key=_needs_runs)


@pytest.fixture(scope="session")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Modules, examples and package, before the first apply."""
    profiles = Profiles(tmp_path_factory.mktemp("aws"), local_cloud)
    prepared = World(local_cloud, tmp_path_factory.mktemp("examples"), profiles)
    prepared.prepare()
    return prepared


@pytest.fixture(scope="session", autouse=True, name="runs")
def _runs(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Run]]]:
    """The runs of all examples, in threads in parallel with the other tests: Terraform mostly waits."""
    if not any(map(_needs_runs, request.session.items)):
        yield {}
        return
    world: World = request.getfixturevalue("world")
    # Prints where the provider is from, once: here, where pytest captures it, and not in one of the threads.
    provider_mirror()
    with ThreadPoolExecutor() as pool:
        yield {run.__name__: pool.submit(run) for run in (world.several_accounts, world.one_account, world.encrypted)}
