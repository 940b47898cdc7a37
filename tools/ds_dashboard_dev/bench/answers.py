"""What the services answer in a benchmark: always yes, and lists as long as they are asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

# SageMaker's own size of a page.
_PAGE = 10
_numbers = itertools.count(1)


def answer(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call; raises KeyError for one that no benchmark makes."""
    return _ANSWERS[operation](request)


def _list_training_jobs(request: dict[str, Any]) -> dict[str, Any]:
    """As many pages as `NameContains` says."""
    page = int(request.get("NextToken", 1))
    jobs = [
        {
            "TrainingJobName": f"job-{page}-{number}",
            "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111111111111:training-job/job-{page}-{number}",
            "CreationTime": 1_790_000_000.5 + number,
            "TrainingEndTime": 1_790_000_100.5 + number,
            "TrainingJobStatus": "Completed",
        }
        for number in range(_PAGE)
    ]
    more = {"NextToken": str(page + 1)} if page < int(request["NameContains"]) else {}
    return {"TrainingJobSummaries": jobs, **more}


def _put_events(request: dict[str, Any]) -> dict[str, Any]:
    entries = [{"EventId": f"00000000-0000-0000-0000-{next(_numbers):012}"} for _ in request["Entries"]]
    return {"FailedEntryCount": 0, "Entries": entries}


def _get_parameters(request: dict[str, Any]) -> dict[str, Any]:
    """Everything is registered for one account."""
    values = [{"Name": name, "Type": "String", "Value": "222222222222"} for name in request["Names"]]
    return {"Parameters": values, "InvalidParameters": []}


_ANSWERS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "ListTrainingJobs": _list_training_jobs,
    "PutEvents": _put_events,
    "GetParameters": _get_parameters,
    "BatchExecuteStatement": lambda request: {"Responses": [{} for _ in request["Statements"]]},
    "PutItem": lambda request: {},
}
