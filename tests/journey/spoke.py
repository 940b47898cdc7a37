"""A spoke as its team sees it: its bus, its function's log and its dead letters, by the outputs of modules/spoke."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ds_dashboard_local.cloud import RunningCloud

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
        """Put an event on the spoke's bus, or on ``bus``, as any producer may; returns its id."""
        text = detail if isinstance(detail, str) else json.dumps(detail)
        entry = {"Source": source, "DetailType": kind, "Detail": text, "EventBusName": bus or self.bus_arn}
        (answer,) = self.client("events").put_events(Entries=[entry])["Entries"]
        assert "EventId" in answer, answer
        return str(answer["EventId"])

    def log(self, **wanted: Any) -> list[dict[str, Any]]:
        """The lines of the extraction's log that have these keys and values."""
        return log_lines(self.client("logs"), self.outputs["function_name"], **wanted)


def log_lines(logs: Any, function: str, **wanted: Any) -> list[dict[str, Any]]:
    """The lines of a function's log that have these keys and values."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
    return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]


def result(project_name: str, environment: str, metric: str, value: Any, **more: Any) -> dict[str, Any]:
    """A result with just the six keys of the base contract, and ``more``."""
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
