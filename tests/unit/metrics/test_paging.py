"""Lists are read to their end, or the metric fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from botocore.paginate import PaginationError
from botocore.stub import Stubber

from ds_dashboard.metrics import Metric
from ds_dashboard.metrics.errors import IncompleteAnswer

Stub = Callable[[str], Stubber]


def test_an_empty_page_with_a_token_is_not_the_end(stubbed: Stub, metric: Metric) -> None:
    """With StatusEquals, SageMaker filters after it has cut the page: the middle one may have nothing left."""
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


def test_an_operation_without_a_paginator_is_read_to_its_end_too(stubbed: Stub, metric: Metric) -> None:
    """Botocore knows paginators for most list operations, not for all: ListProjects has none."""
    sagemaker = stubbed("sagemaker")
    assert not metric.client("sagemaker").can_paginate("list_projects")
    project = {"ProjectName": "a", "ProjectArn": "arn:aws:sagemaker:eu-west-1:1:project/a", "ProjectId": "p-1234"}
    project |= {"CreationTime": 0, "ProjectStatus": "CreateCompleted"}  # type: ignore[dict-item]
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [project], "NextToken": "two"}, {"MaxResults": 100})
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [project]}, {"MaxResults": 100, "NextToken": "two"})
    assert metric.count("sagemaker", "list_projects", "ProjectSummaryList") == 2
    sagemaker.assert_no_pending_responses()


def test_the_page_size_keeps_to_the_service_s_limit(stubbed: Stub, metric: Metric) -> None:
    """GetParametersByPath refuses more than 10."""
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
    """It would be read for ever, or be cut off somewhere and pass for the whole; with a paginator and without."""
    sagemaker = stubbed("sagemaker")
    for _ in range(3):
        sagemaker.add_response(operation, {key: [], "NextToken": "again"})
    with pytest.raises((IncompleteAnswer, PaginationError), match="same"):
        metric.count("sagemaker", operation, key)


def test_denied_on_the_second_page_is_a_failure(stubbed: Stub, metric: Metric) -> None:
    """The first page alone would be a number that looks right."""
    sagemaker = stubbed("sagemaker")
    sagemaker.add_response("list_projects", {"ProjectSummaryList": [], "NextToken": "two"})
    sagemaker.add_client_error("list_projects", "AccessDeniedException", http_status_code=400)
    with pytest.raises(ClientError, match="AccessDenied"):
        metric.count("sagemaker", "list_projects", "ProjectSummaryList")


def test_a_misspelt_key_is_named_with_what_there_is(stubbed: Stub, metric: Metric) -> None:
    """Without this the count would be zero for ever."""
    stubbed("sagemaker")
    with pytest.raises(IncompleteAnswer, match=r"answers with Endpoints, NextToken, and not with 'EndPoints'"):
        metric.count("sagemaker", "list_endpoints", "EndPoints")


def test_an_operation_that_this_boto3_lacks_is_named(stubbed: Stub, metric: Metric) -> None:
    """The runtime's boto3 is older than the author's: a failure with a cure, not an AttributeError."""
    stubbed("sagemaker")
    with pytest.raises(IncompleteAnswer, match=r"no operation list_wonders for sagemaker.*newer boto3"):
        metric.count("sagemaker", "list_wonders", "Wonders")
