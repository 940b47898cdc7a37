"""What `Metric` gives to authors: clients, all pages, arguments, breakdowns; and the registry that makes instances."""

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.paginate import PaginationError
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import Metric, MetricUnavailable, registry
from ds_dashboard.metrics.errors import IncompleteAnswer


class _Plain(Metric):
    def _compute_value(self) -> int:
        return 0


class Arguments(Metric):
    """An argument of each type."""

    arguments = {
        "text": {"type": "string"},
        "ratio": {"type": "number"},
        "most": {"type": "integer", "default": 5},
        "strict": {"type": "boolean", "required": False},
        "filters": {"type": "json", "default": []},
    }

    def _compute_value(self) -> int:
        return 0


class Split(Metric):
    """Jobs by two words."""

    dimensions = ("InstanceType", "Status")

    def _compute_value(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def own_clients(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    aws.forget()
    yield
    aws.forget()
    registry.use_index(None)


@pytest.fixture
def metric() -> Metric:
    return _Plain("Plain", "Project1", {}, "dev")


def stubbed(service: str) -> Stubber:
    client = boto3.client(service)  # type: ignore[call-overload]
    aws.use(service, client)
    stubber = Stubber(client)
    stubber.activate()
    return stubber


def parameter(name: str) -> dict[str, Any]:
    return {"Name": name, "Value": "1", "Type": "String"}


class TestPages:
    def test_an_empty_page_with_a_token_is_not_the_end(self, metric: Metric) -> None:
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

    def test_an_operation_without_a_paginator_is_read_to_its_end_too(self, metric: Metric) -> None:
        """botocore knows paginators for most list operations, not for all: ListProjects has none."""
        sagemaker = stubbed("sagemaker")
        assert not metric.client("sagemaker").can_paginate("list_projects")
        project = {"ProjectName": "a", "ProjectArn": "arn:aws:sagemaker:eu-west-1:1:project/a", "ProjectId": "p-1234"}
        project |= {"CreationTime": 0, "ProjectStatus": "CreateCompleted"}  # type: ignore[dict-item]
        sagemaker.add_response(
            "list_projects", {"ProjectSummaryList": [project], "NextToken": "two"}, {"MaxResults": 100}
        )
        sagemaker.add_response(
            "list_projects", {"ProjectSummaryList": [project]}, {"MaxResults": 100, "NextToken": "two"}
        )
        assert metric.count("sagemaker", "list_projects", "ProjectSummaryList") == 2
        sagemaker.assert_no_pending_responses()

    def test_the_page_size_keeps_to_the_service_s_limit(self, metric: Metric) -> None:
        """GetParametersByPath refuses more than 10."""
        ssm = stubbed("ssm")
        ssm.add_response(
            "get_parameters_by_path", {"Parameters": [parameter("/a/b")]}, {"Path": "/a", "MaxResults": 10}
        )
        assert [one["Name"] for one in metric.pages("ssm", "get_parameters_by_path", "Parameters", Path="/a")] == [
            "/a/b"
        ]

    @pytest.mark.parametrize(
        ("operation", "key"), [("list_projects", "ProjectSummaryList"), ("list_endpoints", "Endpoints")]
    )
    def test_the_same_token_twice_is_a_failure(self, metric: Metric, operation: str, key: str) -> None:
        """It would be read for ever, or be cut off somewhere and pass for the whole; with a paginator and without."""
        sagemaker = stubbed("sagemaker")
        for _ in range(3):
            sagemaker.add_response(operation, {key: [], "NextToken": "again"})
        with pytest.raises((IncompleteAnswer, PaginationError), match="same"):
            metric.count("sagemaker", operation, key)

    def test_denied_on_the_second_page_is_a_failure(self, metric: Metric) -> None:
        """The first page alone would be a number that looks right."""
        sagemaker = stubbed("sagemaker")
        sagemaker.add_response("list_projects", {"ProjectSummaryList": [], "NextToken": "two"})
        sagemaker.add_client_error("list_projects", "AccessDeniedException", http_status_code=400)
        with pytest.raises(ClientError, match="AccessDenied"):
            metric.count("sagemaker", "list_projects", "ProjectSummaryList")

    def test_a_misspelt_key_is_named_with_what_there_is(self, metric: Metric) -> None:
        """Without this the count would be zero for ever."""
        stubbed("sagemaker")
        with pytest.raises(IncompleteAnswer, match=r"answers with Endpoints, NextToken, and not with 'EndPoints'"):
            metric.count("sagemaker", "list_endpoints", "EndPoints")

    def test_an_operation_that_this_boto3_lacks_is_named(self, metric: Metric) -> None:
        """The runtime's boto3 is older than the author's: a failure with a cure, not an AttributeError."""
        stubbed("sagemaker")
        with pytest.raises(IncompleteAnswer, match=r"no operation list_wonders for sagemaker.*newer boto3"):
            metric.count("sagemaker", "list_wonders", "Wonders")


def test_all_threads_share_one_client_of_a_service(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs 60 to 170 ms at a cold start, and boto3 cannot make two at once safely."""
    made: list[str] = []
    found: list[Any] = []
    here, arrived, go_on = threading.Barrier(8), threading.Semaphore(0), threading.Event()

    def make(service: str) -> object:
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


def test_clients_retry_adaptively_and_do_not_wait_for_ever(metric: Metric) -> None:
    """List calls are throttled account-wide, and one silent connection must not eat the function's time."""
    config = metric.client("sagemaker").meta.config
    assert config.retries["mode"] == "adaptive"
    assert config.read_timeout <= 30
    assert config.max_pool_connections >= 32


class TestBreakdown:
    def test_a_counter_becomes_rows(self) -> None:
        """The usual way to count by kind; several dimensions are tuples."""
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
    def test_rows_that_do_not_fit_the_dimensions_are_refused(self, breakdown: Any) -> None:
        """A chart would leave them out without a word."""
        with pytest.raises(ValueError, match=r"Split: .*InstanceType"):
            Split("Split", "Project1", {}, "dev").value(3, breakdown=breakdown)


class TestRegistry:
    @pytest.fixture(autouse=True)
    def index(self) -> None:
        registry.use_index({"Arguments": __name__, "Gone": "no_such_module", "Moved": "ds_dashboard.metrics.training"})

    def test_arguments_arrive_by_their_declared_types(self) -> None:
        """Terraform's map holds strings only: true is "true" there."""
        given = {"text": "7", "ratio": "0.5", "strict": "true", "filters": '{"a": [1]}'}
        made = registry.create("Mine", "Arguments", given, "Project1", "dev")
        assert made.arguments == {"text": "7", "ratio": 0.5, "strict": True, "filters": {"a": [1]}, "most": 5}
        assert (made.metric_name, made.project_name, made.metadata, made.environment) == ("Mine", "Project1", {}, "dev")

    @pytest.mark.parametrize(
        ("given", "reason"),
        [
            ({"text": "a"}, "needs the argument ratio"),
            ({"text": "a", "ratio": "1", "color": "red"}, "has no argument color; its arguments are: filters, most"),
            ({"text": "a", "ratio": "much"}, "the argument ratio is 'much', which is no number"),
            ({"text": "a", "ratio": "1", "strict": "yes"}, "the argument strict is 'yes', which is no boolean"),
        ],
    )
    def test_arguments_that_do_not_fit_are_named(self, given: dict[str, str], reason: str) -> None:
        """They become the metric's failure event, so the reason is all that its reader has."""
        with pytest.raises(MetricUnavailable, match=reason):
            registry.create("Mine", "Arguments", given, "Project1", "dev")

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("Unheard", "is not in this package, which has: Arguments, Gone, Moved"),
            ("Gone", "no_such_module cannot be imported: ModuleNotFoundError"),
            ("Moved", "ds_dashboard.metrics.training has no such metric"),
        ],
    )
    def test_a_metric_that_cannot_be_had_says_why(self, name: str, reason: str) -> None:
        """One that fails is one failure event; the others are computed."""
        with pytest.raises(MetricUnavailable, match=reason):
            registry.load(name)

    def test_a_module_that_ends_the_process_is_one_failure_too(self, tmp_path: Path, monkeypatch: Any) -> None:
        """SystemExit is no Exception: a script among the metrics must not take the others with it."""
        (tmp_path / "a_script.py").write_text("import sys\nsys.exit(3)\n")
        monkeypatch.syspath_prepend(tmp_path)
        registry.use_index({"Script": "a_script"})
        with pytest.raises(MetricUnavailable, match=r"SystemExit: 3 \(.*a_script\.py:2\)"):
            registry.load("Script")


def test_a_secret_is_no_metric() -> None:
    """Everyone who may read the hub would see it; undecrypted it would be noise."""
    ssm = stubbed("ssm")
    ssm.add_response("get_parameter", {"Parameter": {**parameter("/key"), "Type": "SecureString"}})
    made = registry.create("Key", "SSMParameterValue", {"parameter_name": "/key"}, "Project1", "dev")
    with pytest.raises(ValueError, match="/key is a SecureString"):
        made._compute_value()
