"""What the company of the demo has done and has running: two months of work, which the metrics measure.

Resources are created by their API. The local cloud then sets what no call of AWS sets: when a job of last week ran, how
it ended, and what it cost. The numbers are the same in every demo, up to the present time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from ds_dashboard_dev.demo.company import FORECASTING, MODEL_VERSION, SEARCH
from ds_dashboard_local import RunningCloud

DAYS = 60
COMPLETED, _FAILED, _STOPPED, _RUNNING = 123, 21, 12, 3
# Training instances, and what an hour of one costs in USD.
_PRICES = {"ml.m5.xlarge": "0.257", "ml.g5.xlarge": "1.570", "ml.g5.2xlarge": "1.687"}
_DAILY_COSTS = {
    "EC2 - Other": "1.90",
    "Amazon Simple Storage Service": "2.35",
    "AmazonCloudWatch": "0.61",
}
_ENDPOINTS = {"ranking": "ml.m5.large", "suggestions": "ml.c5.xlarge", "spelling": "ml.g4dn.xlarge"}
# Nobody calls the third endpoint any more.
_REQUESTS_PER_HOUR = {"ranking": 900, "suggestions": 260}
_MAX_METRICS = 1000


def have_worked(cloud: RunningCloud) -> None:
    """Fill the accounts of Forecasting and Search with the work of the last two months."""
    now = datetime.now(UTC)
    attributes = dict(_jobs_of_the_past(cloud, now))
    attributes |= _notebooks(cloud, now)
    attributes |= _registry(cloud, now)
    attributes |= serve(cloud, now)
    cloud.set_attributes(attributes)
    cloud.add_costs(FORECASTING, _costs(attributes.values(), now))
    _publish(cloud, now)
    _release(cloud, COMPLETED)


def train(cloud: RunningCloud, jobs: range) -> None:
    """Complete training jobs in the account of Forecasting now. More than 100 show that a metric reads all pages."""
    now = datetime.now(UTC)
    cloud.set_attributes(
        {_create(cloud, f"forecast-{number}", "ml.m5.xlarge"): _completed(now, 300, 0.93) for number in jobs}
    )
    _release(cloud, jobs.stop)


def _release(cloud: RunningCloud, version: int) -> None:
    cloud.client("ssm", FORECASTING).put_parameter(
        Name=MODEL_VERSION, Value=f"v{version}", Type="String", Overwrite=True
    )


def _create(cloud: RunningCloud, name: str, kind: str, *, spot: bool = False, instances: int = 1) -> str:
    job = cloud.client("sagemaker", FORECASTING).create_training_job(
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
        RoleArn=f"arn:aws:iam::{FORECASTING}:role/training",
        OutputDataConfig={"S3OutputPath": "s3://models/"},
        ResourceConfig={"InstanceType": kind, "InstanceCount": instances, "VolumeSizeInGB": 10},
        EnableManagedSpotTraining=spot,
        StoppingCondition={
            "MaxRuntimeInSeconds": 86_400,
            **({"MaxWaitTimeInSeconds": 90_000} if spot else {}),
        },
    )
    return str(job["TrainingJobArn"])


def _completed(ended: datetime, seconds: int, accuracy: float) -> dict[str, Any]:
    """Return the attributes of a job that ended with this accuracy in validation, and a lower one in the test."""
    started = ended - timedelta(seconds=seconds)
    return {
        "CreationTime": started - timedelta(seconds=90),
        "TrainingStartTime": started,
        "TrainingEndTime": ended,
        "LastModifiedTime": ended,
        "TrainingTimeInSeconds": seconds,
        "BillableTimeInSeconds": seconds,
        "FinalMetricDataList": [
            {"MetricName": name, "Value": round(value, 4), "Timestamp": ended}
            for name, value in (("validation:accuracy", accuracy), ("test:accuracy", accuracy - 0.02))
        ],
    }


def _jobs_of_the_past(cloud: RunningCloud, now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Create training jobs of the past, and yield their ARNs and attributes."""
    chance = random.Random(7)
    days = [now - timedelta(days=number) for number in range(DAYS, 0, -1)]
    # The team grows, and works little at weekends.
    weights = [(1 if day.weekday() < 5 else 0.15) * (0.5 + number / DAYS) for number, day in enumerate(days)]
    endings = ["Completed"] * COMPLETED + ["Failed"] * _FAILED + ["Stopped"] * _STOPPED
    chance.shuffle(endings)
    created_at = sorted(
        day + timedelta(minutes=chance.randrange(24 * 60 - 240))
        for day in chance.choices(days, weights, k=len(endings))
    )
    for number, (created, status) in enumerate(zip(created_at, endings, strict=True)):
        kind, instances = chance.choice(list(_PRICES)), chance.choice((1, 1, 1, 2))
        spot = chance.random() < 0.3
        arn = _create(cloud, f"forecast-past-{number}", kind, spot=spot, instances=instances)
        started = created + timedelta(seconds=chance.randrange(40, 900 if "g5" in kind else 180))
        seconds = chance.randrange(600, 9000) if status != "Failed" else chance.randrange(60, 900)
        ended = started + timedelta(seconds=seconds)
        accuracy = 0.78 + 0.13 * number / len(endings) + chance.uniform(-0.01, 0.01)
        yield (
            arn,
            {
                **_completed(ended, seconds, accuracy),
                "CreationTime": created,
                "TrainingStartTime": started,
                "TrainingJobStatus": status,
                "SecondaryStatus": "MaxRuntimeExceeded" if status == "Stopped" else status,
                "BillableTimeInSeconds": int(seconds * (chance.uniform(0.3, 0.5) if spot else 1)),
                "ResourceConfig": {"InstanceType": kind, "InstanceCount": instances, "VolumeSizeInGB": 10},
            },
        )
    for number in range(_RUNNING):
        created = now - timedelta(minutes=20 + 30 * number)
        running = {"TrainingJobStatus": "InProgress", "SecondaryStatus": "Training", "TrainingEndTime": None}
        times = {"CreationTime": created, "TrainingStartTime": created + timedelta(minutes=2), "LastModifiedTime": now}
        yield _create(cloud, f"forecast-running-{number}", "ml.g5.2xlarge", instances=2), {**running, **times}


