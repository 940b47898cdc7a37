"""A spoke as its team sees it: its bus, its function's log and its dead letters, by the outputs of modules/spoke."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ds_dashboard_local import RunningCloud

from .logs import log_lines
from .polling import eventually

SOURCE = "metric_extractor"


class Spoke:
    """One spoke.

    Args:
        outputs: of modules/spoke.
    """

    def __init__(self, cloud: RunningCloud, account: str, region: str, outputs: Mapping[str, Any]) -> None:
        self.cloud, self.account, self.region, self.outputs = cloud, account, region, outputs
        self.bus_arn: str = outputs["event_bus_arn"]

    def client(self, service: str) -> Any:
        """The root of the spoke's account."""
        return self.cloud.client(service, self.account, self.region)

    def put(self, detail: object, *, kind: str = SOURCE, source: str = SOURCE, bus: str | None = None) -> str:
        """Put an event on the spoke's bus, or on `bus`, as any producer may; returns its id."""
        text = detail if isinstance(detail, str) else json.dumps(detail)
        entry = {"Source": source, "DetailType": kind, "Detail": text, "EventBusName": bus or self.bus_arn}
        (answer,) = self.client("events").put_events(Entries=[entry])["Entries"]
        assert "EventId" in answer, answer
        return str(answer["EventId"])

    def log(self, **wanted: Any) -> list[dict[str, Any]]:
        """The lines of the extraction's log that have these keys and values."""
        return log_lines(self.client("logs"), self.outputs["function_name"], **wanted)

    def wait_for_log(self, lines: int = 1, **wanted: Any) -> None:
        """Wait until the log has so many such lines."""
        told = f"{lines} lines with {wanted} in the log of {self.outputs['function_name']}"
        eventually(lambda: len(self.log(**wanted)) >= lines, told)


def result(project_name: str, environment: str, metric: str, value: Any, **more: Any) -> dict[str, Any]:
    """A result with just the six keys of the base contract, and `more`."""
    return {
        "MetricName": metric,
        "MetricValue": value,
        "ExtractionDate": now(),
        "Metadata": {},
        "Environment": environment,
        "ProjectName": project_name,
        **more,
    }


def now() -> str:
    """This instant as the contract writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unused(metric: str) -> str:
    """A name of a metric that nobody else reports."""
    return f"{metric}-{uuid.uuid4()}"
