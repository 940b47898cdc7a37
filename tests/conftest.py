"""One local cloud for each worker of the session, whichever tests ask for it."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["ds_dashboard_local.pytest_fixture", "tests.worlds.pair.fixtures"]

TESTS = "tests"
# Their tests are few and cheap to start, so any worker takes a file of them. All other folders share a world that
# Terraform applies once: one worker takes the whole folder.
FILE_BY_FILE = {"archive", "catalogue", "client", "fuzz", "local", "unit"}


class _ByWorld(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker a whole folder, or a file of one whose tests need no common world."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0]).relative_to(TESTS)
        return str(path) if path.parts[0] in FILE_BY_FILE else path.parts[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Not --dist loadgroup: pytest-xdist 3.8 marks groups where pytest 9.2 no longer looks."""
    return _ByWorld(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Spell lone surrogates out: a failure that shows one could not be told by a worker, and would end the session."""
    return _spelled((yield))


def _spelled(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_spelled(key): _spelled(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_spelled(inner) for inner in value)
    return value
