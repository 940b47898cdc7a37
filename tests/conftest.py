"""Assigns each test its tier, its worker and its place.

The tiers are markers. `make test` runs the first two:

- `fast`: no Terraform, seconds;
- `deployed`: plans of the modules, and tests on what Terraform applied;
- `nightly`: minutes, or figures that need a quiet machine (`make test-nightly`). These tests carry the marker.

The worlds that Terraform applies are in tests/worlds. A world is applied once, by the worker that runs its group.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Generator
from pathlib import Path, PurePosixPath
from typing import Any

import botocore.session
import pytest
from xdist.scheduler import LoadScopeScheduling

# Each command and each client of a test has a session of its own. Without this, each session would read the models of
# its services again, which takes longer than most of its calls.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

pytest_plugins = ["ds_dashboard_local.pytest_fixture", "tests.worlds.pair.fixtures", "tests.worlds.company.fixtures"]

TESTS = Path(__file__).parent
# Folders without Terraform. Any worker runs any of their files.
FAST = ("archive", "bench", "browser", "catalogue", "client", "fuzz", "local", "unit")
# Folders that share what Terraform applies: one worker runs a whole group. The longest group starts first, and the
# files of `FAST` fill the time that is left.
GROUPS = {
    "pair": ("operations", "cli", "faults"),
    "company": ("journey", "attack"),
    # Plans run while the examples are applied, which mostly waits.
    "terraform": ("examples", "terraform"),
    # In a group of its own: a fake account replaces the clients and the environment of its process, in which the
    # groups above apply their worlds in threads.
    "roles": ("roles",),
}
_GROUP_OF = {folder: group for group, folders in GROUPS.items() for folder in folders}
_ORDER = [folder for folders in GROUPS.values() for folder in folders]
# Fixtures by which a test of a folder with both tiers is `deployed`. Its files without them are in no group.
_WORLDS = {"pair"}
_BOTH_TIERS = ("cli",)
# The types of these fixtures, in the file of a test.
_WORLD_TYPES = re.compile(r": (?:Pair|Applied)\b")


def pytest_configure(config: pytest.Config) -> None:
    """Register the tiers."""
    for tier in ("fast: no Terraform", "deployed: uses Terraform", "nightly: takes minutes"):
        config.addinivalue_line("markers", tier)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test with its tier, before -m selects."""
    item.add_marker(_tier(item))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the groups in order, and deselect nightly tests unless they are selected explicitly."""
    items.sort(key=_place)
    if config.option.markexpr:
        return
    wanted = [item for item in items if item.get_closest_marker("nightly") is None or _is_named(item, config)]
    # A -k or a folder that selects only nightly tests selects them explicitly.
    if wanted:
        config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
        items[:] = wanted


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(TESTS).parts[0]


def _place(item: pytest.Item) -> tuple[int, bool, int]:
    """Return the sort key of a test. The fast tests of a group run while its world is applied."""
    group = _group(PurePosixPath(item.path.relative_to(TESTS)))
    if group is None:
        return len(GROUPS), False, 0
    return list(GROUPS).index(group), item.get_closest_marker("fast") is None, _ORDER.index(_folder(item))


@functools.cache
def _group(file: PurePosixPath) -> str | None:
    """Return the group of a file below this folder; None if any worker can run it."""
    folder = file.parts[0]
    if folder in _BOTH_TIERS and not _WORLD_TYPES.search((TESTS / file).read_text(encoding="utf-8")):
        return None
    return _GROUP_OF.get(folder)


def _tier(item: pytest.Item) -> str:
    if item.get_closest_marker("nightly") is not None:
        return "nightly"
    if _folder(item) in _BOTH_TIERS:
        return "deployed" if _WORLDS & set(getattr(item, "fixturenames", ())) else "fast"
    return "fast" if _folder(item) in FAST else "deployed"


def _is_named(item: pytest.Item, config: pytest.Config) -> bool:
    """Return whether an argument names the test or its file, not only a folder."""
    paths = (Path(config.invocation_params.dir, argument.partition("::")[0]) for argument in config.args)
    return item.path in (path.resolve() for path in paths)


class _ByGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Assigns a worker a whole group, or one file that is in no group."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0]).relative_to(TESTS.name)
        return _group(path) or str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Replace --dist loadgroup: pytest-xdist 3.8 marks groups where pytest 9.2 does not look for them."""
    # Keep the order of collection; the default is the number of tests.
    config.option.loadscopereorder = False
    return _ByGroup(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape lone surrogates: a worker cannot send a failure that contains one, and the session would end."""
    return _escaped((yield))


def _escaped(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_escaped(key): _escaped(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_escaped(inner) for inner in value)
    return value
