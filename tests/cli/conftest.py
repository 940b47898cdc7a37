"""Hubs for the commands: one of its own for each test, made in milliseconds, and one that Terraform applies."""

from __future__ import annotations

from collections.abc import Iterator

import botocore.loaders
import botocore.session
import pytest
from tests.support.tables import HubTables

from ds_dashboard_dev.testing.pair import Pair
from ds_dashboard_local import LocalCloud

from .applied import Applied


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Each command makes a session of its own, as it must; reading AWS's models anew would be most of its time."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        yield


@pytest.fixture(scope="module", autouse=True)
def _pair_is_applied_meanwhile(request: pytest.FixtureRequest) -> None:
    """Start Terraform with the first test of a file that needs the pair: those without it run while Terraform waits."""
    if any(item.path == request.path and "pair" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("pair_applying")


@pytest.fixture(scope="session")
def applied(pair: Pair) -> Applied:
    """The pair. A test that breaks something restores it."""
    return Applied(pair)


@pytest.fixture
def hub(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> HubTables:
    """A hub with two spokes registered, of accounts SPOKE and OTHER."""
    # The archive counts on stdout, which in these tests is the command's.
    monkeypatch.setattr("ds_dashboard.emf.count", lambda *_: None)
    hub = HubTables(local_cloud)
    hub.register("P/dev")
    hub.register("Q/prod", "333333333333")
    hub.watch()
    return hub
