"""Training jobs of the past, for tests of lists and searches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ds_dashboard_local.client.accounts import Account

START = datetime(2026, 11, 1, tzinfo=UTC)


def training_job(account: Account, name: str, hours: float = 0, **attributes: Any) -> str:
    """Create a training job that was created `hours` after START, with other attributes; return its ARN."""
    arn: str = account.sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=f"arn:aws:iam::{account.id}:role/any",
        AlgorithmSpecification={"TrainingImage": "i", "TrainingInputMode": "File"},
        HyperParameters={"learning_rate": attributes.pop("rate", "0.1")},
        OutputDataConfig={"S3OutputPath": "s3://bucket/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        Tags=[{"Key": "team", "Value": attributes.pop("team", "any")}],
    )["TrainingJobArn"]
    created = START + timedelta(hours=hours)
    account.cloud.set_attributes({arn: {"CreationTime": created, "LastModifiedTime": created, **attributes}})
    return arn


def text(instant: datetime) -> str:
    """Return a time as Search has it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S")
