"""Arbitrary results of metrics: each is one event with exact values, and other metrics are not affected."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.archive.conftest import REGION

from ds_dashboard import aws, dates, event
from ds_dashboard.deadline import Deadline
from ds_dashboard.event import InvalidRefresh, Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics import Metric, registry
from ds_dashboard.spoke import extract
from ds_dashboard.spoke.settings import ExtractSettings, MetricInstance
from ds_dashboard_local import LocalCloud

from . import hostile, hubs, oracle
from .json_text import write
from .strategies import texts, trees

Plan = Callable[[Metric], Any]
PLANS: dict[str, Plan] = {}
SPOKE = "222222222222"


class Planned(Metric):
    """A metric that does what `PLANS` says for its name."""

    def _compute_value(self) -> Any:
        return PLANS[self.metric_name](self)


class Bus:
    """The events API of a spoke, which records the events."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's spelling
        envelope = {"source": "metric_extractor", "account": SPOKE, "region": REGION}
        for entry in Entries:
            whole = {**envelope, "id": f"e-{len(self.bodies)}", "detail-type": entry["DetailType"]}
            # With the detail's own bytes, which EventBridge does not change.
            self.bodies.append(f'{json.dumps(whole)[:-1]}, "detail": {entry["Detail"]}}}')
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"} for _ in Entries]}


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make `Planned` the only metric."""
    registry.use_index({"Planned": __name__})
    monkeypatch.setattr(registry, "load", lambda name: Planned)
    yield
    registry.use_index(None)
    aws.forget()


def run_metrics(plans: dict[str, Plan], refresh: Refresh) -> list[str]:
    """Extract metrics, and return the events as they are in the hub's queue."""
    bus = Bus()
    aws.use("events", bus)
    PLANS.clear()
    PLANS.update(plans)
    instances = {name: MetricInstance("Planned", {}) for name in plans}
    settings_ = ExtractSettings(Project("P", "dev"), "bus", instances, None)
    extract.extract(refresh, "111111111111", settings_, extract.RecentRuns(), Deadline.after(100.0))
    return bus.bodies


def _plan(fault: tuple[str, str]) -> Plan:
    sort, name = fault

    def plan(metric: Metric) -> Any:
        if sort == "returns":
            return hostile.RETURNS[name]()
        if sort == "raises":
            raise hostile.RAISES[name]()
        setattr(metric, sort, hostile.METADATA[name]() if sort == "metadata" else hostile.UNITS[name]())
        return 1

    return plan


def _returning(value: Any) -> Plan:
    return lambda metric: value


FAULTS = [("returns", name) for name in hostile.RETURNS] + [("raises", name) for name in hostile.RAISES]
FAULTS += [("metadata", name) for name in hostile.METADATA] + [("unit", name) for name in hostile.UNITS]


@given(good=hostile.numbers | hostile.texts, faults=st.lists(st.sampled_from(FAULTS), min_size=1, max_size=4))
@example(good=0.1, faults=FAULTS)
def test_a_metric_without_a_value_fails_alone(planned: None, faults: list[tuple[str, str]], good: Any) -> None:
    """Each is one failure event that the hub accepts, and the value of the other metric arrives unchanged."""
    named = {f"Fault{number}": _plan(fault) for number, fault in enumerate(faults)}
    bodies = run_metrics({**named, "Good": _returning(good)}, Refresh("r-1"))
    received = [event.receive(body, dates.now()) for body in bodies]
    # In any order: the calls of PutEvents run in parallel, with ten events each.
    (run,) = [one for one in received if one.kind is event.Kind.RUN]
    by_name = {one.detail["MetricName"]: one for one in received if one is not run}
    assert by_name.keys() == {*named, "Good"}
    assert len(received) == len(by_name) + 1
    values = [fault for fault, name in zip(faults, named, strict=True) if by_name[name].kind is not event.Kind.FAILURE]
    assert values == []
    assert oracle.fingerprint(by_name["Good"].detail["MetricValue"]) == oracle.fingerprint(hostile.exact(good))
    assert (run.detail["Emitted"], run.detail["Failed"]) == (1, len(faults))


@settings(max_examples=settings().max_examples // 2)
@given(values=st.lists(hostile.numbers | hostile.texts, min_size=1, max_size=20))
def test_computed_values_are_in_the_tables_unchanged(planned: None, cloud: LocalCloud, values: list[Any]) -> None:
    """No digit and no character changes between the metric and the tables of the hub."""
    plans = {f"M{number}": _returning(value) for number, value in enumerate(values)}
    expected = {f"M{number}": oracle.fingerprint(hostile.exact(value)) for number, value in enumerate(values)}
    with hubs.hub(cloud) as hub:
        assert hub.archive(*run_metrics(plans, Refresh("r-1")), now=dates.now()) == []
        for table in ("metrics", "latest"):
            items = hub.items(table)
            assert {item["MetricName"]: oracle.fingerprint(item["MetricValue"]) for item in items} == expected
            assert len(items) == len(values)


@given(detail=st.dictionaries(st.sampled_from(["RefreshId", "Metrics", "Projects", "Environments"]) | texts, trees))
def test_a_refresh_is_read_or_rejected_with_a_reason(detail: dict[str, Any]) -> None:
    """People invoke the refresh function by hand, and need to see what was wrong."""
    try:
        given_detail = json.loads(write(detail))
        refresh = Refresh.from_detail(given_detail)
    except InvalidRefresh as error:
        message = str(error)
    else:
        again = Refresh.from_detail(json.loads(refresh.detail()))
        assert again == refresh
        return
    assert "RefreshId, Metrics, Projects, Environments, AsOf and Arguments" in message
