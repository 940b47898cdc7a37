"""A spoke whose values never end hides no other spoke from those who read the hub."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ds_dashboard.client import SpokeState
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.latest import read_latest, read_limits, read_metric_names
from ds_dashboard.client.spokes import read_spokes
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard.identity import MAX_SPOKE_PAGES

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DATE = "2026-11-24T11:00:00.000000Z"
REGISTERED = {"P/dev": "222222222222", "Q/dev": "333333333333"}
DAY = timedelta(days=1)


class Endless:
    """An installation whose P/dev has metrics without end, and Q/dev one. It counts the pages that are read."""

    region = "eu-west-1"

    def __init__(self) -> None:
        self.pages = 0

    def table(self, role: str) -> str:
        return role

    def client(self, service: str) -> Any:
        return self

    def get_paginator(self, operation: str) -> Any:
        return self

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        if arguments["TableName"] == "spokes":
            return iter([{"Items": []}])
        key = arguments.get("ExpressionAttributeValues", {}).get(":project", {}).get("S")
        if key == "Q#dev":
            return iter([{"Items": [_item("Q#dev", "Jobs")]}])
        return self._endless()

    def _endless(self) -> Iterator[dict[str, Any]]:
        for number in itertools.count():
            self.pages += 1
            assert self.pages < 500, "read without end"
            yield {"Items": [_item("P#dev", f"M{number}")], "LastEvaluatedKey": {"MetricName": {"S": str(number)}}}


def _item(project: str, metric: str) -> dict[str, Any]:
    texts = {"Project": project, "MetricName": metric, "ExtractionDate": DATE, "MetricValue": "v"}
    return {name: {"S": text} for name, text in texts.items()}


@pytest.fixture
def endless() -> Endless:
    return Endless()


def installation(endless: Endless) -> Installation:
    return cast("Installation", endless)


@pytest.mark.parametrize(
    "spoke_filter", [SpokeFilter(), SpokeFilter(environments=("dev",)), SpokeFilter(("P", "Q"), ("dev",))]
)
def test_latest_has_the_values_of_all_other_spokes(endless: Endless, spoke_filter: SpokeFilter) -> None:
    """And says of which one some are missing."""
    warnings: list[str] = []
    rows = read_latest(installation(endless), spoke_filter, (), REGISTERED, DAY, NOW, OddAttributes(), warnings.append)
    assert [row.metric for row in rows if row.spoke == "Q/dev"] == ["Jobs"]
    assert len(rows) == MAX_SPOKE_PAGES + 1
    assert warnings == ["not all values of P/dev were read: it has more than 20 MB of them"]


def test_spokes_and_doctor_see_all_other_spokes(endless: Endless) -> None:
    """Both read the newest values of spokes without run events."""
    spokes = read_spokes(installation(endless), REGISTERED, SpokeFilter(), DAY, NOW, OddAttributes())
    assert [(spoke.name, spoke.state) for spoke in spokes] == [("P/dev", SpokeState.OK), ("Q/dev", SpokeState.OK)]
    assert endless.pages == MAX_SPOKE_PAGES


def test_the_names_of_metrics_come_to_an_end(endless: Endless) -> None:
    """They are only suggestions, where a name is not known."""
    assert "M0" in read_metric_names(installation(endless))


class Batch(Endless):
    """An installation that answers one request for many items, of which it leaves the last ones out."""

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - as boto3 names it
        keys = RequestItems["latest"]["Keys"]
        self.pages += 1
        items = [{"Project": key["Project"], "ThresholdAbove": {"N": "5"}} for key in keys[:-2]]
        return {"Responses": {"latest": items}, "UnprocessedKeys": {"latest": {"Keys": keys[-2:]}}}


def test_limits_are_read_with_one_call_which_says_what_it_left_out() -> None:
    """A chart of very many spokes is not worth a scan, but must not look as if these had no threshold."""
    said: list[str] = []
    batch = Batch()
    spokes = [f"P{number:03}/dev" for number in range(250)]
    found = read_limits(cast(Installation, batch), "Jobs", spokes, OddAttributes(), said.append)
    assert list(found) == spokes[:98]
    assert batch.pages == 1
    assert said == ["The thresholds of 152 of 250 spokes were not read."]
