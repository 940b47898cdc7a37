"""The command that a page prints shows what the page shows."""

from __future__ import annotations

import re
import shlex
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.support.events import FAILURE, RESULT, ago, failure, result
from tests.support.tables import OTHER, HubTables

from ds_dashboard import dates
from ds_dashboard.client import Hub
from ds_dashboard.pages.model import Description
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard.thresholds import Threshold
from ds_dashboard_web.app import application

TODAY = f"{dates.now():%Y-%m-%d}"
LAST_WEEK = f"{dates.now() - timedelta(days=7):%Y-%m-%d}"
YESTERDAY = f"{dates.now() - timedelta(days=1):%Y-%m-%d}"
FAMILIES = {"Jobs": Description(family="training"), "Owner": Description(family="custom")}
THRESHOLDS = {"Cost": Threshold(above=Decimal(1)), "Jobs": Threshold(below=Decimal(-1))}

# Address -> its series.
ADDRESSES = {
    "/?view=list": 7,
    "/": 7,
    "/?env=prod": 1,
    "/?family=training": 2,
    "/?family=custom&view=list": 2,
    "/?state=failing": 1,
    "/?state=above": 1,
    "/?state=stale": 1,
    "/?state=silent": 1,
    "/?state=fresh&view=list": 3,
    "/?q=listx": 1,
    "/?q=p+JOBS": 2,
    "/?q=333333333333&env=prod&state=silent": 1,
    "/project/P": 6,
    "/metric?name=Jobs": 2,
    "/metric?name=Jobs&env=dev": 1,
    "/metric?name=Owner(parameter_name%3Da,b)": 1,
    "/thresholds": 3,
}
# Query -> the values of its period.
PERIODS = {
    "": [9, 3, 1, 1],
    "&range=7d": [3, 1, 1],
    f"&since={LAST_WEEK}": [3, 1, 1],
    f"&since={LAST_WEEK}&until={TODAY}": [3, 1, 1],
    f"&since={LAST_WEEK}&until={YESTERDAY}": [3, 1],
}
# Address -> its spokes.
SPOKES = {
    "/spokes": {"P/dev", "Q/prod"},
    "/spokes?state=silent": {"Q/prod"},
    "/spokes?q=222222222222": {"P/dev"},
}


@pytest.fixture
def page(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that returns the page of a hub with a series in each state."""
    hub.thresholds = THRESHOLDS
    hub.send(RESULT, *(result(MetricValue=day, ExtractionDate=ago(days=day)) for day in (9, 3, 1)), result())
    hub.send(RESULT, result(MetricName="Cost", MetricValue=2), result(MetricName="Old", ExtractionDate=ago(hours=30)))
    hub.send(RESULT, result(MetricName="Owner(parameter_name=a,b)"), result(MetricName="Owner(parameter_name=it's)"))
    hub.send(RESULT, result(ProjectName="Q", Environment="prod", ExtractionDate=ago(days=3)), account=OTHER)
    hub.send(FAILURE, failure(MetricName="Broken", ErrorType="MetricDenied", ErrorMessage="needs sagemaker:ListX"))
    for name, value in hub.env.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    client = TestClient(application(LastRead(HubSource(Hub(hub.name), FAMILIES))))
    return lambda address: client.get(address).text


def words_of(page: str) -> list[str]:
    (command,) = re.findall(r'<code id="command">([^<]+)</code>', page)
    return shlex.split(unescape(command))[1:]


def series_of(page: str) -> set[tuple[str, str]]:
    """Return the spoke and the metric of each link below the panels."""
    main = page.partition('id="result"')[2] or page.partition("<main")[2]
    found = set()
    for link in re.findall(r'href="(/series/[^"]+)"', main):
        parts = urlsplit(unescape(link))
        _, _, project, environment = map(unquote, parts.path.split("/"))
        found.add((f"{project}/{environment}", dict(parse_qsl(parts.query))["metric"]))
    return found


def test_the_command_of_a_page_selects_its_series(hub: HubTables, page: Any) -> None:
    """A command without the filters of the page would show something else."""
    for address, count in ADDRESSES.items():
        shown = page(address)
        words = words_of(shown)
        assert words[0] == "latest", address
        assert {(one["Project"], one["MetricName"]) for one in hub.lines(*words)} == series_of(shown), address
        assert len(series_of(shown)) == count, address
        assert hub.run(*words).stdout.count("\n") == count + 1, address


def test_the_command_of_a_series_has_its_period(hub: HubTables, page: Any) -> None:
    """A period on a page includes its last day, also if that is today; `--until` does not."""
    for query, values in PERIODS.items():
        shown = page(f"/series/P/dev?metric=Jobs{query}")
        words = words_of(shown)
        assert words[:2] == ["history", "Jobs"], query
        assert [one["MetricValue"] for one in hub.lines(*words)] == values, query
        assert re.findall(r'<td class="number">([0-9]+)</td><td class="number dim">', shown)[::-1] == list(
            map(str, values)
        )


def test_the_command_of_a_comparison_has_the_other_environments(page: Any) -> None:
    """They are on the page too."""
    assert words_of(page("/series/P/dev?metric=Jobs&compare=1")) == [
        "history",
        "Jobs",
        "--projects",
        "P",
        "--since",
        "30d",
    ]


def test_the_command_of_spokes_selects_them(hub: HubTables, page: Any) -> None:
    """By state and by words."""
    for address, spokes in SPOKES.items():
        shown = page(address)
        assert {one["Project"] for one in hub.lines(*words_of(shown))} == spokes
        rows = re.findall(r'<th scope="row"[^>]*><a [^>]+>([^<]+)</a></th>\s*<td class="env[^>]*>([^<]+)<', shown)
        assert {"/".join(row) for row in rows} == spokes


def test_the_command_of_failures_shows_why(hub: HubTables, page: Any) -> None:
    """The list of spokes only counts them."""
    assert "needs sagemaker:ListX" in hub.run(*words_of(page("/failures"))).stdout


def test_thresholds_show_their_limits(hub: HubTables, page: Any) -> None:
    """As columns of the table."""
    head, cost, jobs, _ = hub.run(*words_of(page("/thresholds"))).stdout.splitlines()
    assert head.split() == ["SPOKE", "METRIC", "VALUE", "UNIT", "AGE", "BELOW", "ABOVE", "STATE"]
    assert cost.split()[-2:] == ["1", "ABOVE"]
    assert jobs.split()[-1] == "-1"
