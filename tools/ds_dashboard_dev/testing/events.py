"""Events of spokes: their details, and how one is recognized wherever it ends up (by its content, never by an id)."""

from __future__ import annotations

import json
import uuid
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


def instant(ago: timedelta = timedelta()) -> str:
    """Return the present time, or the time `ago`, in the form of the event contract."""
    return (datetime.now(UTC) - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def unused(metric: str) -> str:
    """Return a metric name that starts with `metric` and that no other test reports."""
    return f"{metric}-{uuid.uuid4().hex[:8]}"


def result(project: str, metric: str, value: Any, **more: Any) -> dict[str, Any]:
    """Return the detail of a result of `project` (`Alpha/dev`): the keys of the base contract, and `more`."""
    detail = {"MetricName": metric, "MetricValue": value, "ExtractionDate": instant(), "Metadata": {}}
    return {**detail, **_project_keys(project), **more}


def failure(project: str, metric: str, **more: Any) -> dict[str, Any]:
    """Return the detail of a failure of `project`, changed by `more`."""
    detail = {"MetricName": metric, "ErrorType": "MetricDenied", "ErrorMessage": "m", "ExtractionDate": instant()}
    return {**detail, **_project_keys(project), **more}


def run(project: str, refresh_id: str, **more: Any) -> dict[str, Any]:
    """Return the detail of a run of `project` that emitted nothing, changed by `more`."""
    at = instant()
    detail = {"RefreshId": refresh_id, "StartedAt": at, "FinishedAt": at, "Emitted": 0, "Failed": 0, "Metrics": []}
    return {**detail, **_project_keys(project), **more}


def _project_keys(project: str) -> dict[str, str]:
    name, environment = project.split("/")
    return {"ProjectName": name, "Environment": environment}


def envelope(detail: str, *, account: str, kind: str = RESULT, event_id: str | None = None) -> str:
    """Return an event as EventBridge delivers it to a queue.

    Args:
        detail: serialized, so that its numbers stay as they are.
        account: that put the event on a bus.
        kind: the detail type.
        event_id: by default a new one.
    """
    outer = {
        "version": "0",
        "id": event_id or str(uuid.uuid4()),
        "detail-type": kind,
        "source": SOURCE,
        "account": account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [],
    }
    return f'{json.dumps(outer)[:-1]}, "detail": {detail}}}'


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a producer in a spoke's account.

    Attributes:
        account: of the producer.
        detail: its serialized content, the same bytes however often it is sent.
        kind: the detail type.
        refused: the code with which the hub must refuse it; `None` if the hub must accept it.
    """

    account: str
    detail: str
    kind: str = RESULT
    refused: str | None = None

    def entry(self) -> dict[str, str]:
        """Return it as an entry of PutEvents, without a bus."""
        return {"Source": SOURCE, "DetailType": self.kind, "Detail": self.detail}

    def body(self, event_id: str | None = None) -> str:
        """Return it as EventBridge delivers it to a queue."""
        return envelope(self.detail, account=self.account, kind=self.kind, event_id=event_id)

    @property
    def identity(self) -> str:
        """What it is: equal each time it is sent."""
        return _identity(self.account, REGION, self.kind, _loads(self.detail))

    @property
    def is_as_of(self) -> bool:
        """Whether it belongs to a run as of a past instant, which the spokes table keeps apart."""
        return str(json.loads(self.detail).get("RefreshId", "")).startswith("asof-")

    @property
    def subject(self) -> tuple[tuple[str, str], str]:
        """The key under which the spokes table has the newest of these, and its date.

        The key is project and metric of a failure, project and an empty string of a run.
        """
        detail = json.loads(self.detail)
        project = f"{detail['ProjectName']}#{detail['Environment']}"
        if self.kind == RUN:
            return (project, ""), detail["FinishedAt"]
        return (project, detail["MetricName"]), detail["ExtractionDate"]


def result_event(
    account: str,
    project: str,
    metric: str,
    value: Any,
    *,
    at: str | None = None,
    refused: str | None = None,
    **more: Any,
) -> Event:
    """Return a result of `project` as an event of `account`, dated `at` or now."""
    detail = result(project, metric, value, **({"ExtractionDate": at} if at else {}), **more)
    return Event(account, canonical_json.dumps(detail), refused=refused)


def identity_of_body(body: str) -> str:
    """Return the identity of the event that a queue's message holds."""
    outer = _loads(body)
    return _identity(outer["account"], outer["region"], outer["detail-type"], outer["detail"])


def identity_of_item(item: Mapping[str, Any]) -> str:
    """Return the identity of the event that an item of the history table was written for."""
    detail = {name: item[name] for name in ("MetricName", "MetricValue", "Metadata", "Environment", "ProjectName")}
    detail["ExtractionDate"] = item["SentExtractionDate"]
    detail.update({name: item[name] for name in _OPTIONAL if name in item})
    return _identity(item["AccountId"], item["Region"], RESULT, detail)


def _identity(account: str, region: str, kind: str, detail: Any) -> str:
    return json.dumps([account, region, kind, _plain(detail)], sort_keys=True)


def _plain(value: Any) -> Any:
    """Return a value whose numbers are equal exactly if they are the same number, digit by digit."""
    match value:
        case bool() | str() | None:
            return value
        case int() | Decimal():
            return f"<{Decimal(value).normalize():e}>"
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
    raise TypeError(f"{value!r} cannot be compared digit by digit")


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)
