"""`ds-dashboard metrics`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.commands import run

from ds_dashboard_dev.checkout import CHECKOUT

LATE = """
from ds_dashboard.metrics import Metric

class LateTrains(Metric):
    "Trains that are late."

    unit = "Count"
    _iam_permissions = Metric._iam_permissions + [{"Action": "ssm:GetParameter", "Resource": "*"}]
    arguments = {"line": {"type": "string", "description": "Which line."}}

    def _compute_value(self):
        return 1
"""


def test_the_metrics_of_the_package_are_listed() -> None:
    """The command needs no credentials, no region and no network."""
    nothing: dict[str, Any] = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": None, "AWS_ACCESS_KEY_ID": None}
    table = run("metrics", **nothing).stdout.splitlines()
    assert table[0].split() == ["METRIC", "UNIT", "DESCRIPTION", "ARGUMENTS", "PERMISSIONS"]
    by_name = {line.split()[0]: line for line in table[1:]}
    assert "Endpoints that serve traffic now." in by_name["NumberEndPointsInService"]
    assert "sagemaker:ListEndpoints on *" in by_name["NumberEndPointsInService"]
    assert "parameter_name (string, required)" in by_name["SSMParameterValue"]
    lines = [json.loads(line) for line in run("metrics", "--json").stdout.splitlines()]
    assert [line["name"] for line in lines] == list(by_name)
    assert lines[0]["permissions"]


def test_the_metrics_of_a_folder_or_a_manifest_are_listed(tmp_path: Path) -> None:
    """A team sees its own metrics next to those of the package."""
    (tmp_path / "trains").mkdir()
    (tmp_path / "trains" / "trains.py").write_text(LATE)
    table = run("metrics", "--metrics", tmp_path / "trains").stdout
    assert "LateTrains" in table
    assert "NumberEndPointsInService" in table
    manifest = tmp_path / "metrics.json"
    run("manifest", "--metrics", tmp_path / "trains", "-o", manifest)
    (line,) = run("metrics", "LateTrains", "--manifest", manifest, "--json").stdout.splitlines()
    assert json.loads(line)["unit"] == "Count"
    assert json.loads(line)["arguments"]["line"]["required"]


def test_an_unknown_metric_or_an_invalid_manifest_is_an_error(tmp_path: Path) -> None:
    """The error suggests a similar name, or the command that writes a manifest."""
    assert "Did you mean NumberEndPointsInService" in run("metrics", "NumberEndpointsInservice", code=1).stderr
    for content in ("", "[]", "{}", '{"metrics": {"A": {}}}', '{"metrics": [1]}'):
        (tmp_path / "m.json").write_text(content)
        outcome = run("metrics", "--manifest", tmp_path / "m.json", code=1)
        assert "m.json: is not a valid manifest." in outcome.stderr
    assert "cannot be read" in run("metrics", "--manifest", tmp_path / "missing", code=1).stderr
    run("metrics", "--manifest", tmp_path / "m.json", "--metrics", tmp_path, code=2)


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A manifest with four metrics of two families, which does not grow with the library."""
    names = ("NumberEndPointsInService", "EndpointsByStatus", "SSMParameterValue", "TotalCompletedTrainingJobs")
    document = json.loads((CHECKOUT / "modules" / "spoke" / "metrics.json").read_text())
    document["metrics"] = {name: document["metrics"][name] for name in names}
    (tmp_path / "few.json").write_text(json.dumps(document))
    return tmp_path / "few.json"


def test_a_family_is_listed(few: Path) -> None:
    """As the files of the library are read."""
    lines = run("metrics", "--manifest", few, "--family", "inference", "--json").stdout.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["NumberEndPointsInService", "EndpointsByStatus"]
    both = run("metrics", "list", "SSMParameterValue", "--manifest", few, "--family", "training").stdout
    assert [line.split()[0] for line in both.splitlines()[1:]] == ["SSMParameterValue", "TotalCompletedTrainingJobs"]
    wrong = run("metrics", "--manifest", few, "--family", "inferense", code=1).stderr
    assert "family inferense: does not exist.\nThe families are: custom, inference, training\n" in wrong


def test_the_policy_of_a_choice_is_printed_before_anything_is_applied(few: Path) -> None:
    """A reviewer of permissions need not run Terraform. tests/terraform compares the policy with a plan's."""
    owner = "arn:aws-cn:ssm:cn-north-1:111122223333:parameter"
    place = ("--account", "111122223333", "--region", "cn-north-1")
    arguments = [f"--argument=SSMParameterValue.parameter_name={value}" for value in ("/a", "b")]
    outcome = run("metrics", "--manifest", few, "--policy", "@inference", "SSMParameterValue", *place, *arguments)
    assert json.loads(outcome.stdout)["Statement"] == [
        {
            "Action": ["events:PutEvents"],
            "Effect": "Allow",
            "Resource": ["arn:aws-cn:events:cn-north-1:111122223333:event-bus/ds-dashboard-spoke"],
        },
        {"Action": ["sagemaker:ListEndpoints"], "Effect": "Allow", "Resource": ["*"]},
        {"Action": ["ssm:GetParameter"], "Effect": "Allow", "Resource": [f"{owner}/a", f"{owner}/b"]},
    ]
    assert outcome.stderr == ""


def test_placeholders_that_were_not_given_are_named() -> None:
    """They remain in the policy, which IAM would not accept."""
    outcome = run("metrics", "--policy", "SSMParameterValue")
    assert "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:parameter/**ARG:parameter_name" in outcome.stdout
    left = "**ACCOUNT_ID**, **ARG:parameter_name**, **PARTITION**, **REGION**"
    assert outcome.stderr == f"Not filled in: {left}. See the options of --policy.\n"


def test_a_policy_for_a_wrong_choice_is_an_error(few: Path) -> None:
    """Each message names the option and the fix."""
    for arguments, code, message in [
        ((), 2, "--policy: needs the names of metrics."),
        (("@nothing",), 1, "The families are: custom, inference, training"),
        (("SSMParameterValue", "--argument", "parameter_name=/a"), 2, "is not METRIC.ARGUMENT=VALUE."),
        (("SSMParameterValue", "--argument", "SSMParameterValue.p=/a"), 1, "has no argument p."),
        (("SSMParameterValue", "--argument", "SSMParameterValue.parameter_name=/a/*"), 1, "more than one resource"),
        (("@inference", "--argument", "SSMParameterValue.parameter_name=/a"), 1, "not an argument of a chosen metric"),
        (("@inference", "--region", "mars-north-1"), 1, "is not a region of AWS."),
        (("@custom",), 1, "arguments.\nName them: SSMParameterValue"),
    ]:
        assert message in run("metrics", "--manifest", few, "--policy", *arguments, code=code).stderr
