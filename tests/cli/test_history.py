"""`ds-dashboard history`."""

from __future__ import annotations

import pytest

from .events import RESULT, Exact, ago, result
from .world import OTHER, Hub, run


def _values(hub: Hub, *words: str) -> list[object]:
    return [line["MetricValue"] for line in hub.lines("history", "Jobs", *words)]


def test_a_week_is_shown_oldest_first_and_more_when_asked(hub: Hub) -> None:
    """Also where two spokes' values interleave, found by metric or by series."""
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


def test_bounds_hold_to_the_microsecond(hub: Hub) -> None:
    """A period begins with its first instant and ends before its last; the sample's form of dates is one of them."""
    dates = ["2026-11-20T10:00:00.000000Z", "2026-11-20T10:00:00.000001Z", "2026-11-20T11:00:00.000000Z"]
    hub.send(RESULT, *(result(MetricValue=number, ExtractionDate=date) for number, date in enumerate(dates)))
    hub.put("metrics", {**result(MetricValue=9), "ExtractionDate": "2026-11-20 10:30:00.000000"})
    period = ("--since", "2026-11-20T10:00:00.000001Z", "--until", "2026-11-20T12:00+01:00")
    assert sorted(map(str, _values(hub, *period))) == ["1", "9"]
    assert _values(hub, "--since", "2026-11-20T12:00", "--until", "2026-11-21") == []
    assert len(_values(hub, "--since", "2026-11-20", "--until", "2026-11-21")) == 4


def test_more_values_than_a_page_are_all_there(hub: Hub) -> None:
    """DynamoDB gives a megabyte a page."""
    hub.put_many(250, lambda number: result(MetricValue=number, ExtractionDate=ago(minutes=300 - number)), size=6000)
    assert _values(hub) == list(range(250))
    table = hub.run("history", "Jobs").stdout.splitlines()
    assert [line.split()[3] for line in table[1:]] == [str(number) for number in range(250)]


def test_a_plot_has_a_line_for_each_spoke(hub: Hub) -> None:
    """Signs where there are no colours, and a legend below that covers no value."""
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


def test_a_plot_of_texts_is_refused(hub: Hub) -> None:
    """A version has no height."""
    hub.send(RESULT, result(MetricValue="v12"))
    refusal = hub.run("history", "Jobs", "--plot", code=1)
    assert "'v12'" in refusal.stderr
    assert "not numbers" in refusal.stderr
    assert refusal.stdout == ""


def test_a_metric_that_never_had_a_value_is_named_with_those_like_it(hub: Hub) -> None:
    """A typo would otherwise look like silence; an empty period is none."""
    hub.send(RESULT, result(MetricName="TrainingCost", ExtractionDate=ago(days=10)))
    refusal = hub.run("history", "TrainingCosts", code=1)
    assert "TrainingCost." in refusal.stderr
    empty = hub.run("history", "TrainingCost")
    assert empty.stdout == ""
    assert "--since" in empty.stderr


@pytest.mark.parametrize(
    "words",
    [("--since", "soon"), ("--since", "1d", "--until", "2d"), ("--plot", "--json"), ("--since", "9" * 20 + "d")],
)
def test_what_cannot_be_meant_is_a_usage_error(words: tuple[str, ...]) -> None:
    """Exit code 2, and nothing is asked of AWS."""
    result = run("history", "Jobs", *words, code=2, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    assert result.stdout == ""
    assert "--help" in result.stderr
