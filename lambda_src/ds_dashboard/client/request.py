"""Requests for values: checked against what is registered and deployed, and sent to the hub's refresh function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from ds_dashboard import dates, event
from ds_dashboard.client.as_of import PastRefresh, Series, finished_before
from ds_dashboard.client.errors import is_denied
from ds_dashboard.client.installation import Installation
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.refresh import Refresh, RefreshError
from ds_dashboard.client.spokes import read_reports
from ds_dashboard.client.tables import SpokeFilter, project_of, spoke_name

_MAX_LISTED = 20

Deployed = Mapping[str, tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Request:
    """What a refresh requests.

    Attributes:
        spoke_filter: the spokes to request values from.
        metrics: the metrics to compute; empty for all.
        arguments: metric -> argument -> value, for metrics that are computed with other arguments than the deployed.
        as_of: the past instant to compute values for; None for the present.
    """

    spoke_filter: SpokeFilter = field(default_factory=SpokeFilter)
    metrics: tuple[str, ...] = ()
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    as_of: datetime | None = None

    def detail(self) -> dict[str, Any]:
        """Return the request as the refresh function takes it.

        Raises:
            RefreshError: it is not a valid request.
        """
        metrics = self.metrics or tuple(self.arguments)
        names = {"Metrics": metrics, "Projects": self.spoke_filter.projects}
        names["Environments"] = self.spoke_filter.environments
        detail: dict[str, Any] = {key: list(words) for key, words in names.items() if words}
        if self.arguments:
            detail["Arguments"] = {metric: dict(values) for metric, values in self.arguments.items()}
        if self.as_of is not None:
            detail["AsOf"] = dates.format_instant(self.as_of)
        try:
            event.Refresh.from_detail(detail)
        except event.InvalidRefresh as error:
            raise RefreshError("refresh", f"is not valid: {error}.", "Correct the request.") from None
        return detail


def request_refresh(
    installation: Installation, registered: Mapping[str, str] | None, request: Request, warn: Callable[[str], None]
) -> Refresh:
    """Check a request, and invoke the hub's refresh function.

    Args:
        installation: the hub.
        registered: `<ProjectName>/<Environment>` -> account ID or bus ARN; None if the caller may not read it.
        request: what to request.
        warn: receives a sentence for each metric that only some spokes have.

    Returns:
        The refresh, for which nobody waits yet.

    Raises:
        RefreshError: no registered spoke matches the filter or has a metric, or the function failed.
    """
    if registered is not None:
        check_registered(installation, registered, request.spoke_filter)
    detail = request.detail()
    if request.metrics or request.arguments:
        deployed = deployed_metrics(installation, registered, request.spoke_filter, warn)
        check_metrics(detail["Metrics"], deployed, warn)
    return send(installation, registered, request)


def send(installation: Installation, registered: Mapping[str, str] | None, request: Request) -> Refresh:
    """Invoke the hub's refresh function without checking whether a spoke can respond.

    Raises:
        RefreshError: the function failed.
    """
    payload = json.dumps(request.detail())
    before = finished_before(installation, registered, request.spoke_filter) if request.as_of else {}
    function = installation.names.function("refresh")
    answer = installation.client("lambda").invoke(FunctionName=function, Payload=payload.encode())
    returned = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RefreshError(
            f"function {function}",
            f"failed: {returned.get('errorType')}: {returned.get('errorMessage')}",
            f"See its log group {installation.names.log_group('refresh')}.",
        )
    if request.as_of is not None:
        series = Series(request.as_of, request.metrics or tuple(request.arguments), request.arguments)
        return PastRefresh(installation, returned, request.spoke_filter, registered, series, before)
    exact = bool(request.arguments)
    return Refresh(installation, returned, request.spoke_filter, registered, exact=exact)


def check_registered(installation: Installation, registered: Mapping[str, str], spoke_filter: SpokeFilter) -> None:
    """Refuse a refresh that no registered spoke would respond to."""
    if not registered:
        # Fails if there is no hub at all.
        installation.client("dynamodb").describe_table(TableName=installation.table("spokes"))
        raise RefreshError(
            "refresh",
            "no spoke is registered here.",
            "Register one with `aws ssm put-parameter`, as docs/getting-started.md shows.",
        )
    for kind, requested, known in (
        ("project", spoke_filter.projects, {project_of(spoke).name for spoke in registered}),
        ("environment", spoke_filter.environments, {project_of(spoke).environment for spoke in registered}),
    ):
        for name in requested:
            if name not in known:
                raise RefreshError(f"{kind} {name}", "no spoke with this name is registered.", _list_registered(known))
    if not any(spoke_filter.matches(spoke) for spoke in registered):
        raise RefreshError(
            "projects and environments", "no registered spoke has both.", _list_registered(set(registered))
        )


def _list_registered(names: set[str]) -> str:
    return f"Registered are: {', '.join(sorted(names))}."


def deployed_metrics(
    installation: Installation,
    registered: Mapping[str, str] | None,
    spoke_filter: SpokeFilter,
    warn: Callable[[str], None],
) -> dict[str, tuple[str, ...] | None]:
    """Read which metrics each spoke that matches has, as of its last run.

    Returns:
        Spoke -> its metrics; None if it has sent no run event, or if the caller may not read the table.
    """
    from botocore.exceptions import ClientError

    found: dict[str, tuple[str, ...] | None] = {}
    try:
        for item in map(OddAttributes().removed_from, read_reports(installation)):
            found[spoke_name(item)] = tuple(item["Metrics"]) if "Metrics" in item else None
    except ClientError as error:
        if not is_denied(error):
            raise
        warn(f"Cannot check the names of metrics (dynamodb:Scan on {installation.table('spokes')}).")
    spokes = found if registered is None else {spoke: found.get(spoke) for spoke in registered}
    return {spoke: metrics for spoke, metrics in sorted(spokes.items()) if spoke_filter.matches(spoke)}


def check_metrics(metrics: Sequence[str], deployed: Deployed, warn: Callable[[str], None]) -> None:
    """Refuse a metric that no spoke has, and warn of one that some spokes lack.

    Raises:
        RefreshError: of the spokes that have said which metrics they have, none has this one.
    """
    known = {spoke: names for spoke, names in deployed.items() if names is not None}
    names = {name for one in known.values() for name in one}
    for metric in metrics:
        lacking = [spoke for spoke, one in known.items() if metric not in one]
        if known and len(lacking) == len(known):
            near = get_close_matches(metric, names, n=3)
            hint = f"Did you mean {' or '.join(near)}? " if near else ""
            raise RefreshError(
                f"metric {metric}",
                "is not a metric of any spoke that is requested.",
                f"{hint}They have: {_listed(sorted(names)) or 'none'}. The hub knows a metric from the last run of a "
                "spoke: if it was added since, refresh all metrics first.",
            )
        if lacking:
            warn(f"{metric} is not a metric of {_listed(lacking)}, which will not compute it.")


def _listed(names: Sequence[str]) -> str:
    """Return names with commas between; of very many, only some. A spoke can have a thousand metrics."""
    more = f" and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
    return ", ".join(names[:_MAX_LISTED]) + more
