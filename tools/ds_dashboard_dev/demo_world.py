"""The company of the demo: a central hub, a project that trains models, a project that serves them."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ds_dashboard_local import RunningCloud

HUB, FORECASTING, SEARCH = "111111111111", "222222222222", "333333333333"
PROFILES = {HUB: "hub", FORECASTING: "forecasting", SEARCH: "search"}
MODEL_VERSION = "/forecasting/model-version"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An entry of Parameter Store, in one account."""

    account: str
    name: str
    value: str

    def command(self) -> str:
        """What a user types on AWS to make it."""
        return (
            f"aws ssm put-parameter --type String --name {self.name} --value {self.value} --profile "
            + (PROFILES[self.account])
        )


# Who reports to whom. The account of Search reports to the central hub and to its own.
REGISTRY = (
    Parameter(HUB, "/monitored_projects/Forecasting/dev", FORECASTING),
    Parameter(HUB, "/monitored_projects/Search/prod", SEARCH),
    Parameter(FORECASTING, "/monitors/central", HUB),
    Parameter(SEARCH, "/monitors/central", HUB),
    Parameter(SEARCH, "/monitors/own", SEARCH),
    Parameter(SEARCH, "/monitored_projects/Search/prod", SEARCH),
)


def register(cloud: RunningCloud) -> None:
    """Say in each account whom it reports to and whom it listens to."""
    for parameter in REGISTRY:
        cloud.client("ssm", parameter.account).put_parameter(
            Name=parameter.name, Value=parameter.value, Type="String", Overwrite=True
        )


def train(cloud: RunningCloud, jobs: range) -> None:
    """Run training jobs in the account of Forecasting; more than a page of them shows that all pages are read."""
    sagemaker = cloud.client("sagemaker", FORECASTING)
    for number in jobs:
        sagemaker.create_training_job(
            TrainingJobName=f"forecast-{number}",
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=f"arn:aws:iam::{FORECASTING}:role/training",
            OutputDataConfig={"S3OutputPath": "s3://models/"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )
    cloud.client("ssm", FORECASTING).put_parameter(
        Name=MODEL_VERSION, Value=f"v{jobs.stop}", Type="String", Overwrite=True
    )


def serve(cloud: RunningCloud, endpoints: range) -> None:
    """Put endpoints into service in the account of Search."""
    sagemaker = cloud.client("sagemaker", SEARCH)
    for number in endpoints:
        name = f"ranking-{number}"
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{SEARCH}:role/serving",
            PrimaryContainer={"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"},
        )
        sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": "all",
                    "ModelName": name,
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "InitialVariantWeight": 1.0,
                }
            ],
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)


def forge(cloud: RunningCloud, bus: str) -> None:
    """Let the account of Search claim a value for Forecasting."""
    cloud.client("events", SEARCH).put_events(Entries=[{**FORGED, "EventBusName": bus}])


FORGED = {
    "Source": "metric_extractor",
    "DetailType": "metric_extractor",
    "Detail": json.dumps(
        {
            "MetricName": "TotalCompletedTrainingJobs",
            "MetricValue": 999_999,
            "ExtractionDate": "2026-11-24T00:00:00.000000Z",
            "Metadata": {},
            "Environment": "dev",
            "ProjectName": "Forecasting",
        }
    ),
}
