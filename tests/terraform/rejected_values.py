"""Values of single variables that a plan rejects, with a part of the message."""

from __future__ import annotations

import json
from typing import Any

from .planner import Call

NAME = "Use 1 to 32 letters, digits and hyphens"
BUS = "12-digit account ID, or its event bus ARN"
SIX_TOPICS = [f"arn:aws:sns:eu-west-1:111111111111:alarms-{number}" for number in range(6)]
WORDS = "1 to 64 letters, digits, dots, hyphens and underscores"

# Module, variable, rejected values, and a part of the message.
REJECTED_VALUES: list[tuple[str, str, list[Any], str]] = [
    ("hub", "name", ["", "1st", "a_b", "a-", "x" * 33], NAME),
    ("hub", "archive_concurrency", [1, 1001, 2.5], "Use a whole number from 2 to 1000"),
    *(
        (module, "queue_max_message_size", [262_143, 262_144.5, 1_048_577], "from 262144 (256 KiB) to 1048576 (1 MiB)")
        for module in ("hub", "spoke", "connection")
    ),
    ("hub", "retention_days", [0, 1.5, 36501], "or null to keep values forever"),
    ("hub", "event_archive_days", [0, 1.5], "or null to disable the event archive"),
    ("hub", "silent_after", [0, 1.5, 8761], "Use a whole number of hours"),
    *(
        (module, variable, [schedule], f'rejects the {variable} "{schedule}". Use rate(1 day) with')
        for module, variable in (("hub", "refresh_schedule"), ("spoke", "schedule_expression"))
        for schedule in ("daily", "rate()", "rate(5 weeks)", "cron(0 6 * *)")
    ),
    *(
        ("hub", "report", [{"schedule": one}], f"schedule of report: {json.dumps(one)}. Use rate(1 day) with")
        for one in (None, "", "daily", "rate(5 weeks)", "cron(0 6 * *)")
    ),
    (
        "hub",
        "report",
        [
            {"schedule": "rate(1 day)", "projects": one}
            for one in ([], ["a/b"], ["team-*"], [f"P{n}" for n in range(101)])
        ],
        "or leave it out for all projects",
    ),
    ("hub", "log_retention_days", [0, 2], "Use the next longer one"),
    *((module, "alarm_actions", [SIX_TOPICS], "has 6 topics, and") for module in ("hub", "spoke", "connection")),
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
    (
        "hub",
        "thresholds",
        [{"A#B": {"above": 1}}, {"": {"above": 1}}, {"x" * 129: {"above": 1}}],
        "not names of metrics",
    ),
    (
        "hub",
        "thresholds",
        [{"Cost": {}}, {"Cost": {"for": 2}}, {"Cost": None}],
        "have no limit: Cost. Set above, below",
    ),
    (
        "hub",
        "thresholds",
        [{"Cost": {"above": 1, "below": 1}}, {"Jobs": {"above": 9}, "Cost": {"above": 1, "below": 2}}],
        "no values between their limits: Cost (above 1, below",
    ),
    (
        "hub",
        "thresholds",
        [{"Cost": {"above": 2e30}}, {"Cost": {"below": -2e30}}, {"Cost": {"above": 1e-200}}],
        "limits between -1e30 and 1e30, and not closer to 0",
    ),
    (
        "hub",
        "thresholds",
        [{"Cost": {"above": 1, "for": number}} for number in (0, 1.5, 101)],
        "row: Cost. Set for to a whole number from 1 to 100",
    ),
    (
        "hub",
        "thresholds",
        [
            {"Cost": {"above": 1, "projects": ["a/b"]}},
            {"Cost": {"above": 1, "environments": []}},
            {"Cost": {"above": 1, "environments": [None]}},
        ],
        "invalid projects or environments: Cost. Use names",
    ),
    ("hub", "cloudwatch_metrics", [{f"M{number}": {} for number in range(51)}], "These are 51 metrics, and 50 are"),
    (
        "hub",
        "cloudwatch_metrics",
        [{"A#B": {}}, {"Name": {}}, {"Kosten €": {}}, {"a ": {}}, {"x" * 129: {}}],
        "Use names as `ds-dashboard latest` shows them, of 1 to 128 ASCII characters",
    ),
    (
        "hub",
        "cloudwatch_metrics",
        [
            {"Cost": {"by": ["Spoke"]}},
            {"Cost": {"by": ["Project", "Project"]}},
            {"Cost": None},
            {"Cost": {"by": [None]}},
        ],
        "These metrics have an invalid by: Cost. Use by",
    ),
    (
        "hub",
        "threshold_actions",
        [
            ["me@example.com"],
            ["arn:aws:sns:eu-west-1:111111111111:t.fifo"],
            ["arn:aws:sns:eu-west-1:111111111111:t\n"],
            [None],
        ],
        "These are not ARNs of standard SNS topics: [",
    ),
    ("hub", "tags", [{f"k{number}": "v" for number in range(51)}], "these are 51 tags"),
    (
        "hub",
        "kms_key_arn",
        ["alias/mine", "arn:aws:kms:eu-west-1:111111111111:key/"],
        "IAM policies do not support aliases",
    ),
    (
        "hub",
        "permissions_boundary_arn",
        ["boundary", "arn:aws:iam::111111111111:policy/"],
        "Use the ARN of an IAM policy",
    ),
    ("hub", "iam_path", ["dashboards", "/dashboards"], "begins and ends with a slash"),
    ("hub", "alarm_actions", [[None]], "These are not ARNs of SNS topics: [null]. Use ARNs"),
    ("hub", "alarm_actions", [["arn:aws:sns:eu-west-1"]], 'not ARNs of SNS topics: ["arn:aws:sns:eu-west-1"]'),
    ("hub", "disabled_alarms", [[None]], "There are no alarms named null. The alarms are archive-errors"),
    ("hub", "monitored_projects", [{"A": None}], "Invalid names of projects or environments: [null]. Use " + WORDS),
    ("hub", "monitored_projects", [{"A": {"dev": None}}], 'are not account IDs or bus ARNs: {"A/dev":null}. Use'),
    ("hub", "tags", [{"team": None}], 'rejects the tags with these keys: ["team"]'),
    ("hub", "package_s3", [{"bucket": None, "key": "k"}], "Set bucket and key of package_s3"),
    (
        "hub",
        "package_s3",
        [
            {"bucket": "b", "key": "k", "sha256": digest}
            for digest in ("", "md5", "a" * 63, "g" * 64, "A" * 44, "sha256:" + "a" * 64)
        ],
        "Use the 64 hexadecimal digits that `sha256sum` prints",
    ),
    ("hub", "architecture", ["riscv"], "Use arm64, which is cheaper, or x86_64"),
    ("spoke", "name", ["", "1st", "a_b", "a-", "x" * 33], NAME),
    ("spoke", "project_name", ["", "A/B", "A#B", "A B", "x" * 65], "1 to 64 letters, digits"),
    ("spoke", "environment", ["", "a/b", "a#b", "a:b", "x" * 65], "1 to 64 letters, digits"),
    (
        "spoke",
        "metric_instances",
        [{name: {"class": "X"}} for name in ("a#b", "x" * 129, "a,b", "a(b=c)", " a", "a ", "", "a)")],
        "without #, commas, parentheses",
    ),
    ("spoke", "timeout_seconds", [9, 901, 10.5], "Use a whole number from 10 to 900"),
    ("spoke", "historical_days", [-1, 3651, 1.5], "Use a whole number of days from 0 to 3650"),
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
    (
        "spoke",
        "kms_key_arn",
        ["alias/mine", "arn:aws:kms:eu-west-1:111111111111:key/"],
        "IAM policies do not support aliases",
    ),
    (
        "spoke",
        "permissions_boundary_arn",
        ["boundary", "arn:aws:iam::111111111111:policy/"],
        "Use the ARN of an IAM policy",
    ),
    ("spoke", "iam_path", ["dashboards", "/dashboards"], "begins and ends with a slash"),
    ("spoke", "architecture", ["riscv"], "Use arm64, which is cheaper, or x86_64"),
    (
        "spoke",
        "layers",
        [["boto3"], [f"arn:aws:lambda:eu-west-1:1:layer:l:{i}" for i in range(6)]],
        "at most five ARNs",
    ),
    ("spoke", "alarm_actions", [[None]], "These are not ARNs of SNS topics: [null]. Use ARNs"),
    ("spoke", "alarm_actions", [["arn:aws:sns:eu-west-1"]], 'not ARNs of SNS topics: ["arn:aws:sns:eu-west-1"]'),
    ("spoke", "disabled_alarms", [[None]], "There are no alarms named null. The alarms are bus-dead"),
    ("spoke", "layers", [[None]], "at most five ARNs"),
    ("spoke", "metrics", [["TotalCompletedTrainingJobs", None], [""]], "A name in metrics is null or empty. Remove it"),
    (
        "spoke",
        "metric_instances",
        [
            {"A": None, "B": {"class": "X"}},
            {"A": {"class": None}},
            {"A": {"class": "X", "arguments": {"a": None}}},
            {"A": {"class": "X", "at_runtime": {"a": None}}},
            {"A": {"class": "X", "at_runtime": {"a": ["b", None]}}},
        ],
        "their classes, or some of their arguments or values are null: A. Set them",
    ),
    ("spoke", "monitors", [{"A": None}], 'are not account IDs or bus ARNs: {"A":null}. Use'),
    ("spoke", "tags", [{"team": None}], 'rejects the tags with these keys: ["team"]'),
    ("spoke", "package_s3", [{"bucket": "b", "key": None}], "Set bucket and key of package_s3"),
    (
        "spoke",
        "package_s3",
        [
            {"bucket": "b", "key": "k", "sha256": digest}
            for digest in ("", "md5", "a" * 63, "g" * 64, "A" * 44, "sha256:" + "a" * 64)
        ],
        "Use the 64 hexadecimal digits that `sha256sum` prints",
    ),
    (
        "spoke",
        "vpc_config",
        [
            {"subnet_ids": [None], "security_group_ids": ["sg-1"]},
            {"subnet_ids": ["subnet-1"], "security_group_ids": None},
        ],
        "to lists without null",
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
    ("connection", "alarm_actions", [[None]], "These are not ARNs of SNS topics: [null]. Use ARNs"),
    ("connection", "alarm_actions", [["arn:aws:sns:eu-west-1"]], 'not ARNs of SNS topics: ["arn:aws:sns:eu-west-1"]'),
    ("connection", "disabled_alarms", [[None]], "There are no alarms named null. The alarms are to-hubs"),
    ("connection", "hold", [[None]], "Invalid names of parameters: [null]. Use full names"),
    (
        "connection",
        "monitored_projects",
        [{"A": None}],
        "Invalid names of projects or environments: [null]. Use " + WORDS,
    ),
    ("connection", "organization_ids", [[None]], "These are not IDs of organizations: [null]. Use IDs"),
    (
        "connection",
        "permissions_boundary_arn",
        ["boundary", "arn:aws:iam::111111111111:policy/"],
        "Use the ARN of an IAM policy",
    ),
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
