"""Training jobs."""

from __future__ import annotations

import boto3
from moto.sagemaker.models import sagemaker_backends

from ds_dashboard.testing import Scenario

ACCOUNT, REGION = "123456789012", "eu-west-1"


def three_jobs_and_one_in_progress() -> None:
    """Create jobs, which are completed at once in moto."""
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


SCENARIOS = [
    Scenario("CompletedTrainingJobs24h", value=3, seed=three_jobs_and_one_in_progress),
    Scenario("TotalCompletedTrainingJobs", value=3, seed=three_jobs_and_one_in_progress),
]
