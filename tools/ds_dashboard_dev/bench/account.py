"""A script for a fresh process: extracts metrics of an unpacked package in an account that answers in the process.

It reads a job from standard input as JSON: `folder` (the package), `instances` (as in
DS_DASHBOARD_METRIC_INSTANCES), `rounds` (lists of names, each extracted in turn), `seconds` (what a call takes),
`limits` ("none", or "simulated": the time that calls wait for their turn passes on a clock of its own), and `jobs` (the
number of training jobs in the account). It prints as JSON, for each round, its `seconds`, those of the `processor`, the
`simulated` ones, `calls` (service, operation, and a hash of the request), and the `failed` metrics with their reasons;
and the process's peak memory in `megabytes`. It imports nothing of this package, as a function does not.

botocore builds, signs and parses as always. Instead of being sent, a request gets an answer that fits the service's
model: two items in each list, and no further page. Training jobs are answered in pages, sorted and filtered.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import logging
import os
import resource
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

ACCOUNT, REGION = "123456789012", "eu-west-1"
NOW = datetime.now(UTC).replace(microsecond=0)
_PAGE_TOKENS = {"nexttoken", "nextmarker", "marker", "nextpagetoken", "paginationtoken", "continuationtoken"}
_SECONDS_BETWEEN_JOBS = 86.4  # a thousand a day
_JOB_SECONDS = 3000
_STATUSES = ("Completed",) * 8 + ("Failed", "Stopped")
_MAX_DEPTH = 7
# Answers are remembered in accounts with at most so many jobs.
_MAX_REMEMBERED = 1000

_Answer = tuple[Mapping[str, str], bytes]  # headers and body


class Clock:
    """A clock that passes only while somebody waits, and then at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.seconds = 0.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.seconds

    def pause(self, seconds: float) -> None:
        """Let seconds pass."""
        until = self.seconds + seconds
        with self._lock:
            self.seconds = max(self.seconds, until)


class Context:
    """The part of Lambda's context that the handler uses."""

    invoked_function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:ds-dashboard-extract"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that a function with a timeout of 15 minutes has when it starts."""
        return 900_000


