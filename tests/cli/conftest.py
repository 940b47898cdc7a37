"""Hubs for the commands: one of its own for each test, made in milliseconds, and one that Terraform applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import botocore.loaders
import botocore.session
import pytest

from ds_dashboard_local import LocalCloud

from .applied import Applied
from .world import Hub

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put those last, of this folder, that wait for Terraform: the others run while it waits for AWS."""
    places = [index for index, item in enumerate(items) if item.path.parent == HERE]
    own = sorted((items[index] for index in places), key=_needs_terraform)
    for index, item in zip(places, own, strict=True):
        items[index] = item


def _needs_terraform(item: pytest.Item) -> bool:
    return "applied" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Each command makes a session of its own, as it must; reading AWS's models anew would be most of its time."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        yield


@pytest.fixture(scope="session", autouse=True)
def _applying(
    request: pytest.FixtureRequest, local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Applied]]:
    """Terraform starts when the first test does, if one needs what it makes."""
    with ThreadPoolExecutor(1) as pool:
        if any(item.path.parent == HERE and _needs_terraform(item) for item in request.session.items):
            yield pool.submit(Applied, local_cloud, tmp_path_factory.mktemp("applied")).result
        else:
            yield lambda: Applied(local_cloud, tmp_path_factory.mktemp("applied"))


@pytest.fixture(scope="session")
def applied(_applying: Callable[[], Applied]) -> Applied:
    """A hub and a spoke from the modules, applied once; who breaks something mends it."""
    return _applying()


@pytest.fixture
def hub(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with two spokes registered, of accounts SPOKE and OTHER."""
    # The archive counts on stdout, which in these tests is the command's.
    monkeypatch.setattr("ds_dashboard.emf.count", lambda *_: None)
    hub = Hub(local_cloud)
    hub.register("P/dev")
    hub.register("Q/prod", "333333333333")
    hub.watch()
    return hub
