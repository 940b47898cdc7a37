"""Training jobs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import mean
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, NothingToReport, Reader, reading
from ds_dashboard.metrics._sagemaker import (
    LOOK_BACK,
    SEARCH,
    SEARCH_READS,
    Filter,
    ended_jobs,
    instances,
    search,
    total_hits,
    within,
)

_LIST = [{"Action": "sagemaker:ListTrainingJobs", "Resource": "*"}]
_STATUSES = ("InProgress", "Completed", "Failed", "Stopping", "Stopped", "Deleting")


class Job(NamedTuple):
    """What metrics need of a training job, from the record of a search."""

    arn: str
    name: str
    created: datetime
    started: datetime | None
    ended: datetime | None
    seconds: int
    billable_seconds: int | None
    is_spot: bool
    config: Mapping[str, Any]

    @property
    def instances(self) -> dict[str, int]:
        """Number of instances by type."""
        return instances(self.config, self.name)

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Job:
        """Read a record of a search."""
        job = record["TrainingJob"]
        return cls(
            job["TrainingJobArn"],
            job["TrainingJobName"],
            job["CreationTime"],
            job.get("TrainingStartTime"),
            job.get("TrainingEndTime"),
            job.get("TrainingTimeInSeconds", 0),
            job.get("BillableTimeInSeconds"),
            job.get("EnableManagedSpotTraining", False),
            job.get("ResourceConfig", {}),
        )


@reading(permissions=_LIST, calls="1 per 100 jobs that were created in look_back_days")
def ended_by_status(reader: Reader, *, look_back_days: int) -> Counter[str]:
    """Count the training jobs that ended in the last 24 hours by status, from their list."""
    jobs = ended_jobs(
        reader,
        "list_training_jobs",
        "TrainingJobSummaries",
        "TrainingEndTime",
        look_back_days=look_back_days,
        fields=("TrainingJobStatus",),
    )
    return Counter(job["TrainingJobStatus"] for job in jobs)


@reading(permissions=SEARCH, calls="1 per 100 jobs that ended in 24 hours", may_read=SEARCH_READS)
def ended(reader: Reader) -> list[Job]:
    """Training jobs that ended in the last 24 hours, with their instances and times."""
    window = reader.window(hours=24)
    found: list[Job] = search(reader, "TrainingJob", within("TrainingEndTime", *window), Job.of)
    return [job for job in found if job.ended in window]


@reading(permissions=SEARCH, calls="1 per 100 jobs that run", may_read=SEARCH_READS)
def active(reader: Reader) -> list[Job]:
    """Training jobs that run or are being stopped, with their instances."""
    found: list[Job] = search(reader, "TrainingJob", [Filter("TrainingJobStatus", "In", "InProgress,Stopping")], Job.of)
    return found


class TotalCompletedTrainingJobs(Metric):
    """Training jobs that have completed, ever.

    It reads the whole list: 1,000 calls for 100,000 jobs, which take 500 s with SageMaker's 2 calls per second. Set the
    spoke's timeout_seconds to 900 for that, or choose TrainingJobsByStatus, which makes six calls.
    """

    unit = "Count"
    calls = "1 per 100 training jobs"
    _iam_permissions = Metric._iam_permissions + _LIST

    def _compute_value(self) -> int:
        # Without fields: 100,000 jobs fit into the function's memory.
        return sum(
            1
            for _ in self.pages(
                "sagemaker", "list_training_jobs", "TrainingJobSummaries", fields=(), StatusEquals="Completed"
            )
        )


class _EndedTrainingJobs(Metric):
    """Training jobs that ended with a status in the last 24 hours."""

    unit = "Count"
    historical = True
    readings = [ended_by_status]
    arguments = {"look_back_days": LOOK_BACK}
    status = ""

    def _compute_value(self) -> int:
        return self.read(ended_by_status, look_back_days=self.arguments["look_back_days"])[self.status]


class CompletedTrainingJobs24h(_EndedTrainingJobs):
    """Training jobs that completed in the last 24 hours.

    It does not see jobs that were created before look_back_days: a job may wait for 28 days and run for 28 days.
    """

    status = "Completed"


class FailedTrainingJobs24h(_EndedTrainingJobs):
    """Training jobs that failed in the last 24 hours.

    It does not see jobs that were created before look_back_days: a job may wait for 28 days and run for 28 days.
    """

    status = "Failed"


class StoppedTrainingJobs24h(_EndedTrainingJobs):
    """Training jobs that were stopped in the last 24 hours, by somebody or at their time limit.

    It does not see jobs that were created before look_back_days: a job may wait for 28 days and run for 28 days.
    """

    status = "Stopped"


class TrainingJobsByStatus(Metric):
    """Training jobs by status, ever.

    Search counts them with one call for each status. Its index lags behind by seconds to minutes (assumed).
    """

    unit = "Count"
    dimensions = ["Status"]
    calls = "6"
    may_read = SEARCH_READS
    _iam_permissions = Metric._iam_permissions + SEARCH

    def _compute_value(self) -> MetricValue:
        counts = {
            status: total_hits(self, "TrainingJob", [Filter("TrainingJobStatus", "Equals", status)])
            for status in _STATUSES
        }
        return self.value(breakdown={status: count for status, count in counts.items() if count})


class TrainingJobsInProgress(Metric):
    """Training jobs that run or are being stopped, by instance type.

    A job with several instance types counts once in each, and once in the headline.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    readings = [active]

    def _compute_value(self) -> MetricValue:
        jobs = self.read(active)
        return self.value(len(jobs), breakdown=Counter(kind for job in jobs for kind in job.instances))


