"""Permissions of the calls that create and configure infrastructure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

import cbor2

from ds_dashboard_local.engine import query_protocol
from ds_dashboard_local.engine.authorization import Check, Parts, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap

Input = dict[str, Any]
Arn = Callable[[str, str], str]  # (service, resource) in the caller's account and region
Checks = Callable[[Input, Request, Arn], list[Check]]  # an empty action means the one that is called

_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
# Actions without a resource type, although the call names a resource.
_WITHOUT_RESOURCE = (
    "dynamodb:ListBackups",
    "dynamodb:ListContributorInsights",
    "events:ListRuleNamesByTarget",
    "events:ListRules",
    "events:PutPermission",
    "events:RemovePermission",
    "kms:ListAliases",
    "logs:DescribeQueries",
)


def _actions(service: str, *operations: str) -> list[str]:
    return [f"{service}:{operation}" for operation in operations]


@gap
def infrastructure_permissions() -> None:
    """Authorize the calls that create infrastructure on what they name, with iam:PassRole.

    AWS: evaluates a call that creates or changes infrastructure on the resource that it names, a call about tags on
    what is tagged, a function's asynchronous configuration and concurrency by actions of their own, and iam:PassRole
    where a role is passed to a service. Actions without a resource type (PutPermission and RemovePermission of
    EventBridge, lists) are evaluated on `*`, whatever the call names: a statement with an ARN never allows them.

    Engine: takes an event bus for a rule of the default bus, a rule's targets for the bus, any schedule for one of the
    default group, a function's asynchronous configuration for its code, and every call about concurrency for one that
    sets it. It evaluates other calls on `*`, and never evaluates iam:PassRole. It takes the bus or key that the call
    names for the resource of an action that has none.
    """
    for actions, checks in (
        (_actions("events", "CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus"), _on_bus),
        (_actions("events", "DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutRule"), _on_rule),
        (_actions("events", "ListTargetsByRule", "PutTargets", "RemoveTargets"), _on_rule),
        (_actions("events", "CreateArchive", "DeleteArchive", "DescribeArchive", "UpdateArchive"), _on_archive),
        (_actions("events", "CancelReplay", "DescribeReplay", "StartReplay"), _on_replay),
        (_actions("events", *_TAGS), _on_tagged),
        (_actions("cloudwatch", *_TAGS), _on_tagged),
        (_actions("cloudwatch", "DeleteAlarms"), _on_alarms),
        (_actions("cloudwatch", "DeleteDashboards", "GetDashboard", "PutDashboard"), _on_dashboards),
        (_actions("scheduler", *_TAGS), _on_tagged),
        (_actions("scheduler", "CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"), _on_schedule),
        (_actions("dynamodb", "ListTagsOfResource", "TagResource", "UntagResource"), _on_tagged),
        (_actions("lambda", "CreateFunction"), _on_new_function),
        (_actions("lambda", "CreateEventSourceMapping"), _on_new_mapping),
        (_actions("lambda", "ListEventSourceMappings"), _on_mapping),
        (_actions("lambda", "GetFunction", "DeleteFunction", "UpdateFunctionCode"), _on_function),
        (_actions("lambda", "PutFunctionConcurrency"), _on_concurrency),
        (_actions("kms", "CreateAlias", "DeleteAlias", "UpdateAlias"), _on_alias),
        (list(_WITHOUT_RESOURCE), _on_everything),
    ):
        for action in actions:
            authorize_parts(action, _parts(action, checks))


def _parts(action: str, checks: Checks) -> Parts:
    def parts(request: Request, account: str, region: str) -> list[Check]:
        def arn(service: str, resource: str) -> str:
            return f"arn:aws:{service}:{region}:{account}:{resource}"

        try:
            return [
                Check(check.action or action, check.resource, check.context, check.service)
                for check in checks(_input(request, action.partition(":")[2]), request, arn)
            ]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            return []  # the service rejects such a request

    return parts


def _input(request: Request, operation: str) -> Input:
    """The operation's input, in whichever protocol."""
    if "cbor" in request.headers.get("content-type", ""):
        data = cbor2.loads(request.body)
    elif request.body.startswith(b"{"):
        data = json.loads(request.body)
    elif request.body and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        data = query_protocol.parse("cloudwatch", operation, parse_qs(request.body.decode()))
    else:
        data = {}
    return dict(data)


def _named(name: str, arn: str) -> str:
    return name if name.startswith("arn:") else arn


def _after(request: Request, word: str) -> list[str]:
    """The parts of the path after `word`."""
    parts = [unquote(part) for part in request.path.split("/") if part]
    return parts[parts.index(word) + 1 :]


