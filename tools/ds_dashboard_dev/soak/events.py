"""Events as they are sent, and how one is recognized wherever it ends up: by its content, never by an id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json
from ds_dashboard_local.settings import DEFAULT_REGION as REGION

SOURCE = "metric_extractor"
RESULT, FAILURE, RUN = SOURCE, f"{SOURCE}_failure", f"{SOURCE}_run"
_OPTIONAL = ("Unit", "RefreshId", "Breakdown")


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a producer in a spoke.

    Attributes:
        account: of the producer.
        detail: its serialized content, the same bytes however often it is sent.
        refused: the code with which the hub must refuse it; `None` where it must accept it.
    """

    account: str
    detail: str
    kind: str = RESULT
    refused: str | None = None

    def entry(self) -> dict[str, str]:
        """It as an entry of PutEvents, without its bus."""
        return {"Source": SOURCE, "DetailType": self.kind, "Detail": self.detail}

    def body(self, event_id: str) -> str:
        """It as EventBridge delivers it to a queue."""
        envelope = {
            "version": "0",
            "id": event_id,
            "detail-type": self.kind,
            "source": SOURCE,
            "account": self.account,
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": REGION,
            "resources": [],
        }
        return f'{json.dumps(envelope)[:-1]}, "detail": {self.detail}}}'

    @property
    def identity(self) -> str:
        """What it is, equal for each time it is sent."""
        return _identity(self.account, REGION, self.kind, _loads(self.detail))

    @property
    def subject(self) -> tuple[tuple[str, str], str]:
        """What the spokes table keeps the newest of, and its date: project and metric, or project and nothing."""
        detail = json.loads(self.detail)
        project = f"{detail['ProjectName']}#{detail['Environment']}"
        if self.kind == RUN:
            return (project, ""), detail["FinishedAt"]
        return (project, detail["MetricName"]), detail["ExtractionDate"]


def result(
    account: str,
    project: str,
    metric: str,
    value: Any,
    *,
    at: str | None = None,
    refused: str | None = None,
    **more: Any,
) -> Event:
    """A result of `project` (`North/dev`), with the keys of the base contract and `more`."""
    name, environment = project.split("/")
    detail = {
        "MetricName": metric,
        "MetricValue": value,
        "ExtractionDate": at or instant(),
        "Metadata": {},
        "Environment": environment,
        "ProjectName": name,
        **more,
    }
    return Event(account, canonical_json.dumps(detail), refused=refused)


def instant(ago: timedelta = timedelta()) -> str:
    """Now, or some time ago, as the contract writes it."""
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def of_body(body: str) -> str:
    """The identity of the event that a message holds."""
    envelope = _loads(body)
    return _identity(envelope["account"], envelope["region"], envelope["detail-type"], envelope["detail"])


def of_item(item: Mapping[str, Any]) -> str:
    """The identity of the event that an item of the history has become."""
    detail = {name: item[name] for name in ("MetricName", "MetricValue", "Metadata", "Environment", "ProjectName")}
    detail["ExtractionDate"] = item["SentExtractionDate"]
    detail.update({name: item[name] for name in _OPTIONAL if name in item})
    return _identity(item["AccountId"], item["Region"], RESULT, detail)


def _identity(account: str, region: str, kind: str, detail: Any) -> str:
    return json.dumps([account, region, kind, _plain(detail)], sort_keys=True)


def _plain(value: Any) -> Any:
    """A value whose numbers are equal exactly when they are the same number, digit by digit."""
    match value:
        case bool() | str() | None:
            return value
        case int() | Decimal():
            return f"<{Decimal(value).normalize():e}>"
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    raise TypeError(f"{value!r} is no JSON without binary fractions")


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)