class TrainingInstancesInUse(Metric):
    """Instances of the training jobs that run or are being stopped, by type.

    A job that waits for its instances counts as well, because the search does not tell it apart.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    readings = [active]

    def _compute_value(self) -> MetricValue:
        used: Counter[str] = Counter()
        for job in self.read(active):
            used.update(job.instances)
        return self.value(breakdown=used)


class TrainingBillableSeconds24h(Metric):
    """Billable instance seconds of the training jobs that ended in the last 24 hours, by instance type.

    The sum of BillableTimeInSeconds x instances of each job, as AWS bills it. It counts whole jobs that ended in the
    window, not the seconds inside the window. Spot jobs have the reduced time.
    """

    unit = "Seconds"
    historical = True
    dimensions = ["InstanceType"]
    readings = [ended]

    def _compute_value(self) -> MetricValue:
        seconds: Counter[str] = Counter()
        for job in self.read(ended):
            # A job that failed before it had instances has none.
            for kind, count in job.instances.items() if job.billable_seconds else ():
                seconds[kind] += (job.billable_seconds or 0) * count
        return self.value(breakdown=seconds)


class ManagedSpotSecondsSaved24h(Metric):
    """Instance seconds that managed spot training saved in jobs that ended in the last 24 hours, by instance type.

    The sum of (TrainingTimeInSeconds - BillableTimeInSeconds) x instances over the spot jobs; 0 without spot jobs.
    """

    unit = "Seconds"
    historical = True
    dimensions = ["InstanceType"]
    readings = [ended]

    def _compute_value(self) -> MetricValue:
        saved: Counter[str] = Counter()
        for job in self.read(ended):
            if job.is_spot and job.billable_seconds is not None:
                for kind, count in job.instances.items():
                    saved[kind] += (job.seconds - job.billable_seconds) * count
        return self.value(breakdown=saved)


class TrainingQueueSeconds24h(Metric):
    """Mean time that training jobs waited before they started, of those that started in the last 24 hours.

    TrainingStartTime - CreationTime, by instance type. It does not see jobs that have not started yet.
    """

    unit = "Seconds"
    historical = True
    dimensions = ["InstanceType"]
    calls = "1 per 100 jobs that started in 24 hours"
    may_read = SEARCH_READS
    _iam_permissions = Metric._iam_permissions + SEARCH

    def _compute_value(self) -> MetricValue:
        window = self.window(hours=24)
        found: list[Job] = search(self, "TrainingJob", within("TrainingStartTime", *window), Job.of)
        waits: dict[str, list[timedelta]] = defaultdict(list)
        jobs = [(job, job.started - job.created) for job in found if job.started is not None and job.started in window]
        if not jobs:
            raise NothingToReport("no training job started in the window")
        for job, wait in jobs:
            for kind in job.instances:
                waits[kind].append(wait)
        by_type = {kind: _mean_seconds(some) for kind, some in waits.items()}
        return self.value(_mean_seconds([wait for _, wait in jobs]), breakdown=by_type, other=max)


def _mean_seconds(waits: list[timedelta]) -> Decimal:
    return mean(Decimal(wait // timedelta(milliseconds=1)) / 1000 for wait in waits).quantize(Decimal("0.001"))


class TrainingObjectiveValue(Metric):
    """The final value of a training metric, such as accuracy or loss, in the newest completed job with a name.

    With FinalMetricDataList of the job: training performance, validation and test, by the metric's name. It does not
    see jobs that were created before look_back_days.
    """

    arguments = {
        "job_name_contains": {"type": "string", "description": "A part of the training job's name."},
        "metric_name": {"type": "string", "description": "The metric's name in the job, such as validation:accuracy."},
        "look_back_days": {**LOOK_BACK, "default": 30},
    }
    calls = "1 per 100 completed jobs of look_back_days, and 1"
    _iam_permissions = (
        Metric._iam_permissions
        + _LIST
        + [
            {
                "Action": "sagemaker:DescribeTrainingJob",
                "Resource": "arn:**PARTITION**:sagemaker:**REGION**:**ACCOUNT_ID**:training-job/*",
            }
        ]
    )

    def _compute_value(self) -> Any:
        part, metric = self.arguments["job_name_contains"], self.arguments["metric_name"]
        since = self.now() - timedelta(days=self.arguments["look_back_days"])
        newest = next(
            self.newest_first(
                "sagemaker",
                "list_training_jobs",
                "TrainingJobSummaries",
                since=since,
                fields=("TrainingJobName",),
                NameContains=part,
                StatusEquals="Completed",
                CreationTimeAfter=since,
            ),
            None,
        )
        if newest is None:
            raise NothingToReport(f"no training job with {part!r} in its name has completed since {since:%Y-%m-%d}")
        name = newest["TrainingJobName"]
        job = self.call("sagemaker", "describe_training_job", TrainingJobName=name)
        values = {one["MetricName"]: one["Value"] for one in job.get("FinalMetricDataList", ())}
        if metric not in values:
            raise ValueError(f"{name} has no metric {metric!r}; its metrics are: {', '.join(sorted(values)) or 'none'}")
        self.metadata["TrainingJobName"] = name
        return values[metric]


class WarmPoolsAvailable(Metric):
    """Warm pools of training jobs that wait for another job, and are billed while they wait.

    It does not see pools of jobs that were created before look_back_days.
    """

    unit = "Count"
    arguments = {"look_back_days": LOOK_BACK}
    calls = "1 per 100 jobs that were created in look_back_days"
    _iam_permissions = Metric._iam_permissions + _LIST

    def _compute_value(self) -> int:
        jobs = self.newest_first(
            "sagemaker",
            "list_training_jobs",
            "TrainingJobSummaries",
            since=self.now() - timedelta(days=self.arguments["look_back_days"]),
            fields=("WarmPoolStatus",),
            WarmPoolStatusEquals="Available",
        )
        return sum(1 for job in jobs if job.get("WarmPoolStatus", {}).get("Status") == "Available")
