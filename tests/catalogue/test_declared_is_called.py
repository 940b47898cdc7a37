"""Every metric of the manifest asks for exactly what it calls, reads every page, and fails where it is denied."""

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
    """What there is in the account, and what a metric must make of it."""

    seed: Callable[[], None]
    value: Any
    arguments: dict[str, str] = field(default_factory=dict)


def three_jobs_and_one_under_way() -> None:
    sagemaker = boto3.client("sagemaker")
    for name in ("one", "two", "three", "under-way"):
        sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/any",
            OutputDataConfig={"S3OutputPath": "s3://any"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
    sagemaker_backends[ACCOUNT][REGION].training_jobs["under-way"].training_job_status = "InProgress"


def three_endpoints_and_one_being_made() -> None:
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
    variant: Any = {
        "VariantName": "all",
        "ModelName": "model",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    for name in ("one", "two", "three", "being-made"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="config")
    sagemaker_backends[ACCOUNT][REGION].endpoints["being-made"].endpoint_status = "Creating"


def a_parameter() -> None:
    boto3.client("ssm").put_parameter(Name="/team/quality", Value="0.93", Type="String")


SCENARIOS = {
    "CompletedTrainingJobs24h": Scenario(three_jobs_and_one_under_way, 3),
    "NumberEndPointsInService": Scenario(three_endpoints_and_one_being_made, 3),
    "SSMParameterValue": Scenario(a_parameter, "0.93", {"parameter_name": "/team/quality"}),
    "TotalCompletedTrainingJobs": Scenario(three_jobs_and_one_under_way, 3),
}

every_metric = pytest.mark.parametrize("name", MANIFEST)


def made(name: str) -> Metric:
    """The metric, in an account with what its scenario wants."""
    assert name in SCENARIOS, f"{name} has no scenario: add one to SCENARIOS in {Path(__file__).name}"
    SCENARIOS[name].seed()
    return registry.create(name, name, SCENARIOS[name].arguments, "Project1", "dev")


def declared_actions(name: str) -> set[str]:
    return {action for statement in MANIFEST[name]["permissions"] for action in statement["Action"]}


def check(metric: Metric, value: Any, actions: set[str], trial: Trials) -> None:
    """What every metric must do, whether it is in the catalogue or made for a test of this very check."""
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
def test_declared_is_called_and_every_page_is_read(name: str, trial: Trials) -> None:
    """More declared is a right nobody needs, less a gap in every chart, a page missed a number that looks right."""
    check(made(name), SCENARIOS[name].value, declared_actions(name), trial)


def test_there_is_no_scenario_for_a_metric_that_is_gone() -> None:
    """It would be read as if it were tested."""
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


class _ZeroWhereDenied(_Endpoints):
    def _compute_value(self) -> Any:
        try:
            return super()._compute_value()
        except ClientError:
            return 0


@pytest.mark.parametrize(
    ("metric", "actions", "told"),
    [
        (_Endpoints, {"sagemaker:ListEndpoints", "sagemaker:ListModels"}, "declared and called differ"),
        (_Endpoints, set(), "declared and called differ"),
        (_OnePage, {"sagemaker:ListEndpoints"}, "it does not read every page"),
        (_UntilThePageIsEmpty, {"sagemaker:ListEndpoints"}, "it stops at an empty page"),
        (_ZeroWhereDenied, {"sagemaker:ListEndpoints"}, "DID NOT RAISE"),
    ],
)
def test_the_check_finds_what_it_is_for(metric: type[Metric], actions: set[str], told: str, trial: Trials) -> None:
    """A check that lets every metric pass would look just like this one."""
    three_endpoints_and_one_being_made()
    with pytest.raises((AssertionError, pytest.fail.Exception), match=told):
        check(metric("any", "Project1", {}, "dev"), 3, actions, trial)