def _pass_role(role: str | None, service: str) -> list[Check]:
    if not role:
        return []
    return [Check("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"}, "iam")]


def _on_everything(_: Input, __: Request, ___: Arn) -> list[Check]:
    return [Check("", "*")]


def _on_bus(data: Input, _: Request, arn: Arn) -> list[Check]:
    name = data.get("Name") or "default"
    return [Check("", _named(name, arn("events", f"event-bus/{name}")))]


def _on_rule(data: Input, _: Request, arn: Arn) -> list[Check]:
    bus = (data.get("EventBusName") or "default").rpartition("/")[2]
    name = data.get("Rule") or data["Name"]
    rule = name if bus == "default" else f"{bus}/{name}"
    roles = {each.get("RoleArn") for each in (data, *data.get("Targets", []))}
    passing = [check for role in sorted(filter(None, roles)) for check in _pass_role(role, "events")]
    return [Check("", arn("events", f"rule/{rule}")), *passing]


def _on_archive(data: Input, _: Request, arn: Arn) -> list[Check]:
    source = data.get("EventSourceArn")
    checks = [Check("", arn("events", f"archive/{data['ArchiveName']}"))]
    return checks if source is None else [*checks, Check("", source)]


def _on_replay(data: Input, _: Request, arn: Arn) -> list[Check]:
    source = data.get("EventSourceArn")
    checks = [Check("", arn("events", f"replay/{data['ReplayName']}"))]
    return checks if source is None else [*checks, Check("", source)]


def _on_tagged(data: Input, request: Request, _: Arn) -> list[Check]:
    named = [data[name] for name in ("ResourceARN", "ResourceArn") if name in data]
    return [Check("", named[0] if named else "/".join(_after(request, "tags")))]


def _on_alarms(data: Input, _: Request, arn: Arn) -> list[Check]:
    return [Check("", arn("cloudwatch", f"alarm:{name}")) for name in data["AlarmNames"]]


def _on_dashboards(data: Input, _: Request, arn: Arn) -> list[Check]:
    # Dashboards are in no region.
    account = arn("cloudwatch", "").split(":")[4]
    names = data.get("DashboardNames") or [data["DashboardName"]]
    return [Check("", f"arn:aws:cloudwatch::{account}:dashboard/{name}") for name in names]


def _on_schedule(data: Input, request: Request, arn: Arn) -> list[Check]:
    group = data.get("GroupName") or request.query.get("groupName", ["default"])[0]
    name = _after(request, "schedules")[0]
    role = data.get("Target", {}).get("RoleArn")
    return [Check("", arn("scheduler", f"schedule/{group}/{name}")), *_pass_role(role, "scheduler")]


def _on_new_function(data: Input, _: Request, arn: Arn) -> list[Check]:
    name = data["FunctionName"]
    return [Check("", _named(name, arn("lambda", f"function:{name}"))), *_pass_role(data.get("Role"), "lambda")]


def _on_new_mapping(data: Input, _: Request, arn: Arn) -> list[Check]:
    name = data["FunctionName"]
    return [Check("", "*", {"lambda:FunctionArn": _named(name, arn("lambda", f"function:{name}"))})]


def _on_mapping(_: Input, request: Request, arn: Arn) -> list[Check]:
    identifier = _after(request, "event-source-mappings")
    if not identifier:
        return []
    return [Check("lambda:GetEventSourceMapping", arn("lambda", f"event-source-mapping:{identifier[0]}"))]


def _on_function(_: Input, request: Request, arn: Arn) -> list[Check]:
    name, *rest = _after(request, "functions")
    function = _named(name, arn("lambda", f"function:{name}"))
    if rest != ["event-invoke-config"]:
        return [Check("", function)]
    verb = {"GET": "Get", "DELETE": "Delete"}.get(request.method, "Put")
    return [Check(f"lambda:{verb}FunctionEventInvokeConfig", function)]


def _on_concurrency(_: Input, request: Request, arn: Arn) -> list[Check]:
    name = _after(request, "functions")[0]
    verb = {"GET": "Get", "DELETE": "Delete"}.get(request.method, "Put")
    return [Check(f"lambda:{verb}FunctionConcurrency", _named(name, arn("lambda", f"function:{name}")))]


def _on_alias(data: Input, _: Request, arn: Arn) -> list[Check]:
    key = data.get("TargetKeyId")
    keys = [] if key is None else [_named(key, arn("kms", f"key/{key}"))]
    return [Check("", arn("kms", data["AliasName"])), *(Check("", one) for one in keys)]