def _notebooks(cloud: RunningCloud, now: datetime) -> dict[str, dict[str, Any]]:
    """Create notebook instances and a Studio app, most of which somebody has left on."""
    sagemaker = cloud.client("sagemaker", FORECASTING)
    attributes: dict[str, dict[str, Any]] = {}
    for name, kind, hours in (
        ("ada", "ml.t3.xlarge", 3),
        ("features", "ml.m5.xlarge", 215),
        ("gpu", "ml.p3.2xlarge", 63),
    ):
        arn = sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType=kind, RoleArn=f"arn:aws:iam::{FORECASTING}:role/notebook"
        )["NotebookInstanceArn"]
        attributes[arn] = {"LastModifiedTime": now - timedelta(hours=hours)}
    app = {"DomainId": "d-forecasting1", "UserProfileName": "ada", "AppType": "JupyterLab", "AppName": "default"}
    arn = sagemaker.create_app(**app, ResourceSpec={"InstanceType": "ml.t3.medium"})["AppArn"]
    return {**attributes, arn: {"CreationTime": now - timedelta(hours=31)}}


def _registry(cloud: RunningCloud, now: datetime) -> dict[str, dict[str, Any]]:
    """Register models; the newest of each group wait for approval."""
    sagemaker = cloud.client("sagemaker", FORECASTING)
    attributes = {}
    for group, approvals in (("demand", "ARAAAPP"), ("stock", "AAP")):
        sagemaker.create_model_package_group(ModelPackageGroupName=group)
        for age, approval in enumerate(reversed(approvals)):
            status = {"A": "Approved", "R": "Rejected", "P": "PendingManualApproval"}[approval]
            arn = sagemaker.create_model_package(ModelPackageGroupName=group, ModelApprovalStatus=status)[
                "ModelPackageArn"
            ]
            attributes[arn] = {"CreationTime": now - timedelta(days=2 + 6 * age)}
    return attributes


def serve(cloud: RunningCloud, now: datetime) -> dict[str, dict[str, Any]]:
    """Create endpoints in the account of Search, and return their attributes by ARN."""
    sagemaker = cloud.client("sagemaker", SEARCH)
    attributes = {}
    for name, kind in _ENDPOINTS.items():
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=f"arn:aws:iam::{SEARCH}:role/serving",
            PrimaryContainer={"Image": "image", "ModelDataUrl": "s3://models/model.tar.gz"},
        )
        variant = {"VariantName": "all", "ModelName": name, "InitialInstanceCount": 1, "InstanceType": kind}
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{**variant, "InitialVariantWeight": 1.0}]
        )
        arn = sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)["EndpointArn"]
        attributes[arn] = {"CreationTime": now - timedelta(days=41), "LastModifiedTime": now - timedelta(days=41)}
    return attributes


def _publish(cloud: RunningCloud, now: datetime) -> None:
    """Publish what CloudWatch has of the requests of the last days."""
    chance = random.Random(8)
    data = iter(list(_requests(chance, now)))
    while some := list(islice(data, _MAX_METRICS)):
        cloud.client("cloudwatch", SEARCH).put_metric_data(Namespace="AWS/SageMaker", MetricData=some)


def _requests(chance: random.Random, now: datetime) -> Iterator[dict[str, Any]]:
    for name, usual in _REQUESTS_PER_HOUR.items():
        dimensions = [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": "all"}]
        for hours in range(8 * 24):
            at = now - timedelta(hours=hours, minutes=1)
            by_day = 1.0 if 7 <= at.hour < 20 else 0.2
            requests = int(usual * by_day * chance.uniform(0.8, 1.2))
            point = {"Dimensions": dimensions, "Timestamp": at}
            latencies = [float(chance.randrange(18_000, 90_000)) for _ in range(20)]
            yield {**point, "MetricName": "Invocations", "Value": requests, "Unit": "None"}
            yield {**point, "MetricName": "Invocation5XXErrors", "Value": chance.choice((0, 0, 0, 1)), "Unit": "None"}
            yield {**point, "MetricName": "Invocation4XXErrors", "Value": chance.choice((0, 0, 2, 3)), "Unit": "None"}
            yield {**point, "MetricName": "ModelLatency", "Values": latencies, "Unit": "Microseconds"}


def _costs(attributes: Iterable[dict[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Return what Forecasting spent: its training jobs by instance type, and other services by day."""
    costs: list[dict[str, Any]] = []
    for one in attributes:
        if ended := one.get("TrainingEndTime"):
            config = one["ResourceConfig"]
            hours = Decimal(one["BillableTimeInSeconds"] * config["InstanceCount"]) / 3600
            amount = (hours * Decimal(_PRICES[config["InstanceType"]])).quantize(Decimal("0.000001"))
            usage = {"usage_type": f"EU-Train:{config['InstanceType']}", "quantity": f"{hours:.6f}"}
            costs.append({"date": ended.date(), "service": "Amazon SageMaker", "amount": amount, **usage})
    for number in range(DAYS + 31):
        day = (now - timedelta(days=number)).date()
        costs += [{"date": day, "service": name, "amount": amount} for name, amount in _DAILY_COSTS.items()]
    return costs
