"""Training jobs: the limits of "in the last 24 hours"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import registry

NOW = datetime(2026, 11, 23, 20, 48, tzinfo=UTC)


def job(ended: datetime, modified: datetime) -> dict[str, Any]:
    return {
        "TrainingJobName": "any",
        "TrainingJobArn": "arn:aws:sagemaker:eu-west-1:123456789012:training-job/any",
        "CreationTime": ended - timedelta(hours=1),
        "TrainingEndTime": ended,
        "LastModifiedTime": modified,
        "TrainingJobStatus": "Completed",
    }


@pytest.mark.parametrize(
    ("ended", "modified", "counted"),
    [
        (timedelta(minutes=1), timedelta(minutes=1), 1),
        (timedelta(hours=24), timedelta(hours=24), 1),
        (timedelta(hours=24, seconds=1), timedelta(hours=24), 0),
        (timedelta(days=90), timedelta(minutes=1), 0),
    ],
    ids=["just now", "24 hours ago", "a second earlier", "long ago and tagged today"],
)
def test_what_counts_is_when_the_job_ended(
    ended: timedelta, modified: timedelta, counted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SageMaker filters only by modification, and a new tag modifies a job that ended long ago."""
    client = boto3.client("sagemaker", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    aws.use("sagemaker", client)
    metric = registry.create("CompletedTrainingJobs24h", "CompletedTrainingJobs24h", {}, "Project1", "dev")
    monkeypatch.setattr(metric, "now", lambda: NOW)
    with Stubber(client) as stub:
        stub.add_response(
            "list_training_jobs",
            {"TrainingJobSummaries": [job(NOW - ended, NOW - modified)]},
            {"StatusEquals": "Completed", "LastModifiedTimeAfter": NOW - timedelta(hours=24), "MaxResults": 100},
        )
        assert metric._compute_value() == counted
    aws.forget()
