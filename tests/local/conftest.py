"""New accounts of the session's local cloud."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from ds_dashboard_local import LocalCloud
from ds_dashboard_local.client.accounts import Account

_numbers = itertools.count(100_000_000_001)


@pytest.fixture
def new_account(local_cloud: LocalCloud) -> Callable[[], Account]:
    """Return accounts that no other test uses."""
    return lambda: Account(local_cloud, str(next(_numbers)))


@pytest.fixture
def account(new_account: Callable[[], Account]) -> Account:
    return new_account()


@pytest.fixture
def other(new_account: Callable[[], Account]) -> Account:
    return new_account()
