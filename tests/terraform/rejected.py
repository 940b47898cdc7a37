"""Input that a plan rejects, with a part of the message: calls that a check rejects, and values of single variables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .planner import Call, write_package

FILES = "${path.root}/files"
ODD = {"manifest_path": f"{FILES}/odd.json", "package_path": f"{FILES}/odd.zip"}
S3 = {"bucket": "b", "key": "k"}
ACCOUNT = "444444444444"
# Only partner event buses have a slash in their name, and other accounts cannot send to those.
SLASHED_BUS = "arn:aws:events:eu-west-1:222222222222:event-bus/team/bus"
OWN_SPOKE_BUS = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/ds-dashboard-spoke"
ACCOUNTS = {f"number{number}": str(number) for number in range(700_000_000_000, 700_000_000_310)}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A call that a check rejects.

    Attributes:
        call: The call.
        subject: The part of the message that names what is wrong.
        fix: The part of the message that says how to fix it.
        parameters: The parameters of the account.
    """

    call: Call
    subject: str
    fix: str
    parameters: Mapping[str, str] = field(default_factory=dict)


def _hub(subject: str, fix: str, **variables: Any) -> Rejection:
    return Rejection(Call("hub", variables), subject, fix)


def _spoke(subject: str, fix: str, **variables: Any) -> Rejection:
    return Rejection(Call("spoke", {"project_name": "P", "environment": "dev", **variables}), subject, fix)


def _connection(subject: str, fix: str, parameters: Mapping[str, str] | None = None, **variables: Any) -> Rejection:
    return Rejection(
        Call("connection", {"monitors": {}, "monitored_projects": {}, **variables}), subject, fix, parameters or {}
    )


