"""`ds-dashboard history`."""

from __future__ import annotations

import pytest
from tests.support.commands import run
from tests.support.events import RESULT, Exact, ago, result
from tests.support.tables import OTHER, HubTables


def _values(hub: HubTables, *words: str) -> list[object]:
    return [line["MetricValue"] for line in hub.lines("history", "Jobs", *words)]


def test_history_shows_a_week_by_default_oldest_first(hub: HubTables) -> None:
    """The order also holds if the values of two spokes interleave, for a query by metric or by series."""
    spans = {1: {"days": 8}, 2: {"days": 6}, 4: {"hours": 2}}
    hub.send(RESULT, *(result(MetricValue=value, ExtractionDate=ago(**span)) for value, span in spans.items()))
    hub.send(
        RESULT,
        result(ProjectName="Q", Environment="prod", MetricValue=3, ExtractionDate=ago(days=2)),
        account=OTHER,
    )
    assert _values(hub) == [2, 3, 4]
    assert _values(hub, "--since", "30d") == [1, 2, 3, 4]
    assert _values(hub, "--since", "9d", "--until", "1d") == [1, 2, 3]
    assert _values(hub, "--since", ago(days=7)[:10], "--project", "P") == [2, 4]
    assert _values(hub, "--since", "9d", "--project", "P,Q", "--environment", "dev,prod") == [1, 2, 3, 4]
    table = hub.run("history", "Jobs").stdout.splitlines()
    assert table[0].split() == ["EXTRACTED", "(UTC)", "SPOKE", "VALUE", "UNIT"]
    assert [line.split()[2:] for line in table[1:]] == [
        ["P/dev", "2", "Count"],
        ["Q/prod", "3", "Count"],
        ["P/dev", "4", "Count"],
    ]


def test_periods_are_exact_to_the_microsecond(hub: HubTables) -> None:
    """A period includes its first instant and excludes its last, also for dates in the form of the AWS sample."""
    dates = ["2026-11-20T10:00:00.000000Z", "2026-11-20T10:00:00.000001Z", "2026-11-20T11:00:00.000000Z"]
    hub.send(RESULT, *(result(MetricValue=number, ExtractionDate=date) for number, date in enumerate(dates)))
    hub.put("metrics", {**result(MetricValue=9), "ExtractionDate": "2026-11-20 10:30:00.000000"})
    period = ("--since", "2026-11-20T10:00:00.000001Z", "--until", "2026-11-20T12:00+01:00")
    assert sorted(map(str, _values(hub, *period))) == ["1", "9"]
    assert _values(hub, "--since", "2026-11-20T12:00", "--until", "2026-11-21") == []
    assert len(_values(hub, "--since", "2026-11-20", "--until", "2026-11-21")) == 4


def test_history_reads_all_pages(hub: HubTables) -> None:
    """A page of DynamoDB has at most one megabyte."""
    hub.put_many(250, lambda number: result(MetricValue=number, ExtractionDate=ago(minutes=300 - number)), size=6000)
    assert _values(hub) == list(range(250))
    table = hub.run("history", "Jobs").stdout.splitlines()
    assert [line.split()[3] for line in table[1:]] == [str(number) for number in range(250)]


def test_a_plot_has_one_line_per_spoke(hub: HubTables) -> None:
    """Without colours, each spoke has its own mark. The legend is below the chart and covers no value."""
    hub.send(RESULT, *(result(MetricValue=number, ExtractionDate=ago(hours=number)) for number in (1, 2, 3)))
    hub.send(
        RESULT,
        *(
            result(ProjectName="Q", Environment="prod", MetricValue=Exact("0.5"), ExtractionDate=ago(hours=number))
            for number in (1, 2)
        ),
        account=OTHER,
    )
    plot = hub.run("history", "Jobs", "--plot").stdout
    assert "Jobs (Count)" in plot
    assert plot.splitlines()[-2:] == ["  ● P/dev", "  x Q/prod"]
    assert plot.count("●") > 3
    assert "\x1b" not in plot
    assert max(map(len, hub.run("history", "Jobs", "--plot", COLUMNS="60").stdout.splitlines())) == 60


def test_texts_cannot_be_plotted(hub: HubTables) -> None:
    """The error shows such a text, and nothing is drawn."""
    hub.send(RESULT, result(MetricValue="v12"))
    outcome = hub.run("history", "Jobs", "--plot", code=1)
    assert "'v12'" in outcome.stderr
    assert "not numbers" in outcome.stderr
    assert outcome.stdout == ""


def test_an_unknown_metric_is_an_error_with_similar_names(hub: HubTables) -> None:
    """A misspelled name would otherwise look like an empty period, which is not an error."""
    hub.send(RESULT, result(MetricName="TrainingCost", ExtractionDate=ago(days=10)))
    outcome = hub.run("history", "TrainingCosts", code=1)
    assert "TrainingCost." in outcome.stderr
    empty = hub.run("history", "TrainingCost")
    assert empty.stdout == ""
    assert "--since" in empty.stderr


@pytest.mark.parametrize(
    "words",
    [("--since", "soon"), ("--since", "1d", "--until", "2d"), ("--plot", "--json"), ("--since", "9" * 20 + "d")],
)
def test_contradictory_options_are_a_usage_error(words: tuple[str, ...]) -> None:
    """The exit code is 2, and no call is made."""
    result = run("history", "Jobs", *words, code=2, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert result.stdout == ""
    assert "--help" in result.stderr
