"""A hub of its own for each test: tables are made in milliseconds."""

from collections.abc import Iterator

import botocore.loaders
import botocore.session
import pytest

from ds_dashboard_local.cloud import LocalCloud

from .applied import Applied
from .world import Hub


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Each command makes a session of its own, as it must; reading AWS's models anew would be most of its time."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        yield


@pytest.fixture
def hub(local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub with two spokes registered, of accounts SPOKE and OTHER."""
    # The archive counts on stdout, which in these tests is the command's.
    monkeypatch.setattr("ds_dashboard.telemetry.count", lambda *_: None)
    hub = Hub(local_cloud)
    hub.register("P/dev")
    hub.register("Q/prod", "333333333333")
    hub.watch()
    return hub


@pytest.fixture(scope="session")
def applied(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Applied:
    """A hub and a spoke from the modules, applied once; who breaks something mends it."""
    return Applied(local_cloud, tmp_path_factory.mktemp("applied"))
