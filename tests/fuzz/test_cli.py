"""Arbitrary events and command lines: numbers are exact, output cannot control a terminal, and nothing crashes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import botocore.loaders
import botocore.session
import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support.tables import REGION, SPOKE, HubTables

from ds_dashboard_cli.main import cli
from ds_dashboard_local import LocalCloud

from . import oracle
from .json_text import Number, meaning, write
from .strategies import KINDS, NOW, good_details, texts

PERIOD = ("--since", "1969-12-31", "--until", "2031-01-01")
DETAIL_TYPES = {kind: detail_type for detail_type, kind in KINDS.items()}
TABLES = ("metrics", "latest", "spokes")
# These characters join the parts of an emoji, and have no other effect.
JOINERS = "\u200c\u200d"
Good = tuple[str, dict[str, Any], Any]


@pytest.fixture(scope="module", autouse=True)
def _in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in an empty folder, since a word may name an output file, and read the models of AWS only once."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("cli"))
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        yield


# The library for charts printed a colored warning to stdout that it cannot divide its axis.
FOUND: Good = (
    "result",
    {
        "MetricName": "M",
        "MetricValue": Number("9999999999999999999"),
        "ExtractionDate": "2001-06-20T18:35:37.089675Z",
        "Metadata": {},
        "Environment": "dev",
        "ProjectName": "P",
    },
    None,
)


@contextmanager
def _hub(cloud: LocalCloud) -> Iterator[HubTables]:
    """Create a hub without a watch function; the commands use the default settings."""
    hub = HubTables(cloud)
    hub.register("P/dev")
    try:
        yield hub
    finally:
        for table in TABLES:
            hub.account.dynamodb.delete_table(TableName=f"{hub.name}-{table}")


def _archive(hub: HubTables, events: list[Good]) -> None:
    envelope = {"id": "e", "source": "metric_extractor", "account": SPOKE, "region": REGION}
    bodies = [write({**envelope, "detail-type": DETAIL_TYPES[kind], "detail": detail}) for kind, detail, _ in events]
    hub.archive(*bodies, now=NOW)


def _run(hub: HubTables, *words: str) -> Result:
    """Run a command. It may fail with a message, but not with a stack trace."""
    result = CliRunner().invoke(cli, words, prog_name="ds-dashboard", env=hub.env)
    assert result.exception is None or isinstance(result.exception, SystemExit), (words, repr(result.exception))
    assert result.exit_code in (0, 1, 2, 3)
    return result


def _shown(hub: HubTables, *words: str) -> list[str]:
    """Run a command, check that its output cannot control a terminal, and return its lines."""
    result = _run(hub, *words)
    shown = result.stdout + result.stderr
    unsafe = {one for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert unsafe <= {"\n", *JOINERS}, (words, unsafe)
    return result.stdout.splitlines()


@settings(max_examples=settings().max_examples // 4)
@given(events=st.lists(good_details(), min_size=1, max_size=5))
@example(events=[FOUND])
def test_archived_values_are_shown_exactly(cloud: LocalCloud, events: list[Good]) -> None:
    """JSON has every digit, and no other form of output controls a terminal."""
    for _, detail, _ in events:
        detail["ProjectName"], detail["Environment"] = "P", "dev"
    expected = sorted(
        oracle.fingerprint([content["MetricName"], content["MetricValue"], content["Metadata"]])
        for content in {
            oracle.fingerprint(content): content
            for content in (meaning(write(detail)) for kind, detail, _ in events if kind == "result")
        }.values()
    )
    with _hub(cloud) as hub:
        _archive(hub, events)
        names = {detail["MetricName"] for kind, detail, _ in events if kind == "result"}
        records = [meaning(line) for name in names for line in _shown(hub, "history", *PERIOD, "--json", "--", name)]
        shown = [oracle.fingerprint([one["MetricName"], one["MetricValue"], one["Metadata"]]) for one in records]
        assert sorted(shown) == expected
        latest = [meaning(line) for line in _shown(hub, "latest", "--json")]
        assert {one["MetricName"] for one in latest if "MetricValue" in one} == names
        for one in latest:
            if "MetricValue" in one:
                assert oracle.fingerprint([one["MetricName"], one["MetricValue"], one["Metadata"]]) in expected
        for words in (("latest", "--breakdown"), ("spokes",), ("spokes", "--json"), ("spokes", "--failures")):
            _shown(hub, *words)
        for name in names:
            _shown(hub, "history", *PERIOD, "--", name)
            _shown(hub, "history", *PERIOD, "--plot", "--", name)


@pytest.fixture(scope="module")
def hub(cloud: LocalCloud) -> Iterator[HubTables]:
    """An empty hub."""
    with _hub(cloud) as made:
        yield made


OPTIONS = ["--json", "--since", "--until", "--project", "--metric", "--stale-after", "--breakdown", "--plot", "--"]
COMMANDS = [
    "latest",
    "history",
    "spokes",
    "refresh",
    "export",
    "metrics",
    "rejected",
    "dead-letters",
    "replay",
    "import",
]
VALUES = ["7d", "-1d", "1e9d", "99999999999d", "2026-13-01", "0001-01-01", "9999-12-31", "P,Q", ",", "1" * 400]
# The arguments of a program cannot contain NUL.
typed = texts.map(lambda text: text.replace("\0", ""))


@settings(max_examples=2 * settings().max_examples)
@given(
    command=st.sampled_from(COMMANDS),
    words=st.lists(st.sampled_from(OPTIONS) | st.sampled_from(VALUES) | typed, max_size=5),
)
def test_a_command_line_is_accepted_or_rejected_with_a_message(hub: HubTables, command: str, words: list[str]) -> None:
    """An invalid command line is not a bug of the command."""
    _run(hub, command, *words)
