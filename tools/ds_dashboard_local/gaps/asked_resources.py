"""IAM for the calls by which infrastructure is made.

AWS evaluates such a call on the thing that it names, a call about tags on what is tagged, and asks iam:PassRole where
a role is handed to a service. Source: Service Authorization Reference, "Actions, resources, and condition keys".

The engine takes an event bus for a rule of the default bus, a rule's targets for the bus, any schedule for one of the
default group, a function's asynchronous configuration for its code, any call about concurrency for one that sets it,
and of other calls it knows no resource: `*`, which a policy that names its resources does not allow. It never asks
iam:PassRole.

Registers its checks with the `authorization` gap.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import cbor2

from ds_dashboard_local.engine import query_protocol
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps.authorization import Check, checks_of

Given = dict[str, Any]
Arn = Callable[[str, str], str]  # (service, resource) in the caller's account and region
Asked = Callable[[Given, Request, Arn], list[Check]]

_TAGS = ("ListTagsForResource", "TagResource", "UntagResource")
_INVOKE_CONFIG = {"GetFunction": "Get", "DeleteFunction": "Delete", "UpdateFunctionCode": "Put"}


def close(engine: Any, state: Path) -> None:
    for operation in ("CreateEventBus", "DeleteEventBus", "DescribeEventBus", "UpdateEventBus"):
        _ask(f"events:{operation}", _on_bus)
    for operation in ("ListTargetsByRule", "PutTargets", "RemoveTargets"):
        _ask(f"events:{operation}", _on_rule)
    for operation in ("CreateArchive", "DeleteArchive", "DescribeArchive", "UpdateArchive"):
        _ask(f"events:{operation}", _on_archive)
    for operation in ("CancelReplay", "DescribeReplay", "StartReplay"):
        _ask(f"events:{operation}", _on_replay)
    for service, operations in {"cloudwatch": _TAGS, "events": _TAGS, "scheduler": _TAGS}.items():
        for operation in operations:
            _ask(f"{service}:{operation}", _on_tagged)
    for operation in ("ListTagsOfResource", "TagResource", "UntagResource"):
        _ask(f"dynamodb:{operation}", _on_tagged)
    _ask("cloudwatch:DeleteAlarms", _on_alarms)
    for operation in ("CreateSchedule", "DeleteSchedule", "GetSchedule", "UpdateSchedule"):
        _ask(f"scheduler:{operation}", _on_schedule)
    _ask("lambda:CreateFunction", _on_new_function)
    _ask("lambda:CreateEventSourceMapping", _on_new_mapping)
    _ask("lambda:ListEventSourceMappings", _on_mapping)
    for operation in _INVOKE_CONFIG:
        _ask(f"lambda:{operation}", _on_function)
    _ask("lambda:PutFunctionConcurrency", _on_concurrency)
    for operation in ("CreateAlias", "DeleteAlias", "UpdateAlias"):
        _ask(f"kms:{operation}", _on_alias)


def _ask(action: str, asked: Asked) -> None:
    def checks(request: Request, account: str, region: str) -> list[Check]:
        def arn(service: str, resource: str) -> str:
            return f"arn:aws:{service}:{region}:{account}:{resource}"

        try:
            return [
                Check(check.action or action, check.resource, check.context, check.service)
                for check in asked(_given(request, action.partition(":")[2]), request, arn)
            ]
        except (ValueError, KeyError, TypeError, AttributeError, IndexError):
            # What the service itself will refuse.
            return []

    checks_of(action, checks)


def _given(request: Request, operation: str) -> Given:
    """What was given to the operation, in whichever protocol."""
    if "cbor" in request.headers.get("content-type", ""):
        given = cbor2.loads(request.body)
    elif request.body.startswith(b"{"):
        given = json.loads(request.body)
    elif request.body and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        given = query_protocol.parse("cloudwatch", operation, parse_qs(request.body.decode()))
    else:
        given = {}
    return dict(given)


def _named(name: str, arn: str) -> str:
    return name if name.startswith("arn:") else arn


def _after(request: Request, word: str) -> list[str]:
    """The parts of the path behind `word`."""
    parts = [unquote(part) for part in request.path.split("/") if part]
    return parts[parts.index(word) + 1 :]


def _passing(role: str | None, service: str) -> list[Check]:
    if not role:
        return []
    return [Check("iam:PassRole", role, {"iam:PassedToService": f"{service}.amazonaws.com"}, "iam")]


def _on_bus(given: Given, _: Request, arn: Arn) -> list[Check]:
    name = given.get("Name") or "default"
    return [Check("", _named(name, arn("events", f"event-bus/{name}")))]


def _on_rule(given: Given, _: Request, arn: Arn) -> list[Check]:
    bus = (given.get("EventBusName") or "default").rpartition("/")[2]
    rule = given["Rule"] if bus == "default" else f"{bus}/{given['Rule']}"
    roles = {target.get("RoleArn") for target in given.get("Targets", [])}
    passing = [check for role in sorted(filter(None, roles)) for check in _passing(role, "events")]
    return [Check("", arn("events", f"rule/{rule}")), *passing]


def _on_archive(given: Given, _: Request, arn: Arn) -> list[Check]:
    source = given.get("EventSourceArn")
    checks = [Check("", arn("events", f"archive/{given['ArchiveName']}"))]
    return checks if source is None else [*checks, Check("", source)]


def _on_replay(given: Given, _: Request, arn: Arn) -> list[Check]:
    source = given.get("EventSourceArn")
    checks = [Check("", arn("events", f"replay/{given['ReplayName']}"))]
    return checks if source is None else [*checks, Check("", source)]


def _on_tagged(given: Given, request: Request, _: Arn) -> list[Check]:
    named = [given[name] for name in ("ResourceARN", "ResourceArn") if name in given]
    return [Check("", named[0] if named else "/".join(_after(request, "tags")))]


def _on_alarms(given: Given, _: Request, arn: Arn) -> list[Check]:
    return [Check("", arn("cloudwatch", f"alarm:{name}")) for name in given["AlarmNames"]]


def _on_schedule(given: Given, request: Request, arn: Arn) -> list[Check]:
    group = given.get("GroupName") or request.query.get("groupName", ["default"])[0]
    name = _after(request, "schedules")[0]
    role = given.get("Target", {}).get("RoleArn")
    return [Check("", arn("scheduler", f"schedule/{group}/{name}")), *_passing(role, "scheduler")]


def _on_new_function(given: Given, _: Request, arn: Arn) -> list[Check]:
    name = given["FunctionName"]
    return [Check("", _named(name, arn("lambda", f"function:{name}"))), *_passing(given.get("Role"), "lambda")]


def _on_new_mapping(given: Given, _: Request, arn: Arn) -> list[Check]:
    name = given["FunctionName"]
    return [Check("", "*", {"lambda:FunctionArn": _named(name, arn("lambda", f"function:{name}"))})]


def _on_mapping(_: Given, request: Request, arn: Arn) -> list[Check]:
    identifier = _after(request, "event-source-mappings")
    if not identifier:
        return []
    return [Check("lambda:GetEventSourceMapping", arn("lambda", f"event-source-mapping:{identifier[0]}"))]


def _on_function(_: Given, request: Request, arn: Arn) -> list[Check]:
    name, *rest = _after(request, "functions")
    function = _named(name, arn("lambda", f"function:{name}"))
    if rest != ["event-invoke-config"]:
        return [Check("", function)]
    verb = {"GET": "Get", "DELETE": "Delete"}.get(request.method, "Put")
    return [Check(f"lambda:{verb}FunctionEventInvokeConfig", function)]


def _on_concurrency(_: Given, request: Request, arn: Arn) -> list[Check]:
    name = _after(request, "functions")[0]
    verb = {"GET": "Get", "DELETE": "Delete"}.get(request.method, "Put")
    return [Check(f"lambda:{verb}FunctionConcurrency", _named(name, arn("lambda", f"function:{name}")))]


def _on_alias(given: Given, _: Request, arn: Arn) -> list[Check]:
    key = given.get("TargetKeyId")
    keys = [] if key is None else [_named(key, arn("kms", f"key/{key}"))]
    return [Check("", arn("kms", given["AliasName"])), *(Check("", one) for one in keys)]