def _ssm(*names: str, **more: str) -> dict[str, dict[str, Any]]:
    instances = {name: {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a"}} for name in names}
    return {
        **instances,
        **{n: {"class": "SSMParameterValue", "arguments": {"parameter_name": v}} for n, v in more.items()},
    }


REJECTED_CALLS = {
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
    """Write the manifests and packages of the calls."""
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


NAME = "Use 1 to 32 letters, digits and hyphens"
BUS = "12-digit account ID, or its event bus ARN"
WORDS = "1 to 64 letters, digits, dots, hyphens and underscores"

# Module, variable, rejected values, and a part of the message.
REJECTED_VALUES: list[tuple[str, str, list[Any], str]] = [
    ("hub", "name", ["", "1st", "a_b", "a-", "x" * 33], NAME),
    ("hub", "archive_concurrency", [1, 1001, 2.5], "Use a whole number from 2 to 1000"),
    ("hub", "retention_days", [0, 1.5, 36501], "or null to keep values forever"),
    ("hub", "event_archive_days", [0, 1.5], "or null to disable the event archive"),
    ("hub", "silent_after", [0, 1.5, 8761], "Use a whole number of hours"),
    ("hub", "refresh_schedule", ["daily", "rate()", "rate(5 weeks)", "cron(0 6 * *)"], "cron(0 6 * * ? *) with six"),
    ("hub", "log_retention_days", [0, 2], "Use the next longer one"),
    ("hub", "alarm_actions", [["me@example.com"]], 'These are not ARNs of SNS topics: ["me@example.com"]. Use ARNs'),
    (
        "hub",
        "disabled_alarms",
        [["silent"]],
        "There are no alarms named silent. The alarms are archive-errors, archive-failures",
    ),
    (
        "hub",
        "monitored_projects_path",
        ["monitored", "/a/", "/aws/a", "/ssm"],
        "Use a path such as /monitored_projects",
    ),
    ("hub", "monitored_projects", [{"A/B": {"dev": "222222222222"}}, {"A": {"a#b": "222222222222"}}], WORDS),
    ("hub", "monitored_projects", [{"A": {"dev": "22222222222"}}, {"A": {"dev": "arn:aws:sns:eu-west-1:2:x"}}], BUS),
    (
        "hub",
        "monitored_projects",
        [{"A": {"dev": "222222222222", "prod": "2"}}],
        'These values are not account IDs or bus ARNs: {"A/prod":"2"}. Use',
    ),
    (
        "hub",
        "monitored_projects",
        [{"A": {"dev": "arn:aws:events:eu-west-1:222222222222:event-bus/team/bus"}}],
        "event-bus/team/bus\"}. Use the spoke's 12-digit account ID",
    ),
    ("hub", "tags", [{f"k{number}": "v" for number in range(51)}], "these are 51 tags"),
    ("hub", "kms_key_arn", ["alias/mine"], "IAM policies do not support aliases"),
    ("hub", "permissions_boundary_arn", ["boundary"], "Use the ARN of an IAM policy"),
    ("hub", "iam_path", ["dashboards", "/dashboards"], "begins and ends with a slash"),
    ("spoke", "name", ["", "1st", "a_b", "a-", "x" * 33], NAME),
    ("spoke", "project_name", ["", "A/B", "A#B", "A B", "x" * 65], "1 to 64 letters, digits"),
    ("spoke", "environment", ["", "a/b", "a#b", "a:b", "x" * 65], "1 to 64 letters, digits"),
    ("spoke", "metric_instances", [{"a#b": {"class": "SSMParameterValue"}}, {"x" * 129: {"class": "X"}}], "without #"),
    (
        "spoke",
        "schedule_expression",
        ["daily", "at(2027-01-01T00:00:00)", "rate(1day)", "rate(0 days)", "cron(0 6 * *)"],
        "Use rate(1 day) with minutes, hours or days",
    ),
    ("spoke", "timeout_seconds", [9, 901, 10.5], "Use a whole number from 10 to 900"),
    ("spoke", "memory_mb", [127, 10241], "Use a whole number from 128 to 10240"),
    ("spoke", "log_retention_days", [0, 2], "Use the next longer one"),
    ("spoke", "alarm_actions", [["me@example.com"]], 'These are not ARNs of SNS topics: ["me@example.com"]. Use ARNs'),
    (
        "spoke",
        "disabled_alarms",
        [["silent"]],
        "There are no alarms named silent. The alarms are bus-dead-letters-not-empty, dead",
    ),
    ("spoke", "monitors_path", ["monitors", "/a/", "/aws/a"], "Use a path such as /monitors"),
    ("spoke", "monitors", [{"A/B": "222222222222"}], 'Invalid names of hubs: ["A/B"]. Use ' + WORDS),
    ("spoke", "monitors", [{"A": "hub"}, {"A": " 222222222222"}], BUS),
    (
        "spoke",
        "monitors",
        [{"A": "hub", "B": "222222222222"}],
        'These values are not account IDs or bus ARNs: {"A":"hub"}. Use',
    ),
    (
        "spoke",
        "monitors",
        [{"A": "arn:aws:events:eu-west-1:222222222222:event-bus/team/bus"}],
        "The name of a custom bus has no slash.",
    ),
    ("spoke", "tags", [{"aws:x": "v"}, {"aws:x": "v", "team": "a"}], 'rejects the tags with these keys: ["aws:x"]'),
    ("spoke", "kms_key_arn", ["alias/mine"], "IAM policies do not support aliases"),
    ("spoke", "permissions_boundary_arn", ["boundary"], "Use the ARN of an IAM policy"),
    ("spoke", "iam_path", ["dashboards", "/dashboards"], "begins and ends with a slash"),
    ("spoke", "architecture", ["riscv"], "Use arm64, which is cheaper, or x86_64"),
    (
        "spoke",
        "layers",
        [["boto3"], [f"arn:aws:lambda:eu-west-1:1:layer:l:{i}" for i in range(6)]],
        "at most five ARNs",
    ),
    ("connection", "name", ["", "1st", "a_b", "a-", "x" * 33], NAME),
    (
        "connection",
        "hub_bus_name",
        ["arn:aws:events:eu-west-1:222222222222:event-bus/x", ""],
        "Use the name of a custom bus",
    ),
    ("connection", "spoke_bus_name", ["a/b", ""], "Use the name of a custom bus"),
    ("connection", "stage", ["both", ""], 'Use "permissions" in every account first'),
    ("connection", "hold", [["Project1/dev"]], 'Invalid names of parameters: ["Project1/dev"]. Use full names'),
    ("connection", "monitors_path", ["monitors", "/a/", "/aws/a"], "Use a path such as /monitors"),
    ("connection", "monitored_projects_path", ["x", "/a/", "/ssm"], "Use a path such as /monitored_projects"),
    ("connection", "monitors", [{"A/B": "222222222222"}], 'Invalid names of hubs: ["A/B"]. Use ' + WORDS),
    (
        "connection",
        "monitored_projects",
        [{"A/B": {"dev": "222222222222"}}],
        'Invalid names of projects or environments: ["A/B"]. Use ' + WORDS,
    ),
    (
        "connection",
        "organization_ids",
        [["222222222222"]],
        'These are not IDs of organizations: ["222222222222"]. Use IDs',
    ),
    ("connection", "tags", [{"team": "x" * 257}, {"team": None}], 'rejects the tags with these keys: ["team"]'),
    ("connection", "rules_quota", [0, 10.5], "Use the whole number that Service Quotas shows"),
    (
        "connection",
        "alarm_actions",
        [["me@example.com"]],
        'These are not ARNs of SNS topics: ["me@example.com"]. Use ARNs',
    ),
    (
        "connection",
        "disabled_alarms",
        [["silent"]],
        "There are no alarms named silent. The alarms are to-hubs-dead-letters-not-empty, to",
    ),
    ("connection", "permissions_boundary_arn", ["boundary"], "Use the ARN of an IAM policy"),
    ("connection", "iam_path", ["dashboards", "/dashboards"], "begins and ends with a slash"),
]
REQUIRED: dict[str, dict[str, Any]] = {
    "hub": {},
    "spoke": {"project_name": "P", "environment": "dev"},
    "connection": {},
}


def waves() -> dict[str, Call]:
    """Return calls with one rejected value of each variable, as many as the variable with the most values needs."""
    calls: dict[str, dict[str, Any]] = {}
    for module, variable, values, _ in REJECTED_VALUES:
        for value in values:
            for name in (f"{module}-wave-{number}" for number in range(len(REJECTED_VALUES))):
                if variable not in calls.setdefault(name, {}):
                    calls[name][variable] = value
                    break
    return {
        name: Call(name.split("-")[0], {**REQUIRED[name.split("-")[0]], **variables})
        for name, variables in calls.items()
    }
