"""Storage: values that S3 publishes once a day, repositories of images, and file systems."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import boto3

from ds_dashboard.metrics import NothingToReport
from ds_dashboard.testing import NOW, Answer, Scenario

BUCKET = {"bucket_name": "models"}
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
# Bucket, storage type, value by days ago. The types of a day belong together.
SIZES = [
    ("models", "StandardStorage", {2: 100.0, 1: 150.0}),
    ("models", "GlacierStorage", {3: 9000.0, 2: 7000.0, 1: 8000.0}),
    ("models", "StandardIAStorage", {3: 500.0, 2: 500.0}),
    ("others", "StandardStorage", {1: 77.0}),
]
COUNTS = [("models", "AllStorageTypes", {4: 1.0, 2: 41.0, 1: 42.0}), ("others", "AllStorageTypes", {1: 9.0})]
OLD = [("models", "StandardStorage", {4: 100.0})]


def bucket_metrics(metric: str, some: list[tuple[str, str, dict[int, float]]]) -> Answer:
    """Return the answer of CloudWatch with one value per day, at midnight."""

    def answer(parameters: dict[str, Any]) -> dict[str, Any]:
        [query] = parameters["MetricDataQueries"]
        found = [
            (bucket, kind, values)
            for bucket, kind, values in some
            if is_wanted(query, metric, bucket, kind) and parameters["StartTime"] <= parameters["EndTime"]
        ]
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Label": f"{bucket}||{kind}||123456789012",
                    "StatusCode": "Complete",
                    **points(parameters, values),
                }
                for bucket, kind, values in found
            ]
        }

    return answer


def is_wanted(query: dict[str, Any], metric: str, bucket: str, kind: str) -> bool:
    """Return whether a query, of whole days, finds a metric."""
    if "Expression" in query:
        terms = f'{{AWS/S3,BucketName,StorageType}} MetricName="{metric}" "BucketName"="{bucket}"'
        return str(query["Expression"]) == f"SEARCH('{terms}', 'Average', 86400)"
    stat = query["MetricStat"]
    dimensions = {one["Name"]: one["Value"] for one in stat["Metric"]["Dimensions"]}
    wanted = (stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], dimensions, stat["Stat"], stat["Period"])
    return wanted == ("AWS/S3", metric, {"BucketName": bucket, "StorageType": kind}, "Average", 86400)


def points(parameters: dict[str, Any], values: dict[int, float]) -> dict[str, Any]:
    """Return the values inside the window of a request."""
    times: dict[datetime, float] = {TODAY - timedelta(days=days): value for days, value in values.items()}
    inside = sorted(at for at in times if parameters["StartTime"] <= at < parameters["EndTime"])
    return {"Timestamps": inside, "Values": [times[at] for at in inside]}


REPOSITORIES = {"train": [1000] * 23, "team/serve": [5, 6], "empty": []}


def repository_images(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as ECR does for a repository."""
    sizes = REPOSITORIES[parameters["repositoryName"]]
    return {"imageDetails": [{"imageDigest": str(n), "imageSizeInBytes": size} for n, size in enumerate(sizes)]}


ECR: dict[str, Answer] = {
    "ecr.describe_repositories": {"repositories": [{"repositoryName": name} for name in REPOSITORIES]},
    "ecr.describe_images": repository_images,
}


def file_system(name: str, size: int, *tags: str) -> dict[str, Any]:
    """Return an EFS file system."""
    return {"FileSystemId": name, "SizeInBytes": {"Value": size}, "Tags": [{"Key": tag, "Value": "x"} for tag in tags]}


FILE_SYSTEMS = [
    file_system("fs-studio", 6144, "Name", "ManagedByAmazonSageMakerResource"),
    file_system("fs-other", 999999, "Name"),
    *(file_system(f"fs-{n}", n, "ManagedByAmazonSageMakerResource") for n in range(15)),
]


def a_bucket() -> None:
    """Create a bucket with objects, for which moto publishes its own value."""
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for key in ("a", "b", "c"):
        s3.put_object(Bucket="models", Key=key, Body=b"x")


SCENARIOS = [
    Scenario(
        "BucketSizeBytes",
        value=150 + 8000,
        breakdown={"StandardStorage": 150, "GlacierStorage": 8000},
        arguments=BUCKET,
        answers={"cloudwatch.get_metric_data": bucket_metrics("BucketSizeBytes", SIZES)},
        empty=NothingToReport,
    ),
    Scenario(
        "BucketSizeBytes",
        nothing="no value of the bucket models in the last three days",
        arguments=BUCKET,
        answers={"cloudwatch.get_metric_data": bucket_metrics("BucketSizeBytes", OLD)},
        title="values that are too old",
    ),
    Scenario(
        "BucketObjectCount",
        value=42,
        arguments=BUCKET,
        answers={"cloudwatch.get_metric_data": bucket_metrics("NumberOfObjects", COUNTS)},
        empty=NothingToReport,
    ),
    Scenario(
        "BucketObjectCount", value=3, arguments=BUCKET, seed=a_bucket, empty=NothingToReport, title="a bucket of moto"
    ),
    Scenario(
        "ContainerImages",
        value=25,
        breakdown={"train": 23, "team/serve": 2},
        answers=ECR,
    ),
    Scenario(
        "ContainerImageBytes",
        value=23011,
        breakdown={"train": 23000, "team/serve": 11},
        answers=ECR,
    ),
    Scenario(
        "StudioFileSystemBytes",
        value=6144 + sum(range(15)),
        breakdown={"fs-studio": 6144, **{f"fs-{n}": n for n in range(15)}},
        answers={"efs.describe_file_systems": {"FileSystems": FILE_SYSTEMS}},
    ),
]
