"""The command that a page names prints what the page shows, also for names that a shell or an option would change."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from tests.support.tables import HubTables

from ds_dashboard.client import Hub
from ds_dashboard.client.installation import Installation
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard_cli.main import cli
from ds_dashboard_web.app import application

from .test_pages import NOW, value

NAMES = ("A/Cost", "-dash", "O'Brien $x `y`", "white  space", "Owner(names=a,b)")
PERIOD = f"since={NOW - timedelta(days=6):%Y-%m-%d}&until={NOW - timedelta(days=3):%Y-%m-%d}"


@pytest.fixture
def pages(tables: HubTables, hub: Hub) -> TestClient:
    """The pages of a hub with hostile names, a failure, a silent spoke, and a value whose clock is ahead."""
    costs = [value("A/Cost", day, days=9 - day, Unit="USD") for day in range(10)]
    others = [value(name, 3) for name in (*NAMES[1:], "com,ma")]
    tables.send("metric_extractor", *costs, *others, value("Old", 1, days=3), value("Ahead", 9, days=-0.005))
    tables.send("metric_extractor", value("A/Cost", 7, days=5, project="Q/prod"), account="333333333333")
    failure = {**value("Broken", 0), "ErrorType": "MetricDenied", "ErrorMessage": "needs x:Y"}
    del failure["MetricValue"], failure["Metadata"]
    tables.send("metric_extractor_failure", failure)
    return TestClient(application(LastRead(HubSource(hub, {}))))


def command_of(pages: TestClient, address: str) -> str:
    """Return the command of a page; empty without one."""
    found = re.findall(r'<code id="command">([^<]+)</code>', pages.get(address).text)
    return unescape(found[0]) if found else ""


def run(command: str) -> list[dict[str, Any]]:
    program, *words = shlex.split(command)
    assert program == "ds-dashboard"
    result = CliRunner().invoke(cli, [*words[:1], "--json", *words[1:]])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("name", [*NAMES, "Ahead", "Old"])
def test_the_command_of_a_series_prints_its_history(pages: TestClient, name: str) -> None:
    """In every period, with each value of the page."""
    for query in ("", "&range=7d", "&range=1y", "&compare=1", f"&{PERIOD}"):
        address = f"/series/P/dev?metric={quote(name, safe='')}{query}"
        exported = pages.get(f"{address}&format=json").text.splitlines()
        printed = [one for one in run(command_of(pages, address)) if one["ProjectName"] == "P"]
        assert [one["MetricValue"] for one in printed] == [json.loads(one)["MetricValue"] for one in exported]


@pytest.mark.parametrize(
    ("address", "count"),
    [
        *((f"/metric?name={quote(name, safe='')}", 2 if name == "A/Cost" else 1) for name in NAMES),
        *(("/", 10), ("/?env=prod", 1), ("/?state=failing", 1), ("/?state=stale", 1), ("/?q=-dash", 1)),
        *(("/?q=--help", 0), ("/?q=needs+x:y", 1), ("/project/P", 9), ("/project/Q", 1), ("/thresholds", 0)),
        *(("/spokes", 2), ("/spokes?state=silent", 1), ("/spokes?state=ok", 0), ("/spokes?state=with+failures", 1)),
        *(("/spokes?q=-x", 0), ("/failures", 1)),
    ],
)
def test_the_command_of_a_list_prints_as_many_rows(pages: TestClient, address: str, count: int) -> None:
    """Series of the newest values, or spokes."""
    assert len(run(command_of(pages, address))) == count
    counted = re.findall(r"([0-9]+) (?:series|spokes?)</span>", pages.get(address).text)
    assert counted in ([], [str(count)])


@pytest.mark.parametrize(
    "address",
    ["/metric?name=com%2Cma", "/?env=P,dev", "/?state=gone", "/?family=gone", "/spokes?state=gone"],
)
def test_no_command_is_better_than_one_of_something_else(pages: TestClient, address: str) -> None:
    """A comma ends a name in an option, and a state that does not exist is an error."""
    assert command_of(pages, address) == ""


def test_a_command_reads_the_same_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opened the page with another name, profile or region pastes the command into the same terminal."""
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("DS_DASHBOARD_NAME", raising=False)
    assert Installation("ds-dashboard", region="eu-west-1").options == []
    assert Installation("other", "hub", "us-east-1").options == [
        *("--name", "other", "--profile", "hub", "--region", "us-east-1"),
    ]
    monkeypatch.setenv("DS_DASHBOARD_NAME", "other")
    assert Installation("other").options == []
    assert Installation("ds-dashboard").options == ["--name", "ds-dashboard"]
