"""One local cloud for each worker of the session, whichever tests ask for it."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["ds_dashboard_local.pytest_fixture"]

TESTS = Path(__file__).parent
# Their tests are few and cheap to start, so any worker takes a file of them. All other folders share a world that
# Terraform applies once: one worker takes the whole folder.
FILE_BY_FILE = {"archive", "catalogue", "fuzz", "local", "unit"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the group in which a test runs, for `--dist loadgroup`."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        path = item.path.relative_to(TESTS)
        group = str(path) if path.parts[0] in FILE_BY_FILE else path.parts[0]
        item.add_marker(pytest.mark.xdist_group(group))


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
