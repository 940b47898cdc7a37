"""docs/writing-metrics.md: its files are tested and checked, and its commands run from a wheel outside a checkout."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import hcl2
import pytest
from moto.server import ThreadedMotoServer
from tests.support.plain_pytest import output_of_passing_tests

from ds_dashboard_dev.checkout import CHECKOUT

PAGE = (CHECKOUT / "docs" / "writing-metrics.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = _BLOCK.findall(PAGE)
FILES = {
    first.removeprefix("# "): rest
    for language, text in BLOCKS
    if language == "python"
    for first, _, rest in [text.partition("\n")]
}
# What the metrics of the page report, for those whose tests the page does not show.
SCENARIOS = """
from datetime import timedelta
from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Scenario, Values, metric_data

def disk(host, *values):
    return Values("/aws/sagemaker/TrainingJobs", "DiskUtilization", {"Host": host}, values, "Maximum")

JOB = {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}}
ENDPOINTS = [{"EndpointStatus": status, "CreationTime": NOW - timedelta(hours=age)}
             for status, age in (("InService", 1), ("Failed", 24), ("InService", 25))]
LISTED = {"sagemaker.list_endpoints": {"Endpoints": ENDPOINTS}}
SCENARIOS = [
    Scenario("NumberOfModels", value=1, answers={"sagemaker.list_models": {"Models": [{"ModelName": "a"}]}}),
    Scenario("TransformInstances", value=4, answers={
        "sagemaker.list_transform_jobs": {"TransformJobSummaries": [{"TransformJobName": n} for n in "ab"]},
        "sagemaker.describe_transform_job": lambda parameters: JOB,
    }),
    Scenario("DiskUsed", value=9.5, breakdown={"a/algo-1": 9.5, "b/algo-1": 3}, empty=NothingToReport, answers={
        "cloudwatch.get_metric_data": metric_data(disk("a/algo-1", 1, 9.5, 4), disk("b/algo-1", 3)),
    }, empty_answers={"cloudwatch.get_metric_data": metric_data()}),
    Scenario("EndpointStates", value=3, breakdown={"InService": 2, "Failed": 1}, answers=LISTED),
    Scenario("NewEndpoints24h", value=2, answers=LISTED),
]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of the page, in the folder in which it puts them."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_tests_of_the_page_pass_with_plain_pytest(folder: Path) -> None:
    """Readers copy them first."""
    assert "2 passed" in output_of_passing_tests(folder, "metrics")


def test_the_metrics_of_the_page_are_correct(folder: Path, run: Any) -> None:
    """Each reports what it must on all branches, and declares exactly what it calls."""
    (folder / "metrics" / "test_page.py").write_text(SCENARIOS)
    done = run("metrics", "check", folder / "metrics")
    assert done.exit_code == 0, done.output
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    classes = re.findall(r"^class (\w+)\(Metric\)", PAGE, re.MULTILINE)
    assert [(row[0], row[2]) for row in rows] == [(name, "correct") for name in sorted(classes)]
    assert len(classes) == 6


def test_every_block_of_the_page_is_of_a_kind_that_is_tested() -> None:
    """Python in files, commands (tests/unit/test_documents.py checks their options), and Terraform."""
    assert {language for language, _ in BLOCKS} == {"python", "sh", "hcl"}
    assert all(re.fullmatch(r"metrics/\w+\.py", name) for name in FILES)
    for language, text in BLOCKS:
        if language == "hcl":
            (instances,) = (hcl2.loads(text)["metric_instances"],)
            assert list(instances["Success"]) == ["class", "arguments", "at_runtime"]


def test_the_kit_has_every_name_of_the_page() -> None:
    """The table names what can be imported."""
    import ds_dashboard.testing

    kit = PAGE.partition("| part of the kit |")[2].partition("\n\n")[0]
    named = set(re.findall(r"\b([A-Z][A-Za-z]+|[A-Z]{3,}|metric_data)\b(?=[(`])", kit)) - {"Class"}
    assert {"Scenario", "FakeAccount", "Recorder", "Error", "Fault", "NOW", "DENIED", "metric_data"} <= named
    assert named - {"NothingToReport", "True"} <= set(ds_dashboard.testing.__all__)


@pytest.fixture
def aws_endpoint() -> Iterator[str]:
    """An account of moto with one model, in place of AWS."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-west-1"}
    sagemaker: Any = boto3.client("sagemaker", endpoint_url=url, **keys)  # type: ignore[call-overload]
    sagemaker.create_model(ModelName="churn", ExecutionRoleArn="arn:aws:iam::123456789012:role/any")
    yield url
    server.stop()


def test_the_first_ten_minutes_work_from_a_wheel_outside_a_checkout(
    tmp_path: Path, installed: Path, aws_endpoint: str
) -> None:
    """Authors install the command, and have no checkout: the commands of the page, one after the other."""
    config = tmp_path / "config"
    config.write_text("[profile dev]\nregion = eu-west-1\naws_access_key_id = a\naws_secret_access_key = b\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    environment = {
        **kept,
        "PATH": f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": aws_endpoint,
    }
    commands = [
        line for language, text in BLOCKS if language == "sh" for line in text.splitlines() if "pip" not in line
    ]
    work = tmp_path / "work"
    work.mkdir()
    outputs = {line: _run(line, work, environment) for line in commands}
    assert next(iter(outputs)) == "ds-dashboard metrics new NumberOfModels"
    assert "1 passed" in outputs["python -m pytest metrics"]
    assert outputs["ds-dashboard metrics check metrics"].split()[-3:] == ["NumberOfModels", "1", "correct"]
    run = outputs["ds-dashboard metrics run NumberOfModels --metrics metrics --profile dev"].splitlines()
    assert run[1].split()[:3] == ["NumberOfModels", "1", "Count"]
    assert run[4].split() == ["sagemaker", "ListModels", "1", "sagemaker:ListModels", "yes"]
    assert "NumberOfModels" in json.loads((work / "metrics.json").read_text())["metrics"]
    assert len(commands) == 7


def _run(line: str, folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(shlex.split(line), cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout
