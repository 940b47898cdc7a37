"""The command that a page prints shows what the page shows, also for names that a shell or an option would change."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from starlette.testclient import TestClient
from tests.support.events import FAILURE, RESULT, ago, failure, result
from tests.support.tables import OTHER, HubTables

from ds_dashboard.client import Hub
from ds_dashboard.client.installation import Installation
from ds_dashboard.pages.model import Description
from ds_dashboard.publish.last_read import LastRead
from ds_dashboard.publish.source import HubSource
from ds_dashboard.thresholds import Threshold
from ds_dashboard_web.app import application

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
# Address -> its spokes.
SPOKES = {
    "/spokes": {"P/dev", "Q/prod"},
    "/spokes?state=silent": {"Q/prod"},
    "/spokes?state=ok": set(),
    "/spokes?state=with+failures": {"P/dev"},
    "/spokes?q=-x": set(),
    "/spokes?q=222222222222": {"P/dev"},
}
HOSTILE = ("A/Cost", "-dash", "O'Brien $x `y`", "white  space", "Owner(names=a,b)")


@pytest.fixture
def pages(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """A function that returns a page of the hub."""
    for name, value in hub.env.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    client = TestClient(application(LastRead(HubSource(Hub(hub.name), FAMILIES))))
    return lambda address: client.get(address).text


@pytest.fixture
def page(hub: HubTables, pages: Callable[[str], str]) -> Callable[[str], str]:
    """A function that returns the page of a hub with a series in each state."""
    hub.thresholds = THRESHOLDS
    hub.send(RESULT, *(result(MetricValue=day, ExtractionDate=ago(days=day)) for day in (9, 4, 1)), result())
    hub.send(RESULT, result(MetricName="Cost", MetricValue=2), result(MetricName="Old", ExtractionDate=ago(hours=30)))
    hub.send(RESULT, result(MetricName="Owner(parameter_name=a,b)"), result(MetricName="Owner(parameter_name=it's)"))
    hub.send(RESULT, result(ProjectName="Q", Environment="prod", ExtractionDate=ago(days=3)), account=OTHER)
    hub.send(FAILURE, failure(MetricName="Broken", ErrorType="MetricDenied", ErrorMessage="needs sagemaker:ListX"))
    return pages


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


def values_of(page: str) -> list[int]:
    """Return the numbers in the table of a series, oldest first."""
    return [int(one) for one in re.findall(r'<td class="number">([0-9]+)</td><td class="number dim">', page)][::-1]


def test_the_command_of_a_page_selects_its_series(hub: HubTables, page: Callable[[str], str]) -> None:
    """A command without the filters of the page would show something else."""
    for address, count in ADDRESSES.items():
        shown = page(address)
        words = words_of(shown)
        assert words[0] == "latest", address
        assert {(one["Project"], one["MetricName"]) for one in hub.lines(*words)} == series_of(shown), address
        assert len(series_of(shown)) == count, address
        assert hub.run(*words).stdout.count("\n") == count + 1, address


def test_the_command_of_a_series_has_its_period(hub: HubTables, page: Callable[[str], str]) -> None:
    """A period on a page includes its last day, also if that is today; `--until` does not."""
    today, last_week, day_of_the_second = (ago(days=days)[:10] for days in (0, 7, 4))
    periods = {
        "": [9, 4, 1, 1],
        "&range=7d": [4, 1, 1],
        f"&since={last_week}": [4, 1, 1],
        f"&since={last_week}&until={today}": [4, 1, 1],
        f"&since={last_week}&until={day_of_the_second}": [4],
    }
    for query, values in periods.items():
        shown = page(f"/series/P/dev?metric=Jobs{query}")
        words = words_of(shown)
        assert words[:2] == ["history", "Jobs"], query
        assert [one["MetricValue"] for one in hub.lines(*words)] == values, query
        assert values_of(shown) == values, query


def test_a_value_whose_clock_is_ahead_is_on_the_page_and_printed(hub: HubTables, pages: Callable[[str], str]) -> None:
    """A period that ends now has it, as the newest values do."""
    hub.send(RESULT, result(MetricValue=9, ExtractionDate=ago(minutes=-10)))
    for query in ("", "&range=7d", "&range=1y", "&compare=1"):
        shown = pages(f"/series/P/dev?metric=Jobs{query}")
        assert [one["MetricValue"] for one in hub.lines(*words_of(shown))] == values_of(shown) == [9], query


def test_a_name_is_neither_an_option_nor_code_of_a_shell(hub: HubTables, pages: Callable[[str], str]) -> None:
    """Spokes choose the names of their metrics."""
    hub.send(RESULT, *(result(MetricName=name) for name in HOSTILE))
    for name in HOSTILE:
        shown = pages(f"/series/P/dev?metric={quote(name, safe='')}")
        assert [one["MetricName"] for one in hub.lines(*words_of(shown))] == [name]
        shown = pages(f"/metric?name={quote(name, safe='')}")
        assert {(one["Project"], one["MetricName"]) for one in hub.lines(*words_of(shown))} == series_of(shown)
        assert series_of(shown) == {("P/dev", name)}
    for word, names in {"-dash": ["-dash"], "--help": []}.items():
        assert [one["MetricName"] for one in hub.lines(*words_of(pages(f"/?q={word}")))] == names


def test_no_command_is_better_than_one_of_something_else(hub: HubTables, pages: Callable[[str], str]) -> None:
    """A comma ends a name in an option, and a state that does not exist is an error."""
    hub.send(RESULT, result(MetricName="com,ma"))
    assert "com,ma" in pages("/metric?name=com%2Cma")
    for address in ("/metric?name=com%2Cma", "/?env=P,dev", "/?state=gone", "/?family=gone", "/spokes?state=gone"):
        assert 'id="command"' not in pages(address), address


def test_the_command_of_a_comparison_has_the_other_environments(page: Callable[[str], str]) -> None:
    """They are on the page too."""
    assert words_of(page("/series/P/dev?metric=Jobs&compare=1")) == [
        "history",
        "Jobs",
        "--projects",
        "P",
        "--since",
        "30d",
    ]


def test_the_command_of_spokes_selects_them(hub: HubTables, page: Callable[[str], str]) -> None:
    """By state and by words."""
    for address, spokes in SPOKES.items():
        shown = page(address)
        assert {one["Project"] for one in hub.lines(*words_of(shown))} == spokes
        rows = re.findall(r'<th scope="row"[^>]*><a [^>]+>([^<]+)</a></th>\s*<td class="env[^>]*>([^<]+)<', shown)
        assert {"/".join(row) for row in rows} == spokes


def test_the_command_of_failures_shows_why(hub: HubTables, page: Callable[[str], str]) -> None:
    """The list of spokes only counts them."""
    assert "needs sagemaker:ListX" in hub.run(*words_of(page("/failures"))).stdout


def test_thresholds_show_their_limits(hub: HubTables, page: Callable[[str], str]) -> None:
    """As columns of the table."""
    head, cost, jobs, _ = hub.run(*words_of(page("/thresholds"))).stdout.splitlines()
    assert head.split() == ["SPOKE", "METRIC", "VALUE", "UNIT", "AGE", "BELOW", "ABOVE", "STATE"]
    assert cost.split()[-2:] == ["1", "ABOVE"]
    assert jobs.split()[-1] == "-1"


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
