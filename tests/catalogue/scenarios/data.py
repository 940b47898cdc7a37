"""Data services: runs and queries over the window's edges, and lists that AWS filters unless it is asked not to."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import boto3

from ds_dashboard.testing import NOW, Answer, Scenario
from ds_dashboard.testing.cloudwatch import Values, metric_data

SINCE = NOW - timedelta(hours=24)


def run(state: str, began: float, ended: float | None, **capacity: Any) -> dict[str, Any]:
    """Return a run of a Glue job that began and ended some hours ago."""
    end = {} if ended is None else {"CompletedOn": NOW - timedelta(hours=ended)}
    return {"JobRunState": state, "StartedOn": NOW - timedelta(hours=began), **end, **capacity}


# Newest first, as Glue returns them.
RUNS: dict[str, list[dict[str, Any]]] = {
    "etl": [
        run("RUNNING", 1, None),
        run("SUCCEEDED", 2, 0, ExecutionTime=1, MaxCapacity=1000.0),
        run("SUCCEEDED", 3, 2, ExecutionTime=3600, MaxCapacity=10.0),
        run("SUCCEEDED", 4, 3, ExecutionTime=3600, MaxCapacity=10.0, DPUSeconds=12345.5),
        run("FAILED", 5, 4, ExecutionTime=0, MaxCapacity=10.0),
        run("TIMEOUT", 71, 24, ExecutionTime=100, WorkerType="G.2X", NumberOfWorkers=5),
        run("SUCCEEDED", 71.5, 24.01, ExecutionTime=100, MaxCapacity=10.0),
        run("SUCCEEDED", 73, 1, ExecutionTime=100, MaxCapacity=10.0),
    ],
    "shell": [run("SUCCEEDED", 1, 0.5, ExecutionTime=10, MaxCapacity=0.0625)] * 21,
    "never run": [],
}
ENDED_RUNS = [
    (job, one)
    for job, runs in RUNS.items()
    for one in runs
    if SINCE <= one.get("CompletedOn", NOW) < NOW and one["StartedOn"] >= NOW - timedelta(days=3)
]
DPU_SECONDS = {"etl": 36000 + Decimal("12345.5") + 100 * 5 * 2, "shell": 21 * 10 * Decimal("0.0625")}


def job_runs(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Glue does for a job."""
    job = parameters["JobName"]
    return {"JobRuns": [{"JobName": job, **one} for one in RUNS[job]]}


GLUE: dict[str, Answer] = {"glue.list_jobs": {"JobNames": list(RUNS)}, "glue.get_job_runs": job_runs}

# Queries of each workgroup, newest first: hours ago, bytes.
QUERIES: dict[str, list[tuple[float, int | None]]] = {
    "primary": [(0.1, None), (1, 10), (2, 20), (24, 400), (24.01, 8000)],
    "team": [*[(3, 1)] * 60, *[(30, 10**9)] * 60],
    "unused": [],
}


