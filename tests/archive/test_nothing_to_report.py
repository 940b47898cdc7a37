"""Metrics that have nothing to report, in the spokes table: neither a value nor a failure."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from .conftest import RUN, Hub, body

_serialize = TypeSerializer().serialize


def run(minute: int, reasons: dict[str, str], **changes: Any) -> str:
    """Return the run event of an extraction that took a minute and ended at 11:`minute`."""
    times = {"StartedAt": f"2026-11-24T11:{minute - 1:02}:00Z", "FinishedAt": f"2026-11-24T11:{minute:02}:00Z"}
    return body({**RUN, **times, "NothingToReport": reasons, **changes}, kind="metric_extractor_run")


def entries(hub: Hub) -> dict[str, tuple[str, str]]:
    """Return reason and minute of each entry of the spoke."""
    (spoke,) = hub.items("spokes")
    assert spoke["NothingToReport"].keys() == spoke["NothingToReportAt"].keys()
    return {
        metric: (reason, spoke["NothingToReportAt"][metric][14:16])
        for metric, reason in spoke["NothingToReport"].items()
    }


def test_a_spoke_has_the_metrics_of_its_last_run_that_have_nothing_to_report(hub: Hub) -> None:
    """A later run of all metrics replaces them, and a redelivery of the earlier one changes nothing."""
    first = run(10, {"Jobs": "no job ended"}, Emitted=0)
    hub.archive(first)
    hub.archive(first)
    assert entries(hub) == {"Jobs": ("no job ended", "09")}
    later = run(20, {}, Emitted=1)
    hub.archive(later)
    hub.archive(first, later)
    assert entries(hub) == {}
    assert hub.history() == []


def test_a_run_of_some_metrics_keeps_what_the_others_have_said(hub: Hub) -> None:
    """A refresh that names its metrics says nothing about those that it does not name."""
    deployed = {"Metrics": ["Jobs", "Mean", "Owner"]}
    hub.archive(run(10, {"Jobs": "no job", "Mean": "no data", "Owner(n=/b)": "empty"}, Emitted=1, **deployed))
    hub.archive(run(20, {"Mean": "still no data"}, Emitted=0, **deployed))
    assert entries(hub) == {
        "Jobs": ("no job", "09"),
        "Mean": ("still no data", "19"),
        "Owner(n=/b)": ("empty", "09"),
    }
    hub.archive(run(30, {}, Emitted=3, **deployed))
    assert entries(hub) == {"Owner(n=/b)": ("empty", "09")}, "a run of all metrics sets no run-time arguments"
    hub.archive(run(40, {}, Emitted=1, Metrics=["Jobs"]))
    assert entries(hub) == {}, "the spoke no longer has the metric"


def test_many_long_reasons_fit_into_the_item(hub: Hub) -> None:
    """The newest entries stay, with the beginning of their reasons."""
    names = [f"{'m' * 60}{number:03}" for number in range(300)]
    hub.archive(run(10, dict.fromkeys(names[:150], "x" * 512), Emitted=0, Metrics=names))
    assert hub.archive(run(20, dict.fromkeys(names[150:], "ü" * 512), Emitted=0, Metrics=names)) == []
    (spoke,) = hub.items("spokes")
    kept = spoke["NothingToReport"]
    assert set(kept) < set(names[150:])
    assert min(len(reason.encode()) for reason in kept.values()) > 30
    parts = {name: spoke[name] for name in ("NothingToReport", "NothingToReportAt")}
    assert 18_000 < len(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()) < 22_000


@pytest.mark.parametrize(
    "odd",
    [
        {"NothingToReport": "Jobs", "NothingToReportAt": None},
        {"NothingToReport": {"Mean": Decimal(1), "Jobs": "x"}, "NothingToReportAt": {"Mean": "2026"}},
        {"FinishedAt": Decimal(1)},
    ],
)
def test_what_another_program_wrote_keeps_no_run_out(hub: Hub, odd: dict[str, Any]) -> None:
    """Otherwise each of the spoke's run events would become a dead letter."""
    item = {name: _serialize(value) for name, value in {"Project": "P#dev", **odd}.items()}
    hub.dynamodb.put_item(TableName=hub.settings.spokes_table, Item=item)
    assert hub.archive(run(10, {"Mean": "no data"}, Metrics=["Mean", "Jobs"])) == []
    assert entries(hub) == {"Mean": ("no data", "09")}
