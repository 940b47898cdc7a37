"""Attacks on the hub `guard` of the world `company` and on its spoke."""

from __future__ import annotations

import pytest

from ds_dashboard_dev.testing.installation import Hub, Spoke


@pytest.fixture(scope="session")
def hub(guard_hub: Hub) -> Hub:
    """The attacked hub."""
    return guard_hub


@pytest.fixture(scope="session")
def spoke(guard_spoke: Spoke) -> Spoke:
    """Spoke/dev, which reports to the attacked hub."""
    return guard_spoke
