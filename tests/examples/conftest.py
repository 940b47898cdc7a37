"""The examples, applied once a session as their pages say."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from ds_dashboard_local import LocalCloud

from . import tree
from .appliers import Profiles
from .world import World

# In this order, after all that needs nothing applied.
AFTER_APPLYING = ["test_applied.py", "test_destroyed.py"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for the applies comes late, what destroys comes last."""
    order = {name: number for number, name in enumerate(AFTER_APPLYING, 1)}
    items.sort(key=lambda item: order.get(item.path.name, 0))


@pytest.fixture(scope="session")
def world(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The examples beside the modules and the package, not applied yet."""
    folder = tree.copy(tmp_path_factory.mktemp("checkout"))
    prepared = World(local_cloud, folder, Profiles(tmp_path_factory.mktemp("aws"), local_cloud))
    prepared.prepare()
    return prepared


@pytest.fixture(scope="session", autouse=True, name="applying")
def _applying(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[None]]]:
    """The applies under way, beside each other and beside the tests that need none of them."""
    if not any(item.path.name in AFTER_APPLYING for item in request.session.items):
        yield {}
        return
    world: World = request.getfixturevalue("world")
    with ThreadPoolExecutor() as pool:
        yield {
            step.__name__: pool.submit(step) for step in (world.report, world.stand_alone, world.encrypt, world.try_out)
        }
