"""Whatever has arrived or is typed: numbers are shown exactly, nothing acts on the screen, nothing crashes."""

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
from tests.cli.world import SPOKE, Hub

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub.archive import Message, archive
from ds_dashboard.hub.registration import Registration
from ds_dashboard.settings import ArchiveSettings
from ds_dashboard_cli.main import cli
from ds_dashboard_local import LocalCloud

from . import oracle
from .json_text import Number, meaning, write
from .strategies import KINDS, NOW, good_details, texts

PERIOD = ("--since", "1969-12-31", "--until", "2031-01-01")
DETAIL_TYPES = {kind: detail_type for detail_type, kind in KINDS.items()}
TABLES = {"history": "metrics", "latest": "latest", "spokes": "spokes"}
# They join the parts of an emoji, and do nothing else.
JOINERS = "\u200c\u200d"
Good = tuple[str, dict[str, Any], Any]


@pytest.fixture(scope="module", autouse=True)
def _in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A word may be the name of a file to write. AWS's models are read once instead of by each command."""
    loader = botocore.loaders.create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("cli"))
        patch.setattr(botocore.session, "create_loader", lambda *_: loader)
        yield


# The chart's library told in yellow, to whatever file, that it cannot divide its axis.
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
def _hub(cloud: LocalCloud) -> Iterator[Hub]:
    """A hub for the commands, without a watch function: they do without its settings."""
    hub = Hub(cloud)
    hub.register("P/dev")
    try:
        yield hub
    finally:
        for table in TABLES.values():
            hub.account.dynamodb.delete_table(TableName=f"{hub.name}-{table}")


def _archive(hub: Hub, events: list[Good]) -> None:
    for service in ("dynamodb", "ssm"):
        aws.use(service, getattr(hub.account, service))
    envelope = {"id": "e", "source": "metric_extractor", "account": SPOKE, "region": "eu-west-1"}
    messages = [
        Message(str(number), write({**envelope, "detail-type": DETAIL_TYPES[kind], "detail": detail}))
        for number, (kind, detail, _) in enumerate(events)
    ]
    tables = {f"{role}_table": f"{hub.name}-{suffix}" for role, suffix in TABLES.items()}
    names = {"name": hub.name, "rejected_queue_url": "unused", "monitored_projects_path": hub.path}
    archiving = ArchiveSettings(retention_days=None, **names, **tables)
    failed = archive(messages, archiving, Registration(hub.path), NOW, Deadline.after(60.0))
    aws.forget()
    assert failed == []


def _run(hub: Hub, *words: str) -> Result:
    """Run a command. It may fail in words, but not by a stack trace."""
    result = CliRunner().invoke(cli, words, prog_name="ds-dashboard", env=hub.env)
    assert result.exception is None or isinstance(result.exception, SystemExit), (words, repr(result.exception))
    assert result.exit_code in (0, 1, 2, 3)
    return result


def _shown(hub: Hub, *words: str) -> list[str]:
    """The lines that a command prints, which order nothing of the terminal."""
    result = _run(hub, *words)
    shown = result.stdout + result.stderr
    acting = {one for one in shown if unicodedata.category(one) in {"Cc", "Cf", "Zl", "Zp", "Cs"}}
    assert acting <= {"\n", *JOINERS}, (words, acting)
    return result.stdout.splitlines()


@settings(max_examples=settings().max_examples // 4)
@given(events=st.lists(good_details(), min_size=1, max_size=5))
@example(events=[FOUND])
def test_what_arrived_is_shown_exactly(cloud: LocalCloud, events: list[Good]) -> None:
    """As JSON to the last digit; and every other form of output stands still."""
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
def hub(cloud: LocalCloud) -> Iterator[Hub]:
    """A hub in which nothing has arrived."""
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
# No program is given a NUL.
typed = texts.map(lambda text: text.replace("\0", ""))


@settings(max_examples=2 * settings().max_examples)
@given(
    command=st.sampled_from(COMMANDS),
    words=st.lists(st.sampled_from(OPTIONS) | st.sampled_from(VALUES) | typed, max_size=5),
)
def test_a_command_line_is_understood_or_refused_in_words(hub: Hub, command: str, words: list[str]) -> None:
    """A typing error is told as such."""
    _run(hub, command, *words)
