"""The fixture `company`, applied once for each worker, and its hubs and spokes."""

from __future__ import annotations

import pytest
from tests.worlds.company.world import Company

from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_local import LocalCloud


@pytest.fixture(scope="session")
def company(local_cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company, applied. A test that breaks something restores it; tests/journey/test_destroy.py runs last."""
    world = Company(local_cloud, tmp_path_factory.mktemp("company"))
    world.apply()
    return world


@pytest.fixture(scope="session")
def central(company: Company) -> Hub:
    """The central hub of Alpha, Bravo and Charlie."""
    return company.hub("central")


@pytest.fixture(scope="session")
def charlie_hub(company: Company) -> Hub:
    """The hub in Charlie's account, which monitors Charlie and Outpost."""
    return company.hub("charlie_hub")


@pytest.fixture(scope="session")
def outpost_hub(company: Company) -> Hub:
    """The second hub in the central hub's account."""
    return company.hub("outpost_hub")


@pytest.fixture(scope="session")
def guard_hub(company: Company) -> Hub:
    """The hub with every option that adds a permission, which accepts its organization."""
    return company.hub("guard_hub")


@pytest.fixture(scope="session")
def alpha(company: Company) -> Spoke:
    """Alpha/dev, in whose account another producer reports for Alpha/prod and Beta/dev."""
    return company.spoke("alpha")


@pytest.fixture(scope="session")
def bravo(company: Company) -> Spoke:
    """Bravo/prod, in another region and with another name."""
    return company.spoke("bravo")


@pytest.fixture(scope="session")
def charlie(company: Company) -> Spoke:
    """Charlie/dev, which reports to the central hub and to the one in its own account."""
    return company.spoke("charlie")


@pytest.fixture(scope="session")
def outpost(company: Company) -> Spoke:
    """Outpost/dev, in the central hub's account, which reports to the hub in the same account and to Charlie's."""
    return company.spoke("outpost")


@pytest.fixture(scope="session")
def guard_spoke(company: Company) -> Spoke:
    """Spoke/dev of the hub `guard`, with every option that adds a permission except a network of its own."""
    return company.spoke("guard_spoke")
