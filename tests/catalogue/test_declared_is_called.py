"""Every metric declares exactly the actions that it calls, reads every page, and fails if a call is denied."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.sagemaker.models import sagemaker_backends

from ds_dashboard.metrics import Metric, registry

Trials = Callable[..., Any]

ACCOUNT, REGION = "123456789012", "eu-west-1"
MANIFEST = json.loads((Path(__file__).parents[2] / "modules" / "spoke" / "metrics.json").read_text())["metrics"]


@dataclass
class Scenario:
    """What is in the account, and the value that a metric must have there."""

    seed: Callable[[], None]
    value: Any
    arguments: dict[str, str] = field(default_factory=dict)


def three_jobs_and_one_in_progress() -> None:
    sagemaker = boto3.client("sagemaker")
    for name in ("one", "two", "three", "in-progress"):
        sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
            OutputDataConfig={"S3OutputPath": "s3://any"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
    sagemaker_backends[ACCOUNT][REGION].training_jobs["in-progress"].training_job_status = "InProgress"


def three_endpoints_and_one_in_creation() -> None:
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
    variant: Any = {
        "VariantName": "all",
        "ModelName": "model",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    for name in ("one", "two", "three", "in-creation"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="config")
    sagemaker_backends[ACCOUNT][REGION].endpoints["in-creation"].endpoint_status = "Creating"


def a_parameter() -> None:
    boto3.client("ssm").put_parameter(Name="/team/quality", Value="0.93", Type="String")


SCENARIOS = {
    "CompletedTrainingJobs24h": Scenario(three_jobs_and_one_in_progress, 3),
    "NumberEndPointsInService": Scenario(three_endpoints_and_one_in_creation, 3),
    "SSMParameterValue": Scenario(a_parameter, "0.93", {"parameter_name": "/team/quality"}),
    "TotalCompletedTrainingJobs": Scenario(three_jobs_and_one_in_progress, 3),
}

every_metric = pytest.mark.parametrize("name", MANIFEST)


def create(name: str) -> Metric:
    """Create the scenario's resources, and return the metric."""
    assert name in SCENARIOS, f"{name} has no scenario: add one to SCENARIOS in {Path(__file__).name}"
    SCENARIOS[name].seed()
    return registry.create(name, name, SCENARIOS[name].arguments, "Project1", "dev")


def declared_actions(name: str) -> set[str]:
    return {action for statement in MANIFEST[name]["permissions"] for action in statement["Action"]}


def check(metric: Metric, value: Any, actions: set[str], trial: Trials) -> None:
    """Check what every metric must do: those of the catalogue, and those that test this check."""
    plain = trial()
    assert plain.value_of(metric) == value
    assert set(plain.actions) == actions, "declared and called differ"
    assert trial(page_size=1).value_of(metric) == value, "it does not read every page"
    assert trial(empty_first=True).value_of(metric) == value, "it stops at an empty page"
    counted = trial(page_size=1)
    counted.value_of(metric)
    for number in range(len(counted.actions)):
        with pytest.raises(ClientError, match="AccessDenied"):
            trial(page_size=1, denied=number).value_of(metric)


@every_metric
def test_declared_actions_are_called_and_every_page_is_read(name: str, trial: Trials) -> None:
    """Too many permissions break least privilege, too few a chart, and a missed page makes a wrong number."""
    check(create(name), SCENARIOS[name].value, declared_actions(name), trial)


def test_every_scenario_has_its_metric() -> None:
    """A scenario without a metric tests nothing."""
    assert set(SCENARIOS) == set(MANIFEST)


class _Endpoints(Metric):
    def _compute_value(self) -> Any:
        return self.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")


class _OnePage(_Endpoints):
    def _compute_value(self) -> Any:
        return len(self.client("sagemaker").list_endpoints(StatusEquals="InService")["Endpoints"])


class _UntilThePageIsEmpty(_Endpoints):
    def _compute_value(self) -> Any:
        answer, found = {"NextToken": ""}, 0
        while "NextToken" in answer:
            more = {"NextToken": answer["NextToken"]} if answer["NextToken"] else {}
            answer = self.client("sagemaker").list_endpoints(StatusEquals="InService", **more)
            if not answer.get("Endpoints"):
                break
            found += len(answer["Endpoints"])
        return found


class _ZeroIfDenied(_Endpoints):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError:
            return 0


@pytest.mark.parametrize(
    ("metric", "actions", "message"),
    [
        (_Endpoints, {"sagemaker:ListEndpoints", "sagemaker:ListModels"}, "declared and called differ"),
        (_Endpoints, set(), "declared and called differ"),
        (_OnePage, {"sagemaker:ListEndpoints"}, "it does not read every page"),
        (_UntilThePageIsEmpty, {"sagemaker:ListEndpoints"}, "it stops at an empty page"),
        (_ZeroIfDenied, {"sagemaker:ListEndpoints"}, "DID NOT RAISE"),
    ],
)
def test_the_check_finds_each_mistake(metric: type[Metric], actions: set[str], message: str, trial: Trials) -> None:
    """A check that accepts every metric would look the same."""
    three_endpoints_and_one_in_creation()
    with pytest.raises((AssertionError, pytest.fail.Exception), match=message):
        check(metric("any", "Project1", {}, "dev"), 3, actions, trial)
