"""The company of the world: its accounts, what goes on in them, and who is registered where by hand."""

from __future__ import annotations

from dataclasses import dataclass

from ds_dashboard_local import RunningCloud

REGION, FAR_REGION = "eu-west-1", "us-east-1"
# Of nobody else in this session.
ACCOUNTS = {
    "hub": "610000000001",
    "alpha": "610000000002",
    "bravo": "610000000003",
    "charlie": "610000000004",
}
HUB, ALPHA, BRAVO, CHARLIE = ACCOUNTS.values()
SILENT = [f"Silent{number}/dev" for number in range(1, 9)]
TRAINING_JOBS, ENDPOINTS = 123, 3
# Those of the central hub that extract.
SPOKES = ("Alpha/dev", "Bravo/prod", "Charlie/dev")


def bus_arn(account: str, name: str, region: str = REGION) -> str:
    """The ARN of a bus."""
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """An entry of Parameter Store that somebody puts there by hand."""

    account: str
    name: str
    value: str
    region: str = REGION

    def put(self, cloud: RunningCloud) -> None:
        """Write it, over an older one."""
        cloud.client("ssm", self.account, self.region).put_parameter(
            Name=self.name, Value=self.value, Type="String", Overwrite=True
        )

    def delete(self, cloud: RunningCloud) -> None:
        """Take it away."""
        cloud.client("ssm", self.account, self.region).delete_parameter(Name=self.name)


REGISTRY = (
    Parameter(BRAVO, "/monitors/central", bus_arn(HUB, "lookout-hub"), FAR_REGION),
    Parameter(CHARLIE, "/monitored_projects/Outpost/dev", bus_arn(HUB, "outpost-spoke")),
    Parameter(CHARLIE, "/monitored_projects/Charlie/dev", CHARLIE),
    Parameter(CHARLIE, "/monitors/central", HUB),
    Parameter(CHARLIE, "/monitors/own", CHARLIE),
    Parameter(HUB, "/monitored_projects/Charlie/dev", CHARLIE),
    Parameter(HUB, "/outpost/monitors/own", HUB),
    Parameter(HUB, "/outpost/monitored_projects/Outpost/dev", HUB),
    Parameter(HUB, "/monitored_projects/Bravo/prod", bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION)),
    Parameter(HUB, "/outpost/monitors/charlie", bus_arn(CHARLIE, "lookout-hub")),
)
MEASURED = (
    Parameter(ALPHA, "/alpha/accuracy", "0.12345678901234567890123456789"),
    Parameter(ALPHA, "/alpha/model-version", "v7"),
    Parameter(ALPHA, "/alpha/secret", "of no metric"),
    Parameter(BRAVO, "/bravo/accuracy", "97.50", FAR_REGION),
)


def work(cloud: RunningCloud) -> None:
    """Let the projects do something that can be measured; more jobs than a page shows that all pages are read."""
    for parameter in MEASURED:
        parameter.put(cloud)
    _train(cloud)
    for account in (ALPHA, CHARLIE):
        _serve(cloud, account)


def _train(cloud: RunningCloud) -> None:
    sagemaker = cloud.client("sagemaker", BRAVO, FAR_REGION)
    for number in range(TRAINING_JOBS):
        sagemaker.create_training_job(
            TrainingJobName=f"job-{number}",
            AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
            RoleArn=f"arn:aws:iam::{BRAVO}:role/training",
            OutputDataConfig={"S3OutputPath": "s3://models/"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            StoppingCondition={"MaxRuntimeInSeconds": 3600},
        )


def _serve(cloud: RunningCloud, account: str) -> None:
    sagemaker = cloud.client("sagemaker", account)
    variant = {"VariantName": "all", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    for number in range(ENDPOINTS):
        name = f"endpoint-{number}"
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=f"arn:aws:iam::{account}:role/serving")
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{**variant, "ModelName": name, "InitialVariantWeight": 1.0}]
        )
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
