"""Calls that a precondition refuses, each with what the message has to name: the thing, and the cure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .planner import Call
from .workshop import write_package

FILES = "${path.root}/files"
ODD = {"manifest_path": f"{FILES}/odd.json", "package_path": f"{FILES}/odd.zip"}
S3 = {"bucket": "b", "key": "k"}
ACCOUNT = "444444444444"
# AWS has no such custom bus; the slash is a mistake, such as a partner's event source.
SLASHED_BUS = "arn:aws:events:eu-west-1:222222222222:event-bus/team/bus"
OWN_SPOKE_BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/ds-dashboard-spoke"
ACCOUNTS = {f"number{number}": str(number) for number in range(700_000_000_000, 700_000_000_310)}


@dataclass(frozen=True, slots=True)
class Refusal:
    call: Call
    thing: str
    cure: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def _hub(thing: str, cure: str, **variables: Any) -> Refusal:
    return Refusal(Call("hub", variables), thing, cure)


def _spoke(thing: str, cure: str, **variables: Any) -> Refusal:
    return Refusal(Call("spoke", {"project_name": "P", "environment": "dev", **variables}), thing, cure)


def _connection(thing: str, cure: str, parameters: Mapping[str, str] | None = None, **variables: Any) -> Refusal:
    return Refusal(
        Call("connection", {"monitors": {}, "monitored_projects": {}, **variables}), thing, cure, parameters or {}
    )


def _ssm(*names: str, **more: str) -> dict[str, dict[str, Any]]:
    instances = {name: {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a"}} for name in names}
    return {
        **instances,
        **{n: {"class": "SSMParameterValue", "arguments": {"parameter_name": v}} for n, v in more.items()},
    }


REFUSALS = {
    "hub-package-missing": _hub("files/none.zip", "make package-lambdas", package_path=f"{FILES}/none.zip"),
    "hub-package-mismatch": _hub("files/other.zip.json", "Build both again", package_path=f"{FILES}/other.zip"),
    "hub-package-twice": _hub(
        "package_path and package_s3", "Set one of them to null", package_path="a.zip", package_s3=S3
    ),
    "spoke-package-missing": _spoke("files/none.zip", "make package-lambdas", package_path=f"{FILES}/none.zip"),
    "spoke-package-mismatch": _spoke("files/other.zip.json", "Build both again", package_path=f"{FILES}/other.zip"),
    "spoke-package-twice": _spoke(
        "package_path and package_s3", "Set one of them to null", package_path="a.zip", package_s3=S3
    ),
    "spoke-package-without": _spoke(
        "files/partial.zip does not contain NumberEndPointsInService",
        "make manifest package-lambdas",
        metrics=["NumberEndPointsInService"],
        package_path=f"{FILES}/partial.zip",
    ),
    "spoke-manifest-missing": _spoke("files/none.json", "make manifest", manifest_path=f"{FILES}/none.json"),
    "spoke-manifest-broken": _spoke("files/broken.json", "make manifest", manifest_path=f"{FILES}/broken.json"),
    "spoke-manifest-old": _spoke("files/old.json", "Write it again", manifest_path=f"{FILES}/old.json"),
    "spoke-metric-unknown": _spoke(
        "no metric NumberEndpointInServise. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, SSM",
        "make manifest package-lambdas",
        metrics=["NumberEndpointInServise"],
    ),
    "spoke-class-unknown": _spoke(
        "no metric SSMParameter. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, SSMParameter",
        "--metrics DIR",
        metric_instances={"A": {"class": "SSMParameter"}},
    ),
    "spoke-metric-twice": _spoke(
        "NumberEndPointsInService", "Use each name once", metrics=["NumberEndPointsInService"] * 2
    ),
    "spoke-metric-and-instance": _spoke(
        "SSMParameterValue",
        "Use each name once",
        metrics=["SSMParameterValue"],
        metric_instances=_ssm("SSMParameterValue"),
    ),
    "spoke-argument-unknown": _spoke(
        "A: name (SSMParameterValue has parameter_name)",
        "Correct or remove",
        metric_instances={"A": {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a", "name": "/a"}}},
    ),
    "spoke-argument-of-none": _spoke(
        "A: name (NumberEndPointsInService has none)",
        "Correct or remove",
        metric_instances={"A": {"class": "NumberEndPointsInService", "arguments": {"name": "/a"}}},
    ),
    "spoke-argument-missing": _spoke(
        "SSMParameterValue: parameter_name", "Set them in metric_instances", metrics=["SSMParameterValue"]
    ),
    "spoke-argument-star": _spoke('A: parameter_name = "/a/*"', "name one resource", metric_instances=_ssm(A="/a/*")),
    "spoke-argument-mark": _spoke('A: parameter_name = "/a/?"', "name one resource", metric_instances=_ssm(A="/a/?")),
    "spoke-argument-variable": _spoke(
        "aws:username", "Use one instance for each resource", metric_instances=_ssm(A="/$${aws:username}")
    ),
    "spoke-placeholder-unknown": _spoke(
        "Unfillable: **COLOUR**", "Correct _iam_permissions", metrics=["Unfillable"], **ODD
    ),
    "spoke-statement-denies": _spoke("are invalid for Denies", "Correct _iam_permissions", metrics=["Denies"], **ODD),
    "spoke-statement-halved": _spoke("are invalid for Halved", "Correct _iam_permissions", metrics=["Halved"], **ODD),
    "spoke-environment-large": _spoke(
        "bytes of environment variables, and Lambda allows 4096",
        "Shorten names and arguments",
        metric_instances=_ssm(*(f"Parameter{number:03}" for number in range(60))),
    ),
    "spoke-policy-large": _spoke(
        "Most of it is for Heavy, NumberEndPointsInService",
        "Move metrics to a second spoke",
        metrics=["NumberEndPointsInService", "Heavy"],
        **ODD,
    ),
    "connection-nothing": _connection(
        f"under /none/monitors and /none/projects in account {ACCOUNT}, region eu-west-1",
        "allow_none = true",
        monitors=None,
        monitored_projects=None,
        monitors_path="/none/monitors",
        monitored_projects_path="/none/projects",
    ),
    "connection-hub-malformed": _connection(
        '/odd/monitors/Hub = " 222222222222"',
        "add their names to hold",
        parameters={"/odd/monitors/Hub": " 222222222222", "/odd/monitors/Fine": "222222222222"},
        monitors=None,
        monitors_path="/odd/monitors",
    ),
    "connection-spoke-malformed": _connection(
        '/odd/projects/P/dev = "arn:aws:sns:eu-west-1:222222222222:x"',
        "a 12-digit account ID or an event bus ARN",
        parameters={"/odd/projects/P/dev": "arn:aws:sns:eu-west-1:222222222222:x"},
        monitored_projects=None,
        monitored_projects_path="/odd/projects",
    ),
    "connection-bus-with-slash": _connection(
        f'/slash/projects/P/dev = "{SLASHED_BUS}"',
        "without a slash in the bus name",
        parameters={"/slash/projects/P/dev": SLASHED_BUS},
        monitored_projects=None,
        monitored_projects_path="/slash/projects",
    ),
    "connection-environment-forgotten": _connection(
        '/short/projects/P = "222222222222"',
        "/short/projects/<ProjectName>/<Environment>",
        parameters={"/short/projects/P": "222222222222"},
        monitored_projects=None,
        monitored_projects_path="/short/projects",
    ),
    "connection-circular": _connection("/monitors/Hub", "Use the account ID alone", monitors={"Hub": OWN_SPOKE_BUS}),
    "connection-many-rules": _connection(
        "300 forwarding rules and one other rule of the bus exceed rules_quota = 300",
        "then set rules_quota",
        monitored_projects={"P": dict(list(ACCOUNTS.items())[:300])},
        organization_ids=["o-a1b2c3d4e5"],
    ),
    "connection-long-hub-policy": _connection(
        "characters for 310 accounts",
        "Set organization_ids",
        monitored_projects={"P": ACCOUNTS},
        stage="permissions",
    ),
    "connection-long-spoke-policy": _connection(
        "/monitors has 310", "Report to fewer hubs", monitors=ACCOUNTS, stage="permissions"
    ),
}


def write_files(folder: Path) -> None:
    """The manifests and packages that the calls name."""
    folder.mkdir()
    (folder / "broken.json").write_text('{"manifest_version": 1,')
    (folder / "old.json").write_text('{"manifest_version": 2, "base_permissions": [], "metrics": {}}')
    one = {"Action": ["sagemaker:ListEndpoints"], "Resource": ["*"]}
    long = [f"arn:aws:s3:::a-bucket-with-a-rather-long-name-{number}" for number in range(220)]
    permissions = {
        "Denies": [{**one, "Effect": "Deny"}],
        "Halved": [{**one, "Resource": ["arn:aws:s3:::**ACCOUNT_ID"]}],
        "Heavy": [{"Action": ["s3:ListBucket"], "Resource": long}],
        "NumberEndPointsInService": [one],
        "Unfillable": [{**one, "Resource": ["arn:aws:s3:::**COLOUR**"]}],
    }
    metrics = {name: {"permissions": statements, "arguments": {}} for name, statements in permissions.items()}
    (folder / "odd.json").write_text(json.dumps({"manifest_version": 1, "base_permissions": [], "metrics": metrics}))
    write_package(folder / "odd.zip")
    write_package(folder / "partial.zip", metrics=["TotalCompletedTrainingJobs"])
    write_package(folder / "other.zip", metrics=[], digest="of another package")
