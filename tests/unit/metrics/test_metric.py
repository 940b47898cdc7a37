"""What `Metric` provides to authors: lists read to their end, clients, and breakdowns."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.paginate import PaginationError
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import Metric
from ds_dashboard.metrics.errors import IncompleteAnswer

Stub = Callable[[str], Stubber]


def test_an_empty_page_with_a_token_is_not_the_end(stubbed: Stub, metric: Metric) -> None:
    """With StatusEquals, SageMaker filters each page after it is read, so a page in the middle may be empty."""
    sagemaker = stubbed("sagemaker")
    summary = {"EndpointName": "a", "EndpointArn": "arn:aws:sagemaker:eu-west-1:1:endpoint/aaaaaaa"}
    summary |= {"CreationTime": 0, "LastModifiedTime": 0, "EndpointStatus": "InService"}  # type: ignore[dict-item]
    for request, answer in (
        ({}, {"Endpoints": [summary], "NextToken": "two"}),
        ({"NextToken": "two"}, {"Endpoints": [], "NextToken": "three"}),
        ({"NextToken": "three"}, {"Endpoints": [summary, summary]}),
    ):
        expected = {"StatusEquals": "InService", "MaxResults": 100, **request}
        sagemaker.add_response("list_endpoints", answer, expected)
    assert metric.count("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService") == 3
    sagemaker.assert_no_pending_responses()


def test_an_operation_without_a_paginator_is_read_to_its_end(stubbed: Stub, metric: Metric) -> None:
    """Botocore has paginators for most list operations, but not for ListProjects."""
    sagemaker = stubbed("sagemaker")
    assert not metric.client("sagemaker").can_paginate("list_projects")
    project = {"ProjectName": "a", "ProjectArn": "arn:aws:sagemaker:eu-west-1:1:project/a", "ProjectId": "p-1234"}
    project |= {"CreationTime": 0, "ProjectStatus": "CreateCompleted"}  # type: ignore[dict-item]
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [project], "NextToken": "two"}, {"MaxResults": 100})
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [project]}, {"MaxResults": 100, "NextToken": "two"})
    assert metric.count("sagemaker", "list_projects", "ProjectSummaryList") == 2
    sagemaker.assert_no_pending_responses()


def test_the_page_size_keeps_to_the_service_s_limit(stubbed: Stub, metric: Metric) -> None:
    """GetParametersByPath rejects more than 10."""
    ssm = stubbed("ssm")
    ssm.add_response(
        "get_parameters_by_path",
        {"Parameters": [{"Name": "/a/b", "Value": "1", "Type": "String"}]},
        {"Path": "/a", "MaxResults": 10},
    )
    assert [one["Name"] for one in metric.pages("ssm", "get_parameters_by_path", "Parameters", Path="/a")] == ["/a/b"]


@pytest.mark.parametrize(
    ("operation", "key"), [("list_projects", "ProjectSummaryList"), ("list_endpoints", "Endpoints")]
)
def test_the_same_token_twice_is_a_failure(stubbed: Stub, metric: Metric, operation: str, key: str) -> None:
    """The metric would read forever, or count a part of the list as the whole; with a paginator and without."""
    sagemaker = stubbed("sagemaker")
    for _ in range(3):
        sagemaker.add_response(operation, {key: [], "NextToken": "again"})
    with pytest.raises((IncompleteAnswer, PaginationError), match="same"):
        metric.count("sagemaker", operation, key)


def test_denied_on_the_second_page_is_a_failure(stubbed: Stub, metric: Metric) -> None:
    """The number of items on the first page alone would look correct."""
    sagemaker = stubbed("sagemaker")
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [], "NextToken": "two"})
    sagemaker.add_client_error("list_projects", "AccessDeniedException", http_status_code=400)
    with pytest.raises(ClientError, match="AccessDenied"):
        metric.count("sagemaker", "list_projects", "ProjectSummaryList")


def test_a_misspelled_key_is_named_with_the_existing_ones(stubbed: Stub, metric: Metric) -> None:
    """Otherwise, the count would always be zero."""
    stubbed("sagemaker")
    with pytest.raises(IncompleteAnswer, match=r"answers with Endpoints, NextToken, and not with 'EndPoints'"):
        metric.count("sagemaker", "list_endpoints", "EndPoints")


def test_an_operation_that_this_boto3_lacks_is_named(stubbed: Stub, metric: Metric) -> None:
    """The runtime's boto3 may be older than the author's: the failure names the fix, unlike an AttributeError."""
    stubbed("sagemaker")
    with pytest.raises(IncompleteAnswer, match=r"no operation list_wonders for sagemaker.*newer boto3"):
        metric.count("sagemaker", "list_wonders", "Wonders")


class Split(Metric):
    """A metric with two dimensions."""

    dimensions = ("InstanceType", "Status")

    def _compute_value(self) -> int:
        return 0


def test_all_threads_share_one_client_of_a_service(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    """Creating one takes 60 to 170 ms, and is not thread-safe."""
    made: list[str] = []
    found: list[Any] = []
    here, arrived, go_on = threading.Barrier(8), threading.Semaphore(0), threading.Event()

    def make(service: str, brief: bool, region: str | None) -> object:
        made.append(service)
        go_on.wait(10)
        return object()

    def ask() -> None:
        here.wait(10)
        arrived.release()
        found.append(metric.client("ssm"))

    monkeypatch.setattr(aws, "_make", make)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert arrived.acquire(timeout=10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert made == ["ssm"]
    assert len(found) == 8
    assert len({id(one) for one in found}) == 1


def test_clients_retry_adaptively_and_time_out(metric: Metric) -> None:
    """List calls are throttled for the whole account, and one silent connection must not take the function's time."""
    config = metric.client("sagemaker").meta.config
    assert config.retries["mode"] == "adaptive"
    assert config.read_timeout <= 30
    assert config.max_pool_connections >= 32


def test_a_counter_becomes_rows_of_a_breakdown() -> None:
    """This is the usual way to count by kind. Keys of several dimensions are tuples."""
    split = Split("Split", "Project1", {}, "dev")
    value = split.value(3, breakdown=Counter({("ml.m5.large", "Completed"): 2, ("ml.g5.xlarge", "Failed"): 1}))
    assert value.value == 3
    assert value.breakdown == [
        {"Dimensions": {"InstanceType": "ml.m5.large", "Status": "Completed"}, "Value": 2},
        {"Dimensions": {"InstanceType": "ml.g5.xlarge", "Status": "Failed"}, "Value": 1},
    ]
    assert split.value(3, breakdown=value.breakdown).breakdown == value.breakdown


@pytest.mark.parametrize(
    "breakdown",
    [{"ml.m5.large": 2}, [{"Dimensions": {"InstanceType": "x"}, "Value": 1}], [{"InstanceType": "x", "Value": 1}]],
)
def test_rows_that_do_not_fit_the_dimensions_are_rejected(breakdown: Any) -> None:
    """A chart would silently drop them."""
    with pytest.raises(ValueError, match=r"Split: .*InstanceType"):
        Split("Split", "Project1", {}, "dev").value(3, breakdown=breakdown)