class Account:
    """Answers the calls of clients.

    Args:
        seconds: what a call takes.
        jobs: the number of training jobs.
    """

    def __init__(self, seconds: float, jobs: int) -> None:
        self._seconds, self._jobs = seconds, jobs
        self._answers: dict[str, _Answer] = {}
        self._searched: dict[tuple[tuple[str, str, str], ...], Sequence[int]] = {}
        self.calls: list[tuple[str, str, str]] = []
        self.failed: dict[str, str] = {}

    def answer(self, model: Any, event_name: str, request: Any, **_: Any) -> AWSResponse:
        """Answer a request: a handler of botocore's event `before-send`, after the service's model."""
        operation = model.operation_model(event_name.rpartition(".")[2])
        body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
        if operation.name == "PutEvents":
            return self._put_events(request, json.loads(body))
        identity = hashlib.sha256(request.url.encode() + body).hexdigest()
        self.calls.append((model.service_name, operation.name, identity))
        time.sleep(self._seconds)
        if identity not in self._answers:
            answer = self._made(model, operation, body)
            if self._jobs > _MAX_REMEMBERED:
                return _response(request, *answer)
            # To make an answer takes processor time, which the metrics do not take.
            self._answers[identity] = answer
        return _response(request, *self._answers[identity])

    def _made(self, model: Any, operation: Any, body: bytes) -> _Answer:
        if operation.name in ("ListTrainingJobs", "Search"):
            return {}, json.dumps(self._training_jobs(operation.name, json.loads(body))).encode()
        protocol = operation.service_model.resolved_protocol
        content = _CONTENTS.get(operation.name, partial(_example_of, operation))(body)
        if protocol == "smithy-rpc-v2-cbor":
            import cbor2

            encoded = cbor2.dumps(content, datetime_as_timestamp=True, timezone=UTC)
            return {"smithy-protocol": "rpc-v2-cbor"}, encoded
        # moto is installed with the local cloud.
        from moto.core.serialize import get_serializer_class
        from moto.core.utils import get_service_model

        described = get_service_model(model.service_name).operation_model(operation.name)
        made = get_serializer_class(model.service_name, protocol)(operation_model=described).serialize(content)
        text = made["body"]
        return made["headers"], text if isinstance(text, bytes) else text.encode()

    def _put_events(self, request: Any, given: dict[str, Any]) -> AWSResponse:
        for entry in given["Entries"]:
            detail = json.loads(entry["Detail"])
            if "ErrorType" in detail:
                self.failed[detail["MetricName"]] = f"{detail['ErrorType']}: {detail['ErrorMessage']}"
        entries = [{"EventId": f"{number}"} for number in range(len(given["Entries"]))]
        return _response(request, {}, json.dumps({"FailedEntryCount": 0, "Entries": entries}).encode())

    def _training_jobs(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Answer ListTrainingJobs and Search: the jobs in order, the newest first."""
        if operation == "Search" and given["Resource"] != "TrainingJob":
            return {"Results": [], "TotalHits": {"Value": 0, "Relation": "EqualTo"}}
        filters = given.get("SearchExpression", {}).get("Filters", ())
        start, size = int(given.get("NextToken", 0)), given.get("MaxResults", 10)
        numbers = self._found(tuple((one["Name"], one["Operator"], one["Value"]) for one in filters))
        page = [_job(number) for number in numbers[start : start + size]]
        more = {"NextToken": str(start + size)} if start + size < len(numbers) else {}
        if operation == "Search":
            hits = {"Value": len(numbers), "Relation": "EqualTo"}
            return {"Results": [{"TrainingJob": job} for job in page], "TotalHits": hits, **more}
        # SageMaker cuts the page first and filters it then.
        wanted = given.get("StatusEquals")
        return {"TrainingJobSummaries": [job for job in page if wanted in (None, job["TrainingJobStatus"])], **more}

    def _found(self, filters: tuple[tuple[str, str, str], ...]) -> Sequence[int]:
        """Return the numbers of the jobs that pass all filters."""
        if filters not in self._searched:
            jobs = range(self._jobs)
            self._searched[filters] = [n for n in jobs if all(_passes(n, *one) for one in filters)] if filters else jobs
        return self._searched[filters]


def _created(number: int) -> float:
    return NOW.timestamp() - (number + 1) * _SECONDS_BETWEEN_JOBS


def _status(number: int) -> str:
    runs = _created(number) + 120 + _JOB_SECONDS > NOW.timestamp()
    return "InProgress" if runs else _STATUSES[number % len(_STATUSES)]


def _passes(number: int, name: str, operator: str, value: str) -> bool:
    if name == "TrainingJobStatus":
        return _status(number) in value.split(",")
    started = _created(number) + 120
    at = started if name == "TrainingStartTime" else started + _JOB_SECONDS
    limit = _time(value)
    if name == "TrainingEndTime" and _status(number) == "InProgress":
        return False
    return at >= limit if operator == "GreaterThanOrEqualTo" else at <= limit


@cache
def _time(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _job(number: int) -> dict[str, Any]:
    created, status = _created(number), _status(number)
    ended = {"TrainingEndTime": created + 120 + _JOB_SECONDS} if status != "InProgress" else {}
    return {
        "TrainingJobName": f"job-{number}",
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/job-{number}",
        "TrainingJobStatus": status,
        "SecondaryStatus": status,
        "CreationTime": created,
        "LastModifiedTime": created + 120 + _JOB_SECONDS,
        "TrainingStartTime": created + 120,
        **ended,
        "TrainingTimeInSeconds": _JOB_SECONDS,
        "BillableTimeInSeconds": _JOB_SECONDS // 2,
        "EnableManagedSpotTraining": number % 3 == 0,
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        "HyperParameters": {f"parameter-{index}": "0.1" for index in range(20)},
    }


def _response(request: Any, headers: Mapping[str, str], body: bytes) -> AWSResponse:
    found = HTTPHeaders()
    for name, value in headers.items():
        found[name] = str(value)
    return AWSResponse(request.url, 200, found, _Raw(body))


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def _example_of(operation: Any, body: bytes) -> Any:
    return {} if operation.output_shape is None else _example(operation.output_shape, "", 0, 0)


def _example(shape: Any, name: str, number: int, depth: int) -> Any:
    """Return a value that fits a shape."""
    kind = shape.type_name
    if kind == "structure":
        # Exactly one member of a union is set.
        members = list(shape.members.items())[: 1 if shape.is_tagged_union else None]
        return {
            member: _example(inner, member, number, depth + 1)
            for member, inner in members
            if member.lower() not in _PAGE_TOKENS and depth < _MAX_DEPTH
        }
    if kind == "list":
        # Such as failedAccounts.
        if name.lower().startswith(("failed", "unprocessed")):
            return []
        return [_example(shape.member, name, index, depth + 1) for index in range(2)] if depth < _MAX_DEPTH else []
    if kind == "map":
        keys = shape.key.enum or [_text(shape.key, shape.key.name, number)]
        return {key: _example(shape.value, name, number, depth + 1) for key in keys}
    if kind == "string":
        return _text(shape, name, number)
    if kind == "timestamp":
        return NOW - timedelta(hours=1 + number)
    examples: dict[str, Any] = {"boolean": False, "blob": b"", "float": 1.5, "double": 1.5}
    return examples.get(kind, 1 + number)


def _text(shape: Any, name: str, number: int) -> str:
    if shape.enum:
        return str(shape.enum[0])
    lower = name.lower()
    if lower.endswith("arn"):
        return f"arn:aws:service:{REGION}:{ACCOUNT}:resource/{number}"
    if "account" in lower:
        return ACCOUNT
    if "amount" in lower or "percentage" in lower or lower.startswith("total"):
        return "12.5"
    if "currency" in lower:
        return "USD"
    return {"unit": "USD", "date": f"{NOW:%Y-%m-%d}", "metricname": "UnblendedCost"}.get(lower, f"{lower}-{number}")


def _metric_data(body: bytes) -> dict[str, Any]:
    """Answer each query with one value at the start of its window."""
    import cbor2

    given = cbor2.loads(body) if body[:1] not in (b"{", b"A") else json.loads(body)
    start = given["StartTime"]
    at = start if isinstance(start, datetime) else datetime.fromtimestamp(float(start), UTC)
    return {
        "MetricDataResults": [
            {
                "Id": query["Id"],
                "Label": query.get("Label", "label").replace("${", "").replace("}", ""),
                "Timestamps": [at],
                "Values": [12.0],
                "StatusCode": "Complete",
            }
            for query in given["MetricDataQueries"]
        ]
    }


_REPORT = ",".join(
    (
        "user,arn,user_creation_time,password_enabled,mfa_active",
        *(f"access_key_{number}_{name}" for number in (1, 2) for name in ("active", "last_rotated")),
    )
)
_CONTENTS: dict[str, Any] = {
    "GetMetricData": _metric_data,
    "GenerateCredentialReport": lambda body: {"State": "COMPLETE"},
    "GetCredentialReport": lambda body: {"Content": _REPORT.encode(), "ReportFormat": "text/csv", "GeneratedTime": NOW},
}


def main() -> None:
    """Run the job."""
    job: dict[str, Any] = json.load(sys.stdin)
    sys.path.insert(0, job["folder"])
    os.environ["DS_DASHBOARD_METRIC_INSTANCES"] = json.dumps(job["instances"])
    answer = os.fdopen(os.dup(1), "w")
    # The handler writes its logs as it does on Lambda, but nobody reads them here.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.basicConfig(stream=sys.stdout)
    aws, rates, run = (
        importlib.import_module(f"ds_dashboard.{name}") for name in ("aws", "metrics.rates", "metrics.run")
    )
    account, clock = Account(job["seconds"], job["jobs"]), Clock()
    _patch(aws, "_make", partial(_answered_client, account, getattr(aws, "_make")))  # noqa: B009
    if job["limits"] == "none":
        _patch(rates, "limit", lambda client, wait: client)
    else:
        _patch(rates, "TokenBucket", partial(getattr(rates, "TokenBucket"), clock=clock))  # noqa: B009
        _patch(run.Run, "pause", lambda self, seconds: clock.pause(seconds))
    handler = importlib.import_module("ds_dashboard.handlers.extract").handler
    rounds = [_round(handler, account, clock, names, number) for number, names in enumerate(job["rounds"])]
    json.dump({"rounds": rounds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}, answer)
    answer.close()


def _patch(owner: Any, name: str, value: Any) -> None:
    # setattr alone would create a name that was renamed in the code, and measure without the patch.
    getattr(owner, name)
    setattr(owner, name, value)


def _answered_client(account: Account, make: Any, service: str, brief: bool, region: str | None = None) -> Any:
    """Return a client whose requests the account answers."""
    client = make(service, brief, region)
    client.meta.events.register("before-send", partial(account.answer, client.meta.service_model))
    return client


def _round(handler: Any, account: Account, clock: Clock, names: list[str], number: int) -> dict[str, Any]:
    account.calls, account.failed = [], {}
    before, started, processor = clock(), time.perf_counter(), time.process_time()
    handler({"detail": {"RefreshId": f"round-{number}", "Metrics": names}}, Context())
    return {
        "seconds": time.perf_counter() - started,
        "processor": time.process_time() - processor,
        "simulated": clock() - before,
        "calls": account.calls,
        "failed": account.failed,
    }


main()
