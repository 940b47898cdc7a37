"""Data services: Glue, Athena, Batch, Step Functions, EMR, and EC2 instances with accelerators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard.metrics import Metric, MetricValue, Reader, reading
from ds_dashboard.metrics._aws import METRIC_DATA, METRIC_DATA_USD, exact, on_all
from ds_dashboard.metrics.cloudwatch import Search
from ds_dashboard.metrics.errors import IncompleteAnswer

# Data processing units of a worker.
_DPU = {"Standard": "1", "G.025X": "0.25", "G.1X": "1", "G.2X": "2", "G.4X": "4", "G.8X": "8", "Z.2X": "2"}
_RUN_FIELDS = (
    *("JobName", "JobRunState", "StartedOn", "CompletedOn", "DPUSeconds", "ExecutionTime"),
    *("MaxCapacity", "WorkerType", "NumberOfWorkers"),
)
_BATCH_STATUSES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")
_EMR_STATES = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING")
_EXECUTIONS = {
    "Started": "ExecutionsStarted",
    "Succeeded": "ExecutionsSucceeded",
    "Failed": "ExecutionsFailed",
    "TimedOut": "ExecutionsTimedOut",
    "Aborted": "ExecutionsAborted",
}
# Families of instances with GPUs or with AWS's accelerators: p5.48xlarge, g6e.xlarge, gr6.4xlarge, trn2.48xlarge.
_ACCELERATED = re.compile(r"(p|g|gr|trn|inf|dl)\d")
_QUERIES_PER_CALL = 50
_LOOK_BACK = {
    "look_back_days": {
        "type": "integer",
        "default": 3,
        "minimum": 1,
        "maximum": 30,
        "description": "Runs that began more days ago than this are not read, even if they ended in the window.",
    }
}


class GlueRun(NamedTuple):
    """A run of a Glue job that ended."""

    job: str
    state: str
    ended: datetime
    dpu_seconds: Decimal | None

    @classmethod
    def of(cls, run: dict[str, Any]) -> GlueRun:
        """Read a run of the list."""
        return cls(run["JobName"], run["JobRunState"], run["CompletedOn"], _dpu_seconds(run))


@reading(
    permissions=[
        *on_all("glue:ListJobs"),
        {"Action": "glue:GetJobRuns", "Resource": "arn:**PARTITION**:glue:**REGION**:**ACCOUNT_ID**:job/*"},
    ],
    calls="1 per 100 jobs, and 1 per job and 100 runs that began in look_back_days",
    may_read="arguments and error messages of all runs",
)
def glue_runs(reader: Reader, *, look_back_days: int) -> list[GlueRun]:
    """Runs of all Glue jobs that ended in the last 24 hours."""
    window = reader.window(hours=24)
    since = reader.window(days=look_back_days).since

    def recent(job: str) -> list[GlueRun]:
        found = []
        # Glue documents that the newest runs come first.
        for run in reader.pages("glue", "get_job_runs", "JobRuns", fields=_RUN_FIELDS, JobName=job):
            if run["StartedOn"] < since:
                break
            if run.get("CompletedOn") in window:
                found.append(GlueRun.of(run))
        return found

    jobs = reader.pages("glue", "list_jobs", "JobNames")
    return [run for runs in reader.describe_each(recent, jobs) for run in runs]


def _dpu_seconds(run: dict[str, Any]) -> Decimal | None:
    """Return what a run is billed by; None if Glue does not tell it."""
    if "DPUSeconds" in run:
        return exact(run["DPUSeconds"])
    if "ExecutionTime" not in run:
        return None
    seconds = exact(run["ExecutionTime"])
    if "MaxCapacity" in run:
        return exact(run["MaxCapacity"]) * seconds
    if run.get("WorkerType") in _DPU and "NumberOfWorkers" in run:
        return exact(_DPU[run["WorkerType"]]) * exact(run["NumberOfWorkers"]) * seconds
    return None


class GlueJobRuns24h(Metric):
    """Runs of Glue jobs that ended in the last 24 hours, by state.

    It does not see runs that began before look_back_days, such as those of streaming jobs.
    """

    unit = "Count"
    dimensions = ["State"]
    readings = [glue_runs]
    arguments = _LOOK_BACK

    def _compute_value(self) -> MetricValue:
        runs = self.read(glue_runs, look_back_days=self.arguments["look_back_days"])
        return self.value(breakdown=Counter(run.state for run in runs))


class GlueDpuSeconds24h(Metric):
    """DPU seconds of the runs of Glue jobs that ended in the last 24 hours, by job.

    DPUSeconds where Glue tells it, such as with auto scaling; otherwise ExecutionTime x MaxCapacity, or x workers x the
    DPUs of their type. It counts whole runs that ended in the window, not the seconds inside the window, and not the
    minimum that Glue bills. It does not see runs that began before look_back_days.
    """

    unit = "Seconds"
    dimensions = ["JobName"]
    readings = [glue_runs]
    arguments = _LOOK_BACK

    def _compute_value(self) -> MetricValue:
        seconds: dict[str, Decimal] = {}
        for run in self.read(glue_runs, look_back_days=self.arguments["look_back_days"]):
            if run.dpu_seconds is None:
                raise IncompleteAnswer(f"Glue does not tell the capacity of a run of {run.job}")
            seconds[run.job] = seconds.get(run.job, Decimal(0)) + run.dpu_seconds
        return self.value(breakdown=seconds)


class AthenaBytesScanned24h(Metric):
    """Bytes that Athena queries have scanned which were submitted in the last 24 hours, by workgroup.

    Failed and cancelled queries count with what they scanned, and running ones with what they have scanned so far.
    Athena lists the newest queries first (assumed).
    """

    unit = "Bytes"
    dimensions = ["WorkGroup"]
    calls = "1 per 50 workgroups, and 2 per workgroup and 50 queries of 24 hours"
    may_read = "texts, results' places and errors of all queries"
    _iam_permissions = (
        Metric._iam_permissions
        + on_all("athena:ListWorkGroups")
        + [
            {
                "Action": ["athena:BatchGetQueryExecution", "athena:ListQueryExecutions"],
                "Resource": "arn:**PARTITION**:athena:**REGION**:**ACCOUNT_ID**:workgroup/*",
            }
        ]
    )

    def _compute_value(self) -> MetricValue:
        groups = [one["Name"] for one in self.pages("athena", "list_work_groups", "WorkGroups", fields=("Name",))]
        scanned = dict(zip(groups, self.describe_each(self._scanned, groups), strict=True))
        return self.value(breakdown={group: size for group, size in scanned.items() if size})

    def _scanned(self, group: str) -> int:
        window = self.window(hours=24)
        total = 0
        for ids in _chunks(self.pages("athena", "list_query_executions", "QueryExecutionIds", WorkGroup=group)):
            answer = self.call("athena", "batch_get_query_execution", QueryExecutionIds=ids)
            if answer.get("UnprocessedQueryExecutionIds"):
                reason = answer["UnprocessedQueryExecutionIds"][0].get("ErrorMessage")
                raise IncompleteAnswer(f"Athena does not tell all queries of the workgroup {group}: {reason}")
            queries = answer["QueryExecutions"]
            submitted = [one["Status"]["SubmissionDateTime"] for one in queries]
            total += sum(
                one.get("Statistics", {}).get("DataScannedInBytes", 0)
                for one, at in zip(queries, submitted, strict=True)
                if at in window
            )
            if min(submitted) < window.since:
                break
        return total


def _chunks(ids: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for one in ids:
        chunk.append(one)
        if len(chunk) == _QUERIES_PER_CALL:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class BatchJobs(Metric):
    """Jobs of AWS Batch by queue and status.

    Array and multi-node jobs count once. Jobs that have ended stay in the list for some days (assumed).
    """

    unit = "Count"
    dimensions = ["Queue", "Status"]
    calls = "1 per 100 queues, and 7 per queue and 100 jobs of a status"
    may_read = "names, images and exit codes of all jobs"
    _iam_permissions = Metric._iam_permissions + on_all("batch:DescribeJobQueues", "batch:ListJobs")

    def _compute_value(self) -> MetricValue:
        queues = self.pages("batch", "describe_job_queues", "jobQueues", fields=("jobQueueName",))
        # Without a status, Batch returns running jobs only.
        kinds = [(one["jobQueueName"], status) for one in queues for status in _BATCH_STATUSES]
        counts = self.describe_each(self._jobs, kinds)
        return self.value(breakdown={kind: count for kind, count in zip(kinds, counts, strict=True) if count})

    def _jobs(self, kind: tuple[str, str]) -> int:
        queue, status = kind
        jobs = self.pages("batch", "list_jobs", "jobSummaryList", fields=(), jobQueue=queue, jobStatus=status)
        return sum(1 for _ in jobs)


class StepFunctionsExecutions24h(Metric):
    """Executions of state machines that started in the last 24 hours; those that ended, by status.

    The headline is the row Started, and the other rows are executions that ended in the window: Succeeded, Failed,
    TimedOut and Aborted. CloudWatch gets these numbers with best effort: AWS does not guarantee that they are complete.
    """

    unit = "Count"
    dimensions = ["Status"]
    historical = True
    calls = "1 GetMetricData, together with the other metrics of the run"
    usd = 5 * METRIC_DATA_USD
    _iam_permissions = Metric._iam_permissions + METRIC_DATA

    def _compute_value(self) -> MetricValue:
        queries = [Search("AWS/States", ("StateMachineArn",), metric, "Sum") for metric in _EXECUTIONS.values()]
        counts: Counter[Any] = Counter()
        for status, found in zip(_EXECUTIONS, self.search_all(queries, self.window(hours=24)), strict=True):
            counts[status] += sum(int(series.total or 0) for series in found.values())
        return self.value(counts["Started"], breakdown={status: count for status, count in counts.items() if count})


class EmrClustersActive(Metric):
    """EMR clusters that are billed, by state: STARTING, BOOTSTRAPPING, RUNNING, and WAITING, which are idle.

    EMR on EKS and EMR Serverless are not in it.
    """

    unit = "Count"
    dimensions = ["State"]
    calls = "1 per 50 clusters"
    _iam_permissions = Metric._iam_permissions + on_all("elasticmapreduce:ListClusters")

    def _compute_value(self) -> MetricValue:
        clusters = self.pages("emr", "list_clusters", "Clusters", fields=("Status",), ClusterStates=list(_EMR_STATES))
        return self.value(breakdown=Counter(one["Status"]["State"] for one in clusters))


class Ec2AcceleratedInstancesRunning(Metric):
    """Running EC2 instances with accelerators, by type: the families p, g, gr, trn, inf and dl.

    Instances of SageMaker are not in it; those of Batch, EKS and EMR are.
    """

    unit = "Count"
    dimensions = ["InstanceType"]
    calls = "1 per 1,000 running instances"
    may_read = "addresses, tags and settings of all instances"
    _iam_permissions = Metric._iam_permissions + on_all("ec2:DescribeInstances")

    def _compute_value(self) -> MetricValue:
        reservations = self.pages(
            "ec2",
            "describe_instances",
            "Reservations",
            fields=_types,
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}],
            MaxResults=1000,
        )
        return self.value(breakdown=Counter(kind for kinds in reservations for kind in kinds))


def _types(reservation: dict[str, Any]) -> list[str]:
    types = [one["InstanceType"] for one in reservation.get("Instances", ())]
    return [one for one in types if _ACCELERATED.match(one)]
