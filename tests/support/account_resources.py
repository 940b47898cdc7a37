"""The resources of an account of the local cloud, of every kind that the modules create."""

from __future__ import annotations

from typing import Any, NamedTuple

from ds_dashboard_local import RunningCloud


class Kind(NamedTuple):
    """How to list a kind of resource.

    Attributes:
        service: The boto3 client.
        operation: The method that lists.
        listed: The key of the list in the response.
        name: The key of a name in an entry; `None` if the entry is the name.
    """

    service: str
    operation: str
    listed: str
    name: str | None


KINDS = {
    "alarms": Kind("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "archives": Kind("events", "list_archives", "Archives", "ArchiveName"),
    "buckets": Kind("s3", "list_buckets", "Buckets", "Name"),
    "buses": Kind("events", "list_event_buses", "EventBuses", "Name"),
    "dashboards": Kind("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "functions": Kind("lambda", "list_functions", "Functions", "FunctionName"),
    "log groups": Kind("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "mappings": Kind("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    "parameters": Kind("ssm", "describe_parameters", "Parameters", "Name"),
    "queues": Kind("sqs", "list_queues", "QueueUrls", None),
    "roles": Kind("iam", "list_roles", "Roles", "RoleName"),
    "schedule groups": Kind("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    "schedules": Kind("scheduler", "list_schedules", "Schedules", "Name"),
    "tables": Kind("dynamodb", "list_tables", "TableNames", None),
}
# The event bus and the schedule group that every account has.
_DEFAULT = "default"


def _listed(client: Any, kind: Kind) -> list[Any]:
    if not client.can_paginate(kind.operation):
        return list(getattr(client, kind.operation)()[kind.listed])
    pages = client.get_paginator(kind.operation).paginate()
    return [one for page in pages for one in page.get(kind.listed, [])]


def list_resources(cloud: RunningCloud, account: str, region: str) -> dict[str, list[str]]:
    """Return the names of the resources by kind, without kinds that have none. A rule is named `BUS/RULE`."""
    found: dict[str, list[str]] = {}
    for what, kind in KINDS.items():
        listed = _listed(cloud.client(kind.service, account, region), kind)
        found[what] = [one if kind.name is None else one[kind.name] for one in listed]
    events = cloud.client("events", account, region)
    found["rules"] = [
        f"{bus}/{rule['Name']}" for bus in found["buses"] for rule in events.list_rules(EventBusName=bus)["Rules"]
    ]
    return {
        what: sorted(name for name in names if name != _DEFAULT)
        for what, names in found.items()
        if set(names) - {_DEFAULT}
    }
