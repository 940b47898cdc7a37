"""The spokes of a hub: who is registered, who has answered when, what fails. Consistent with the hub's own watcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ds_dashboard import dates
from ds_dashboard_cli.hub import items
from ds_dashboard_cli.hub.narrowing import Narrowing
from ds_dashboard_cli.hub.registry import account_of

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a metric has no newer value."""

    metric: str
    type: str
    message: str
    at: datetime | None
    refresh_id: str | None

    def record(self) -> dict[str, str | None]:
        """The same under the names of the event contract, for programs."""
        return {
            "MetricName": self.metric,
            "ErrorType": self.type,
            "ErrorMessage": self.message,
            "ExtractionDate": None if self.at is None else dates.format_instant(self.at),
            "RefreshId": self.refresh_id,
        }


@dataclass(frozen=True, slots=True)
class Spoke:
    """A spoke as the hub knows it.

    Attributes:
        project: `<ProjectName>/<Environment>`.
        registered: the parameter's value; None where there is none, or the registry cannot be read.
        item: of the spokes table, empty where the spoke never reported.
        last_seen: of its run events; of its values where those are newer and it would count as silent.
        failures: those that no newer value has overtaken, of metrics that it still has.
    """

    project: str
    registered: str | None
    item: Mapping[str, Any]
    last_seen: datetime | None
    state: str
    failures: tuple[Failure, ...] = field(default=())

    @property
    def account(self) -> str:
        """The account that it reports from, else the one that is registered."""
        return str(self.item.get("AccountId") or account_of(self.registered or ""))


OK, SILENT, UNREGISTERED = "ok", "silent", "not registered"


def known(
    hub: Installation,
    registry: Mapping[str, str] | None,
    narrowing: Narrowing,
    silent_after: timedelta,
    now: datetime,
) -> list[Spoke]:
    """Every spoke that is registered or has reported, by name."""
    found = {
        f"{item['ProjectName']}/{item['Environment']}": item
        for item in items.scan(hub.client("dynamodb"), hub.table("spokes"))
        # A spoke whose run event is still under way has failures only.
        for item in [_named(item)]
    }
    names = sorted({*found, *(registry or ())})
    return [
        _spoke(hub, name, registry, found.get(name, {}), silent_after, now) for name in names if narrowing.takes(name)
    ]


def _named(item: dict[str, Any]) -> dict[str, Any]:
    project, _, environment = str(item["Project"]).partition("#")
    return {"ProjectName": project, "Environment": environment, **item}


def _spoke(
    hub: Installation,
    name: str,
    registry: Mapping[str, str] | None,
    item: Mapping[str, Any],
    silent_after: timedelta,
    now: datetime,
) -> Spoke:
    last_seen = instant(item.get("LastSeen"))
    newest: dict[str, datetime] = {}
    if item.get("Failures") or last_seen is None or now - last_seen > silent_after:
        newest = _newest_values(hub, name)
        if last_seen is None or now - last_seen > silent_after:
            # Whoever only puts values on the spoke's bus sends no run event.
            last_seen = max([*newest.values(), *([last_seen] if last_seen else [])], default=None)
    registered = None if registry is None else registry.get(name)
    return Spoke(
        project=name,
        registered=registered,
        item=item,
        last_seen=last_seen,
        state=_state(registry is None or registered is not None, last_seen, silent_after, now),
        failures=tuple(current_failures(item, newest)),
    )


def _state(registered: bool, last_seen: datetime | None, silent_after: timedelta, now: datetime) -> str:
    if not registered:
        return UNREGISTERED
    return SILENT if last_seen is None or now - last_seen > silent_after else OK


def _newest_values(hub: Installation, project: str) -> dict[str, datetime]:
    found = items.of_project(hub.client("dynamodb"), hub.table("latest"), project, "MetricName, ExtractionDate")
    dated = {item["MetricName"]: instant(item.get("ExtractionDate")) for item in found}
    return {metric: date for metric, date in dated.items() if date is not None}


def current_failures(item: Mapping[str, Any], newest: Mapping[str, datetime]) -> list[Failure]:
    """The failures in a spoke's item that no newer value has overtaken, of metrics that the spoke still has."""
    deployed = item.get("Metrics")
    found = [
        Failure(
            metric=metric,
            type=str(failure.get("ErrorType", "")),
            message=str(failure.get("ErrorMessage", "")),
            at=instant(failure.get("ExtractionDate")),
            refresh_id=failure.get("RefreshId"),
        )
        for metric, failure in sorted((item.get("Failures") or {}).items())
    ]
    return [
        failure
        for failure in found
        if (deployed is None or failure.metric in deployed)
        and (failure.at is None or failure.metric not in newest or newest[failure.metric] < failure.at)
    ]


def instant(text: Any) -> datetime | None:
    """The instant that an attribute names, if it names one."""
    try:
        return dates.parse(text) if isinstance(text, str) else None
    except dates.NotADate:
        return None
