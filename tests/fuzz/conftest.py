"""Profiles of hypothesis: the same few examples in each run of the tests, many random ones in `make fuzz`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from ds_dashboard_local import LocalCloud

_COMMON = settings(
    deadline=None,  # machines are slow, and the archive makes many calls
    database=None,  # a seed reproduces a failure, without files in the checkout
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.register_profile("fixed", _COMMON, derandomize=True, max_examples=50)
settings.register_profile("long", _COMMON, max_examples=300)
settings.load_profile(os.environ.get("DS_DASHBOARD_FUZZ_PROFILE", "fixed"))


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """A cloud of this folder, in which the names of hubs are unique."""
    with LocalCloud() as cloud:
        yield cloud
