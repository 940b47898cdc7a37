"""Calls that a check of the modules rejects, with parts of the message."""

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
FOREIGN_BUS = "arn:aws-cn:events:cn-north-1:222222222222:event-bus/ds-dashboard-spoke"
FAR_TOPIC, FOREIGN_TOPIC = "arn:aws:sns:us-east-1:444444444444:alarms", "arn:aws-cn:sns:eu-west-1:444444444444:alarms"
OWN_TOPIC = "arn:aws:sns:eu-west-1:444444444444:alarms"
FAR_KEY = "arn:aws:kms:us-east-1:444444444444:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FOREIGN_BOUNDARY = "arn:aws-us-gov:iam::444444444444:policy/boundary"
FAR_LAYER = "arn:aws:lambda:us-east-1:444444444444:layer:boto3:7"
# Versions 5 of the provider take less.
LARGE = "queue_max_message_size is 1048576, and this AWS provider creates queues for messages of at most 262144 bytes."
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


def _ssm_at_runtime(**at_runtime: list[str]) -> dict[str, dict[str, Any]]:
    return {name: {**instance, "at_runtime": at_runtime} for name, instance in _ssm("A").items()}


REJECTED_CALLS = {
    "hub-package-missing": _hub("files/none.zip", "make package-lambdas", package_path=f"{FILES}/none.zip"),
    "hub-package-mismatch": _hub("files/other.zip.json", "Build both again", package_path=f"{FILES}/other.zip"),
    "hub-package-twice": _hub(
        "package_path and package_s3", "Set one of them to null", package_path="a.zip", package_s3=S3
    ),
    "hub-topic-elsewhere": _hub(
        f"outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use a topic in this region",
        alarm_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
    ),
    "hub-arns-elsewhere": _hub(
        f"permissions_boundary_arn = {FOREIGN_BOUNDARY}, kms_key_arn = {FAR_KEY}.",
        "Use resources of this region and partition",
        kms_key_arn=FAR_KEY,
        permissions_boundary_arn=FOREIGN_BOUNDARY,
    ),
    "hub-bus-elsewhere": _hub(
        f'another partition than aws: /monitored_projects/P/dev = "{FOREIGN_BUS}"',
        "use one hub in each partition",
        monitored_projects={"P": {"dev": FOREIGN_BUS, "prod": "222222222222"}},
    ),
    "hub-large-messages": _hub(LARGE, "terraform init -upgrade", queue_max_message_size=1_048_576),
    "spoke-large-messages": _spoke(LARGE, "terraform init -upgrade", queue_max_message_size=1_048_576),
    "connection-large-messages": _connection(
        LARGE, "terraform init -upgrade", queue_max_message_size=1_048_576, monitors={"Hub": "222222222222"}
    ),
    "spoke-topic-elsewhere": _spoke(
        f"outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use a topic in this region",
        alarm_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
    ),
    "spoke-arns-elsewhere": _spoke(
        f"kms_key_arn = {FAR_KEY}, layers = {FAR_LAYER}.",
        "Use resources of this region and partition",
        kms_key_arn=FAR_KEY,
        layers=[FAR_LAYER],
    ),
    "spoke-bus-elsewhere": _spoke(
        f'another partition than aws: /monitors/Hub = "{FOREIGN_BUS}"',
        "use one hub in each partition",
        monitors={"Hub": FOREIGN_BUS, "Other": "222222222222"},
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
        "no metric NumberEndpointInServise. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, Q",
        "make manifest package-lambdas",
        metrics=["NumberEndpointInServise"],
    ),
    "spoke-family-unknown": _spoke(
        "has no family @inferense. Its families are @buckets, @custom, @inference, @queues, @training.",
        "Correct the name in metrics",
        metrics=["@inferense", "@training"],
    ),
    "spoke-family-twice": _spoke("@training", "Use each name once", metrics=["@training", "@training"]),
    "spoke-family-empty": _spoke(
        "@custom (SSMParameterValue)", "Add them to metric_instances", metrics=["@custom", "@training"]
    ),
    "spoke-class-unknown": _spoke(
        "no metric SSMParameter. Its metrics are CompletedTrainingJobs24h, NumberEndPointsInService, QueueAge",
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
    "spoke-argument-limited": _spoke(
        'A: hours = "49" (integer, at least 1 and at most 48); A: statistic = "p95" (string, one of Average, Maximum); '
        'A: statistic = "Sum" (string, one of Average, Maximum); A: step = "61" (integer, one of 60, 300)',
        "Use values as described",
        metric_instances={
            "A": {
                "class": "QueueAge",
                "arguments": {"statistic": "p95", "hours": "48", "share": "0", "step": "61"},
                "at_runtime": {"statistic": ["Average", "Sum"], "hours": ["1", "49"]},
            }
        },
    ),
    "spoke-argument-of-another-type": _spoke(
        'A: filters = "[" (json); A: hours = "1.0" (integer, at least 1 and at most 48); '
        'A: share = "half" (number, at least 0); A: strict = "yes" (boolean)',
        "Use values as described",
        metric_instances={
            "A": {"class": "QueueAge", "arguments": {"filters": "[", "hours": "1.0", "share": "half", "strict": "yes"}}
        },
    ),
    "spoke-runtime-unknown": _spoke(
        "A: names (SSMParameterValue has parameter_name)",
        "Correct or remove",
        metric_instances=_ssm_at_runtime(names=["/a"]),
    ),
    "spoke-runtime-any": _spoke(
        "* for these arguments: A: parameter_name.",
        "the permissions cover each",
        metric_instances=_ssm_at_runtime(parameter_name=["*"]),
    ),
    "spoke-runtime-any-and-others": _spoke(
        "* for these arguments: A: hours.",
        'Use ["*"] alone',
        metric_instances={"A": {"class": "QueueAge", "at_runtime": {"hours": ["*", "1"]}}},
    ),
    "spoke-runtime-star": _spoke(
        'A: parameter_name = "/b/*".',
        "name one resource",
        metric_instances=_ssm_at_runtime(parameter_name=["/b", "/b/*"]),
    ),
    "spoke-runtime-series": _spoke(
        f"invalid names: A(parameter_name=/;{'b' * 107}), A(parameter_name={'b' * 111}).",
        "Use entries in metric_instances with these arguments",
        metric_instances=_ssm_at_runtime(
            parameter_name=[f"/;{'b' * 106}", f"/;{'b' * 107}", "b" * 110, "b" * 111, "#;"]
        ),
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
    "connection-topic-elsewhere": _connection(
        f"outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use a topic in this region",
        alarm_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
        monitors={"Hub": "222222222222"},
    ),
    "connection-arns-elsewhere": _connection(
        f"permissions_boundary_arn = {FOREIGN_BOUNDARY}.",
        "Use resources of this region and partition",
        permissions_boundary_arn=FOREIGN_BOUNDARY,
        monitors={"Hub": "222222222222"},
    ),
    "connection-bus-elsewhere": _connection(
        f'another partition than aws: /monitored_projects/P/dev = "{FOREIGN_BUS}"',
        "use one hub in each partition",
        monitored_projects={"P": {"dev": FOREIGN_BUS}},
    ),
    "connection-null": _connection("/monitors/Hub = null", "add their names to hold", monitors={"Hub": None}),
    "connection-path-below": _connection(
        "/outer/projects, whose parameters are <HubName> and <ProjectName>/<Environment>: /outer/projects/inner/P/dev.",
        "a path that is not below another's",
        parameters={"/outer/projects/inner/P/dev": "222222222222", "/outer/projects/P/dev": "222222222222"},
        monitored_projects=None,
        monitored_projects_path="/outer/projects",
    ),
    "connection-hub-path-below": _connection(
        "too far below /outer/monitors and /monitored_projects",
        "/outer/monitors/inner/Hub",
        parameters={"/outer/monitors/inner/Hub": "222222222222"},
        monitors=None,
        monitors_path="/outer/monitors",
    ),
    "connection-paths-overlap": _connection(
        "monitors_path /both/hubs and monitored_projects_path /both must not be below each other",
        "Use paths such as /team-a/monitors",
        monitors={"Hub": "222222222222"},
        monitors_path="/both/hubs",
        monitored_projects_path="/both",
    ),
    "connection-many-rules": _connection(
        "299 forwarding rules and 2 other on ds-dashboard-hub exceed the quota of 300 rules in eu-west-1",
        "then set rules_quota",
        monitored_projects={"P": dict(list(ACCOUNTS.items())[:299])},
        organization_ids=["o-a1b2c3d4e5"],
    ),
    "connection-rules-of-spoke": _connection(
        "5 forwarding rules and 1 other on ds-dashboard-spoke exceed the quota of 5 rules in eu-west-1",
        "then set rules_quota",
        monitors=dict(list(ACCOUNTS.items())[:5]),
        rules_quota=5,
    ),
    "connection-few-rules-allowed": Rejection(
        Call(
            "connection",
            {"monitors": {}, "monitored_projects": {"P": dict(list(ACCOUNTS.items())[:99])}},
            "af-south-1",
        ),
        "99 forwarding rules and 2 other on ds-dashboard-hub exceed the quota of 100 rules in af-south-1",
        "then set rules_quota",
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
