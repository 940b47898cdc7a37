"""Calls that a check of the modules rejects, with parts of the message."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .planner import Call, write_package
from .rejected_metrics import REJECTED_METRICS, Rejection, spoke

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


def _hub(subject: str, fix: str, **variables: Any) -> Rejection:
    return Rejection(Call("hub", variables), subject, fix)


def _connection(subject: str, fix: str, parameters: Mapping[str, str] | None = None, **variables: Any) -> Rejection:
    return Rejection(
        Call("connection", {"monitors": {}, "monitored_projects": {}, **variables}), subject, fix, parameters or {}
    )


REJECTED_CALLS = {
    **REJECTED_METRICS,
    "hub-package-missing": _hub("files/none.zip", "make package-lambdas", package_path=f"{FILES}/none.zip"),
    "hub-package-mismatch": _hub("files/other.zip.json", "Build both again", package_path=f"{FILES}/other.zip"),
    "hub-package-twice": _hub(
        "package_path and package_s3", "Set one of them to null", package_path="a.zip", package_s3=S3
    ),
    "hub-report-bucket": _hub(
        "begins with name, XN--team, and S3 rejects",
        "Use another name, or remove report",
        name="XN--team",
        report={"schedule": "rate(1 day)"},
    ),
    "hub-topic-elsewhere": _hub(
        f"outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use a topic in this region",
        alarm_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
    ),
    "hub-threshold-topic-elsewhere": _hub(
        f"threshold_actions has topics outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use topics in this region",
        thresholds={"Cost": {"above": 1}},
        threshold_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
    ),
    "hub-too-many-thresholds": _hub(
        "cloudwatch_metrics make the environment of ds-dashboard-archive",
        "Use * in projects and environments of thresholds instead of long lists",
        thresholds={f"Metric{number:04}": {"above": 1000 + number, "environments": ["prod"]} for number in range(75)},
        threshold_actions=[OWN_TOPIC],
    ),
    "hub-too-long-cloudwatch-metrics": _hub(
        "cloudwatch_metrics make the environment of sums-archive",
        "or remove thresholds or metrics",
        name="sums",
        cloudwatch_metrics={f"{'m' * 110}{number}": {} for number in range(35)},
    ),
    "hub-too-many-projects-of-report": _hub(
        "projects of report makes the environment of ds-dashboard-report",
        "or leave projects out for all of them",
        report={"schedule": "rate(1 day)", "projects": [f"{'p' * 60}{number}" for number in range(80)]},
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
    "spoke-large-messages": spoke(LARGE, "terraform init -upgrade", queue_max_message_size=1_048_576),
    "connection-large-messages": _connection(
        LARGE, "terraform init -upgrade", queue_max_message_size=1_048_576, monitors={"Hub": "222222222222"}
    ),
    "spoke-topic-elsewhere": spoke(
        f"outside of region eu-west-1 of partition aws: {FAR_TOPIC}, {FOREIGN_TOPIC}.",
        "Use a topic in this region",
        alarm_actions=[OWN_TOPIC, FAR_TOPIC, FOREIGN_TOPIC],
    ),
    "spoke-arns-elsewhere": spoke(
        f"kms_key_arn = {FAR_KEY}, layers = {FAR_LAYER}.",
        "Use resources of this region and partition",
        kms_key_arn=FAR_KEY,
        layers=[FAR_LAYER],
    ),
    "spoke-bus-elsewhere": spoke(
        f'another partition than aws: /monitors/Hub = "{FOREIGN_BUS}"',
        "use one hub in each partition",
        monitors={"Hub": FOREIGN_BUS, "Other": "222222222222"},
    ),
    "spoke-package-missing": spoke("files/none.zip", "make package-lambdas", package_path=f"{FILES}/none.zip"),
    "spoke-package-mismatch": spoke("files/other.zip.json", "Build both again", package_path=f"{FILES}/other.zip"),
    "spoke-package-twice": spoke(
        "package_path and package_s3", "Set one of them to null", package_path="a.zip", package_s3=S3
    ),
    "spoke-package-without": spoke(
        "files/partial.zip does not contain NumberEndPointsInService",
        "make manifest package-lambdas",
        metrics=["NumberEndPointsInService"],
        package_path=f"{FILES}/partial.zip",
    ),
    "spoke-manifest-missing": spoke(
        "files/none.json",
        "make manifest",
        manifest_path=f"{FILES}/none.json",
        metrics=["@training", "NumberEndPointsInService"],
        metric_instances={"A": {"class": "B", "arguments": {"c": "d"}, "at_runtime": {"c": ["*"]}}},
    ),
    "spoke-manifest-broken": spoke("files/broken.json", "make manifest", manifest_path=f"{FILES}/broken.json"),
    "spoke-manifest-old": spoke("files/old.json", "Write it again", manifest_path=f"{FILES}/old.json"),
    "spoke-placeholder-unknown": spoke(
        "Unfillable: **COLOUR**", "Correct _iam_permissions", metrics=["Unfillable"], **ODD
    ),
    "spoke-statement-denies": spoke("are invalid for Denies", "Correct _iam_permissions", metrics=["Denies"], **ODD),
    "spoke-statement-halved": spoke("are invalid for Halved", "Correct _iam_permissions", metrics=["Halved"], **ODD),
    "spoke-policy-large": spoke(
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
    "connection-encrypted": replace(
        _connection(
            'Invalid parameters: /secret/projects/P/dev = "SecureString".',
            "SecureString stands for an encrypted parameter: delete it, and put it again with --type String.",
            parameters={"/secret/projects/P/dev": "222222222222"},
            monitored_projects=None,
            monitored_projects_path="/secret/projects",
        ),
        kind="SecureString",
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
