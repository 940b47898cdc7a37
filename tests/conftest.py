"""One local cloud for each worker, and which tests run where, when and in which order.

Each test is in one of three tiers, which are markers. `make test` runs the first two:

- `fast`: seconds, and no Terraform;
- `deployed`: on what Terraform applied or planned;
- `nightly`: minutes, or figures that need a quiet machine (`make test-nightly`). Such tests have the marker themselves.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["ds_dashboard_local.pytest_fixture", "tests.worlds.pair.fixtures", "tests.worlds.company.fixtures"]

TESTS = Path(__file__).parent
# Folders without Terraform. Any worker takes a file of them.
FAST = ("archive", "bench", "catalogue", "client", "fuzz", "local", "unit")
# Folders that share what Terraform applies once for a session: one worker takes all folders of a group. The longest
# groups come first, so that files of `FAST` fill up what is left of the other workers' time.
GROUPS = {
    "pair": ("operations", "cli", "faults"),
    "company": ("journey", "attack"),
    # Plans run while the examples are applied, which mostly waits.
    "terraform": ("examples", "terraform"),
}
_GROUP_OF = {folder: group for group, folders in GROUPS.items() for folder in folders}
_ORDER = [folder for folders in GROUPS.values() for folder in folders]
# Fixtures by which a test of a folder with both tiers is `deployed`.
_WORLDS = {"pair"}
_BOTH_TIERS = ("cli",)


def pytest_configure(config: pytest.Config) -> None:
    """Register the tiers."""
    for tier in ("fast: seconds, no Terraform", "deployed: on what Terraform applied", "nightly: minutes, or figures"):
        config.addinivalue_line("markers", tier)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test with its tier, before -m selects."""
    item.add_marker(_tier(item))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the groups in order, and leave out nightly tests that nobody asked for."""
    items.sort(key=_place)
    if config.option.markexpr:
        return
    wanted = [item for item in items if item.get_closest_marker("nightly") is None or _is_named(item, config)]
    # Whoever selects nothing but nightly tests, with -k or by a folder, means them.
    if wanted:
        config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
        items[:] = wanted


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _place(item: pytest.Item) -> tuple[int, bool, int]:
    """Where a test runs: fast tests of a group run first, while its world is applied."""
    folder = _folder(item)
    if folder not in _ORDER:
        return len(GROUPS), False, 0
    return list(GROUPS).index(_GROUP_OF[folder]), item.get_closest_marker("fast") is None, _ORDER.index(folder)


def _tier(item: pytest.Item) -> str:
    if item.get_closest_marker("nightly") is not None:
        return "nightly"
    if _folder(item) in _BOTH_TIERS:
        return "deployed" if _WORLDS & set(getattr(item, "fixturenames", ())) else "fast"
    return "fast" if _folder(item) in FAST else "deployed"


def _is_named(item: pytest.Item, config: pytest.Config) -> bool:
    """Whether an argument names the test or its file, and not only a folder."""
    paths = (Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args)
    return item.path in (path.resolve() for path in paths)


class _ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a worker a whole group of folders, or one file of a folder that is in none."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0]).relative_to(TESTS.name)
        return _GROUP_OF.get(path.parts[0], str(path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Not --dist loadgroup: pytest-xdist 3.8 marks groups where pytest 9.2 no longer looks."""
    # In the order in which they are collected, not by the number of tests.
    config.option.loadscopereorder = False
    return _ByGroup(config, log)


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