def query_ids(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Athena does for a workgroup."""
    group = parameters["WorkGroup"]
    return {"QueryExecutionIds": [f"{group}/{n}" for n in range(len(QUERIES[group]))]}


def queries(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Athena does for some queries, at most 50."""
    assert 0 < len(parameters["QueryExecutionIds"]) <= 50
    made = []
    for one in parameters["QueryExecutionIds"]:
        group, number = one.split("/")
        hours, scanned = QUERIES[group][int(number)]
        statistics = {} if scanned is None else {"DataScannedInBytes": scanned}
        made.append({"Status": {"SubmissionDateTime": NOW - timedelta(hours=hours)}, "Statistics": statistics})
    return {"QueryExecutions": made}


ATHENA: dict[str, Answer] = {
    "athena.list_work_groups": {"WorkGroups": [{"Name": name} for name in QUERIES]},
    "athena.list_query_executions": query_ids,
    "athena.batch_get_query_execution": queries,
}
SCANNED = {
    group: sum(size or 0 for hours, size in some if hours <= 24) for group, some in QUERIES.items() if group != "unused"
}

BATCH_JOBS = [
    *product(("gpu", "cpu"), ("SUBMITTED", "RUNNABLE", "RUNNING", "SUCCEEDED")),
    *[("cpu", "FAILED")] * 15,
]


def batch_jobs(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as Batch does: without a status, running jobs only."""
    wanted = (parameters["jobQueue"], parameters.get("jobStatus", "RUNNING"))
    return {"jobSummaryList": [{"status": status} for queue, status in BATCH_JOBS if (queue, status) == wanted]}


MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:"
EXECUTIONS = metric_data(
    Values("AWS/States", "ExecutionsStarted", {"StateMachineArn": f"{MACHINE}a"}, (1000, *(1,) * 288)),
    Values("AWS/States", "ExecutionsStarted", {"StateMachineArn": f"{MACHINE}b"}, (2, None)),
    Values("AWS/States", "ExecutionsStarted", {"StateMachineArn": f"{MACHINE}a", "Version": "1"}, (9999,)),
    Values("AWS/States", "ExecutionsSucceeded", {"StateMachineArn": f"{MACHINE}a"}, (200,)),
    Values("AWS/States", "ExecutionsFailed", {"StateMachineArn": f"{MACHINE}a"}, (3,)),
    Values("AWS/States", "ExecutionsTimedOut", {"StateMachineArn": f"{MACHINE}b"}, (4,)),
    Values("AWS/States", "ExecutionsAborted", {"StateMachineArn": f"{MACHINE}b"}, (0,)),
)

CLUSTERS = ["WAITING", "RUNNING", "TERMINATED", "STARTING", "TERMINATED_WITH_ERRORS", "TERMINATING", *["RUNNING"] * 12]


def clusters(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as EMR does."""
    return {"Clusters": [{"Status": {"State": one}} for one in CLUSTERS if one in parameters["ClusterStates"]]}


RUNNING = ["p5.48xlarge", "g6e.xlarge", "gr6.4xlarge", "trn2.48xlarge", "inf2.xlarge", "dl1.24xlarge", "g4dn.xlarge"]
NOT_ACCELERATED = ["m5.large", "t3.micro", "i4g.large", "r6g.large", "c7gn.large", "im4gn.large", "d3.xlarge"]
INSTANCES = [*RUNNING, *NOT_ACCELERATED, *["g6e.xlarge"] * 12]


def instances(parameters: dict[str, Any]) -> dict[str, Any]:
    """Answer as EC2 does: two instances in each reservation."""
    assert parameters["Filters"] == [{"Name": "instance-state-name", "Values": ["running"]}]
    pairs = [INSTANCES[at : at + 2] for at in range(0, len(INSTANCES), 2)]
    return {"Reservations": [{"Instances": [{"InstanceType": kind} for kind in pair]} for pair in pairs]}


def two_glue_jobs() -> None:
    """Create jobs with three runs, which have ended at once in moto."""
    glue = boto3.client("glue")
    for name in ("one", "two"):
        glue.create_job(Name=name, Role="any", Command={"Name": "glueetl"}, ExecutionProperty={"MaxConcurrentRuns": 9})
    for name in ("one", "two", "two"):
        glue.start_job_run(JobName=name)


def accelerated() -> Counter[str]:
    """Count the running instances with accelerators."""
    return Counter(kind for kind in INSTANCES if kind not in NOT_ACCELERATED)


def two_clusters() -> None:
    """Create clusters, one of which is terminated."""
    emr = boto3.client("emr")
    for name in ("waits", "ended"):
        made = emr.run_job_flow(
            Name=name,
            Instances={"MasterInstanceType": "m5.xlarge", "InstanceCount": 1, "KeepJobFlowAliveWhenNoSteps": True},
            JobFlowRole="any",
            ServiceRole="any",
        )
    emr.terminate_job_flows(JobFlowIds=[made["JobFlowId"]])


def four_instances() -> None:
    """Start instances, three of which have a GPU, and stop one of these."""
    ec2 = boto3.client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="m5.large")
    made = ec2.run_instances(ImageId=image, MinCount=3, MaxCount=3, InstanceType="g4dn.xlarge")
    ec2.stop_instances(InstanceIds=[made["Instances"][0]["InstanceId"]])


SCENARIOS = [
    Scenario(
        "GlueJobRuns24h",
        value=len(ENDED_RUNS),
        breakdown=Counter(one["JobRunState"] for _, one in ENDED_RUNS),
        answers=GLUE,
    ),
    Scenario(
        "GlueJobRuns24h",
        value=3,
        breakdown={"SUCCEEDED": 3},
        seed=two_glue_jobs,
        now=datetime.now(NOW.tzinfo) + timedelta(hours=1),
        title="jobs of moto",
    ),
    Scenario("GlueDpuSeconds24h", value=sum(DPU_SECONDS.values()), breakdown=DPU_SECONDS, answers=GLUE),
    Scenario(
        "GlueDpuSeconds24h",
        fails="does not tell the capacity of a run of one",
        answers={
            "glue.list_jobs": {"JobNames": ["one"]},
            "glue.get_job_runs": {"JobRuns": [{"JobName": "one", **run("SUCCEEDED", 2, 1, ExecutionTime=5)}]},
        },
        title="a run without capacity",
    ),
    Scenario("AthenaBytesScanned24h", value=sum(SCANNED.values()), breakdown=SCANNED, answers=ATHENA),
    Scenario(
        "AthenaBytesScanned24h",
        fails="does not tell all queries of the workgroup primary: try later",
        answers={
            **ATHENA,
            "athena.list_work_groups": {"WorkGroups": [{"Name": "primary"}]},
            "athena.batch_get_query_execution": {"UnprocessedQueryExecutionIds": [{"ErrorMessage": "try later"}]},
        },
        title="queries that Athena does not tell",
    ),
    Scenario(
        "BatchJobs",
        value=len(BATCH_JOBS),
        breakdown=Counter(BATCH_JOBS),
        answers={
            "batch.describe_job_queues": {"jobQueues": [{"jobQueueName": name} for name in ("gpu", "cpu", "idle")]},
            "batch.list_jobs": batch_jobs,
        },
    ),
    Scenario(
        "StepFunctionsExecutions24h",
        value=290,
        breakdown={"Started": 290, "Succeeded": 200, "Failed": 3, "TimedOut": 4},
        answers={"cloudwatch.get_metric_data": EXECUTIONS},
    ),
    Scenario(
        "EmrClustersActive",
        value=15,
        breakdown={"WAITING": 1, "RUNNING": 13, "STARTING": 1},
        answers={"emr.list_clusters": clusters},
    ),
    Scenario(
        "Ec2AcceleratedInstancesRunning",
        value=accelerated().total(),
        breakdown=accelerated(),
        answers={"ec2.describe_instances": instances},
    ),
    Scenario("EmrClustersActive", value=1, breakdown={"WAITING": 1}, seed=two_clusters, title="clusters of moto"),
    Scenario(
        "Ec2AcceleratedInstancesRunning",
        value=2,
        breakdown={"g4dn.xlarge": 2},
        seed=four_instances,
        title="instances of moto",
    ),
]
