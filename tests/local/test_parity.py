"""The reproductions in docs/local-cloud.md fail on the engine by itself and pass on the local cloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ds_dashboard_dev.gaps import declared_gaps
from ds_dashboard_local import LocalCloud, RunningCloud
from ds_dashboard_local.client.accounts import Account

_PAGE = Path(__file__).parents[2] / "docs" / "local-cloud.md"
_SECTION = _PAGE.read_text(encoding="utf-8").partition("\n## Material for upstream\n")[2].partition("\n## ")[0]
_PREAMBLE, *_ENTRIES = _SECTION.split("\n### ")


def _code(text: str) -> str:
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(code)


REPRODUCTIONS = {entry.partition("\n")[0].strip(): _code(entry) for entry in _ENTRIES}


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalCloud]:
    """The engine without a patch."""
    with LocalCloud(without_gaps=[gap.name for gap in declared_gaps()]) as cloud:
        yield cloud


def reproduce(gap: str, cloud: RunningCloud, account: str) -> None:
    namespace = {"ENDPOINT": cloud.endpoint, "ACCOUNT": account}
    exec(compile(_code(_PREAMBLE) + REPRODUCTIONS[gap], f"{_PAGE.name}: {gap}", "exec"), namespace)


@pytest.mark.parametrize("gap", REPRODUCTIONS)
def test_a_reproduction_fails_without_patches_and_passes_with_them(
    gap: str, engine: LocalCloud, local_cloud: LocalCloud, new_account: Callable[[], Account]
) -> None:
    """A report to the engine's authors must be true of its present version."""
    account = new_account().id
    with pytest.raises(AssertionError):
        reproduce(gap, engine, account)
    reproduce(gap, local_cloud, account)


def test_every_reproduction_names_a_gap() -> None:
    assert set(REPRODUCTIONS) <= {gap.name for gap in declared_gaps()}
    assert len(REPRODUCTIONS) == 21
