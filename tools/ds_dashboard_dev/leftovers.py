"""What there is in an account of the local cloud, of all kinds of things that the modules make."""

from __future__ import annotations

from typing import Any, NamedTuple

from ds_dashboard_local import RunningCloud


class Kind(NamedTuple):
    """How a kind of thing is listed: the operation, the key of its list, the key of a name in it (none: it is one)."""

    service: str
    operation: str
    listed: str
    name: str | None


KINDS = {
    "alarms": Kind("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "archives": Kind("events", "list_archives", "Archives", "ArchiveName"),
    "buses": Kind("events", "list_event_buses", "EventBuses", "Name"),
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
# Those that every account has.
_OWN = "default"


def _listed(client: Any, kind: Kind) -> list[Any]:
    if not client.can_paginate(kind.operation):
        return list(getattr(client, kind.operation)()[kind.listed])
    pages = client.get_paginator(kind.operation).paginate()
    return [one for page in pages for one in page.get(kind.listed, [])]


def in_account(cloud: RunningCloud, account: str, region: str) -> dict[str, list[str]]:
    """The names of what is there, by kind, rules by bus; kinds of which there is nothing are left out."""
    found: dict[str, list[str]] = {}
    for what, kind in KINDS.items():
        listed = _listed(cloud.client(kind.service, account, region), kind)
        found[what] = [one if kind.name is None else one[kind.name] for one in listed]
    events = cloud.client("events", account, region)
    found["rules"] = [
        f"{bus}/{rule['Name']}" for bus in found["buses"] for rule in events.list_rules(EventBusName=bus)["Rules"]
    ]
    return {
        what: sorted(name for name in names if name != _OWN) for what, names in found.items() if set(names) - {_OWN}
    }
