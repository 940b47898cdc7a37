"""How long hypothesis looks: the same few examples in every run of the suite, many random ones in `make fuzz`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from ds_dashboard_local import LocalCloud

_COMMON = settings(
    deadline=None,  # the machine is shared, and an archive run is many calls
    database=None,  # a seed reproduces a finding; nothing is written into the checkout
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.register_profile("fixed", _COMMON, derandomize=True, max_examples=50)
settings.register_profile("long", _COMMON, max_examples=300)
settings.load_profile(os.environ.get("DS_DASHBOARD_FUZZ_PROFILE", "fixed"))


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """One that no other folder writes to: the names of the hubs in it are counted."""
    with LocalCloud() as cloud:
        yield cloud
