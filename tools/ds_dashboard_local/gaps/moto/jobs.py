"""Lists of SageMaker's jobs, pipeline executions, models, notebook instances and experiments."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.model import ListShape, StructureShape
from ministack import app

from ds_dashboard_local.engine.middleware import Response
from ds_dashboard_local.engine.patching import gap, wrap_entry
from ds_dashboard_local.gaps.moto.documents import (
    Document,
    answer,
    backend,
    document,
    epoch,
    invalid,
    items,
    read_all,
    shape,
)

Query = dict[str, list[str]]


class _Listed(NamedTuple):
    """A list of jobs: where moto keeps them, what a job is called, and how the list is sorted if nobody says."""

    kind: str
    resource: str
    order: str


_LISTS = {
    "ListTrainingJobs": _Listed("training_jobs", "TrainingJob", "Ascending"),
    "ListProcessingJobs": _Listed("processing_jobs", "ProcessingJob", "Ascending"),
    "ListTransformJobs": _Listed("transform_jobs", "TransformJob", "Descending"),
}
_TIMES = ("CreationTime", "LastModifiedTime")


@gap
def job_lists() -> None:
    """Sort and filter the lists of training, processing and transform jobs, with complete summaries.

    AWS: sorts by SortBy and SortOrder, filters by WarmPoolStatusEquals, and returns SecondaryStatus and WarmPoolStatus
    of a training job, FailureReason and ExitMessage of the others, and the end of a job only if it has ended.

    Engine: moto checks SortBy and SortOrder and ignores them, and returns names, times and status only.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _list_jobs)


async def _list_jobs(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    listed = _LISTS.get(headers.get("x-amz-target", "").rpartition(".")[2])
    if listed is None:
        passed_on: Response = await original(method, path, headers, body, query_params)
        return passed_on
    given: dict[str, Any] = json.loads(body or b"{}")
    by, order = given.get("SortBy") or "CreationTime", given.get("SortOrder") or listed.order
    for value, allowed in ((by, ("Name", "CreationTime", "Status")), (order, ("Ascending", "Descending"))):
        if value not in allowed:
            return invalid(f"Value '{value}' failed to satisfy constraint: Member must be one of {', '.join(allowed)}")
    found = [document(listed.resource, item) for _, item in items(backend(), listed.kind)]
    found = [job for job in found if _matches(job, listed.resource, given)]
    found.sort(key=_sort_key(listed.resource, by), reverse=order == "Descending")
    key = f"{listed.resource}Summaries"
    summary = shape(key)
    assert isinstance(summary, ListShape)
    assert isinstance(summary.member, StructureShape)
    members = summary.member.members
    return answer({key: [{name: job[name] for name in members if name in job} for job in found]})


def _matches(job: Document, resource: str, given: dict[str, Any]) -> bool:
    if given.get("NameContains", "") not in job[f"{resource}Name"]:
        return False
    if given.get("StatusEquals") not in (None, job[f"{resource}Status"]):
        return False
    if given.get("WarmPoolStatusEquals") not in (None, job.get("WarmPoolStatus", {}).get("Status")):
        return False
    return _within(given, {time: epoch(job[time]) for time in _TIMES})


def _within(given: dict[str, Any], item: Document) -> bool:
    """Return whether the times of an item, in seconds, are between those of a request."""
    between = all(
        given.get(f"{time}After", 0) < item[time] < given.get(f"{time}Before", float("inf"))
        for time in _TIMES
        if time in item
    )
    # The lists of experiments and executions have another name for it.
    return between and given.get("CreatedAfter", 0) < item["CreationTime"] < given.get("CreatedBefore", float("inf"))


def _sort_key(resource: str, by: str) -> Callable[[Document], Any]:
    field = by if by == "CreationTime" else f"{resource}{by}"
    return lambda job: (job[field], job[f"{resource}Name"])


@gap
def pipeline_execution_lists() -> None:
    """Sort the executions of a pipeline, and filter them by their times.

    AWS: filters by CreatedAfter and CreatedBefore, sorts by SortBy and SortOrder, and returns the newest first unless
    told otherwise.

    Engine: moto ignores all four, and returns the reason "None" for an execution that has not failed.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _list_executions)


async def _list_executions(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    status, answer_headers, content = await original(method, path, headers, body, query_params)
    if not headers.get("x-amz-target", "").endswith(".ListPipelineExecutions") or status != 200:
        return status, answer_headers, content
    given: dict[str, Any] = json.loads(body or b"{}")
    created = {arn: epoch(item.creation_time) for arn, item in items(backend(), "pipeline_executions")}
    found = []
    for each in json.loads(content)["PipelineExecutionSummaries"]:
        known = {name: value for name, value in each.items() if value not in (None, "None")}
        # moto starts an execution at once.
        known["StartTime"] = created[each["PipelineExecutionArn"]]
        if _within(given, {"CreationTime": known["StartTime"]}):
            found.append(known)
    field = "PipelineExecutionArn" if given.get("SortBy") == "PipelineExecutionArn" else "StartTime"
    found.sort(key=lambda each: each[field], reverse=given.get("SortOrder") != "Ascending")
    return answer({"PipelineExecutionSummaries": found})


class _Other(NamedTuple):
    """Another list: the key of the answer, what a resource is called, and the order if only one half is requested."""

    key: str
    resource: str
    by: str = "CreationTime"
    order: str = "Descending"


_OTHERS = {
    "ListModels": _Other("Models", "Model"),
    "ListNotebookInstances": _Other("NotebookInstances", "NotebookInstance", "Name", "Ascending"),
    "ListExperiments": _Other("ExperimentSummaries", "Experiment"),
    "ListTrials": _Other("TrialSummaries", "Trial"),
    "ListTrialComponents": _Other("TrialComponentSummaries", "TrialComponent"),
}


@gap
def other_lists() -> None:
    """Sort and filter the lists of models, notebook instances, experiments, trials and trial components.

    AWS: sorts by SortBy and SortOrder, and filters by the times of creation and of the last change.

    Engine: moto ignores the times, and the order of all but notebook instances.
    """
    wrap_entry(app, "SERVICE_HANDLERS", "sagemaker", _list_others)


async def _list_others(
    original: Any, method: str, path: str, headers: dict[str, str], body: bytes, query_params: Query
) -> Response:
    listed = _OTHERS.get(headers.get("x-amz-target", "").rpartition(".")[2])
    given: dict[str, Any] = json.loads(body or b"{}")

    async def call(request: Document) -> Response:
        one: Response = await original(method, path, headers, json.dumps(request).encode(), query_params)
        return one

    if listed is None or not any(name.startswith(("Sort", "Creat", "LastModified")) for name in given):
        return await call(given)
    status, answer_headers, content = await read_all(given, call)
    if status != 200:
        return status, answer_headers, json.dumps(content).encode()
    by = given.get("SortBy") or listed.by
    field = by if by == "CreationTime" else f"{listed.resource}{by}"
    found = [each for each in content[listed.key] if _within(given, each)]
    found.sort(
        key=lambda each: (each[field], each[f"{listed.resource}Name"]),
        reverse=(given.get("SortOrder") or listed.order) == "Descending",
    )
    return answer({listed.key: found})
