"""Storage: buckets, container images, and the file systems of Studio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, Window, reading
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD
from ds_dashboard.metrics.cloudwatch import Series, Statistic

_DAY = 86400
_STUDIO_TAG = "ManagedByAmazonSageMakerResource"
_BUCKET = {"bucket_name": {"type": "string", "description": "The bucket's name."}}
_CALLS = "1 GetMetricData, together with the other metrics of the run"
_REPOSITORIES = "arn:**PARTITION**:ecr:**REGION**:**ACCOUNT_ID**:repository/*"


class _BucketMetric(Metric):
    """A value that S3 publishes once a day, a day or two late. Listing the objects would cost money and hours."""

    historical = True
    calls = _CALLS
    usd = METRIC_DATA_USD
    arguments: Mapping[str, Any] = _BUCKET
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _days(self) -> Window:
        """Return the last three days and today as whole days, as S3 publishes them."""
        midnight = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return Window(midnight - timedelta(days=3), midnight + timedelta(days=1))

    def _newest(self, found: Iterable[Series]) -> datetime:
        """Return the newest day with a value."""
        days = [series.times[-1] for series in found if series.values]
        if not days:
            raise NothingToReport(
                f"CloudWatch has no value of the bucket {self.arguments['bucket_name']} in the last three days: it is "
                "empty, new, in another region, or has another name"
            )
        self.metadata["Day"] = f"{max(days):%Y-%m-%d}"
        return max(days)


class BucketSizeBytes(_BucketMetric):
    """Size of a bucket by storage type.

    The newest of the values that S3 publishes once a day, a day or two late: Metadata.Day. Parts of open uploads count.
    """

    unit = "Bytes"
    dimensions = ["StorageType"]

    def _compute_value(self) -> MetricValue:
        sizes = self.search(
            "AWS/S3",
            ["BucketName", "StorageType"],
            "BucketSizeBytes",
            "Average",
            self._days(),
            where={"BucketName": self.arguments["bucket_name"]},
            period=_DAY,
        )
        day = self._newest(sizes.values())
        # A type without a value on that day has no objects any more.
        return self.value(
            breakdown={kind: series.newest for (_, kind), series in sizes.items() if series.times[-1] == day}
        )


class BucketObjectCount(_BucketMetric):
    """Objects in a bucket.

    The newest of the values that S3 publishes once a day, a day or two late: Metadata.Day. All versions of objects
    count, and parts of open uploads (assumed).
    """

    unit = "Count"

    def _compute_value(self) -> Any:
        dimensions = {"StorageType": "AllStorageTypes", "BucketName": self.arguments["bucket_name"]}
        query = Statistic("AWS/S3", "NumberOfObjects", dimensions, "Average")
        series = self.statistics([query], self._days(), period=_DAY)[0]
        self._newest([series])
        return series.newest


@reading(
    permissions=[{"Action": ["ecr:DescribeImages", "ecr:DescribeRepositories"], "Resource": _REPOSITORIES}],
    calls="1 per 100 repositories, and 1 per repository and 100 images",
    may_read="tags, times of pulls and findings of scans of all images",
)
def images(reader: Reader) -> dict[str, list[int]]:
    """Size of every image in each repository of container images."""
    repositories = list(reader.pages("ecr", "describe_repositories", "repositories", fields=_name))
    sizes = reader.describe_each(
        lambda name: list(reader.pages("ecr", "describe_images", "imageDetails", fields=_size, repositoryName=name)),
        repositories,
    )
    return dict(zip(repositories, sizes, strict=True))


def _name(repository: dict[str, Any]) -> str:
    return str(repository["repositoryName"])


def _size(image: dict[str, Any]) -> int:
    return int(image["imageSizeInBytes"])


class ContainerImages(Metric):
    """Container images in this region, by repository.

    Images without a tag count, and an image with several tags counts once. Archived images are not counted.
    """

    unit = "Count"
    dimensions = ["RepositoryName"]
    readings = [images]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown={name: len(sizes) for name, sizes in self.read(images).items() if sizes})


class ContainerImageBytes(Metric):
    """Compressed size of the container images in this region, by repository.

    An upper bound of what is billed: layers that images share are stored once. Archived images are not counted.
    """

    unit = "Bytes"
    dimensions = ["RepositoryName"]
    readings = [images]

    def _compute_value(self) -> MetricValue:
        return self.value(breakdown={name: sum(sizes) for name, sizes in self.read(images).items() if sizes})


class StudioFileSystemBytes(Metric):
    """Size of the EFS file systems of SageMaker domains, by file system.

    EFS measures it some times a day (assumed). File systems without SageMaker's tag are not counted.
    """

    unit = "Bytes"
    dimensions = ["FileSystemId"]
    calls = "1 per page of file systems"
    may_read = "names and tags of all file systems"
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "elasticfilesystem:DescribeFileSystems",
            "Resource": "arn:**PARTITION**:elasticfilesystem:**REGION**:**ACCOUNT_ID**:file-system/*",
        }
    ]

    def _compute_value(self) -> MetricValue:
        sizes: Counter[str] = Counter()
        for one in self.pages("efs", "describe_file_systems", "FileSystems"):
            if any(tag["Key"] == _STUDIO_TAG for tag in one["Tags"]):
                sizes[one["FileSystemId"]] = one["SizeInBytes"]["Value"]
        return self.value(breakdown=sizes)
