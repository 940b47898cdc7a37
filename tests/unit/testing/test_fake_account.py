"""The fake account: it answers as the service does, and refuses what the service does not have."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.metrics import Metric, paging
from ds_dashboard.metrics.cloudwatch import Statistic
from ds_dashboard.testing import NOW, Error, FakeAccount, NoAnswer, NotInModel, Values, metric_data


def client(service: str) -> Any:
    return aws.client(service)


def listed(service: str, operation: str, key: str, **arguments: Any) -> list[Any]:
    return [item for page in paging.pages(client(service), operation, key, arguments) for item in page]


@pytest.mark.parametrize(
    ("service", "operation", "key", "item"),
    [
        ("sagemaker", "list_apps", "Apps", {"Status": "InService"}),
        ("batch", "list_jobs", "jobSummaryList", {"jobId": "1"}),
        ("emr", "list_clusters", "Clusters", {"Name": "a"}),
        ("efs", "describe_file_systems", "FileSystems", {"Name": "a"}),
        ("s3", "list_buckets", "Buckets", {"Name": "a"}),
        ("iam", "list_users", "Users", {"UserName": "a"}),
        ("cloudwatch", "describe_alarms", "MetricAlarms", {"AlarmName": "a"}),
        ("logs", "describe_log_groups", "logGroups", {"logGroupName": "a"}),
        ("acm", "list_certificates", "CertificateSummaryList", {"DomainName": "a"}),
        # Without a paginator in botocore.
        ("ce", "get_cost_and_usage", "ResultsByTime", {"Estimated": True}),
        ("athena", "list_work_groups", "WorkGroups", {"Name": "a"}),
    ],
)
@pytest.mark.parametrize("harder", [{}, {"page_size": 1}, {"page_size": 2}, {"empty_first_page": True}])
def test_an_answer_is_split_into_pages(
    service: str, operation: str, key: str, item: dict[str, Any], harder: dict[str, Any]
) -> None:
    """By the names of token and page size that each service has."""
    needed: dict[str, Any] = {}
    if service == "ce":
        period = {"Start": "2026-11-01", "End": "2026-11-02"}
        needed = {"TimePeriod": period, "Granularity": "MONTHLY", "Metrics": ["UnblendedCost"]}
    with FakeAccount({f"{service}.{operation}": {key: [item] * 3}}) as account:
        account.restart(**harder)
        assert len(listed(service, operation, key, **needed)) == 3
        pages = {1: 3, 2: 2}.get(harder.get("page_size", 0), 2 if "empty_first_page" in harder else 1)
        assert len(account.calls) == pages


def test_the_requested_page_size_counts() -> None:
    """As in AWS, one call returns a part of the list."""
    with FakeAccount({"sagemaker.list_apps": {"Apps": [{}] * 30}}):
        assert len(client("sagemaker").list_apps(MaxResults=10)["Apps"]) == 10


def test_pages_can_be_given() -> None:
    """Cost Explorer returns groups of one period on several pages, and a page can be an error."""
    pages: list[Any] = [{"Apps": [{"AppName": "a"}]}, {"Apps": []}, Error("ThrottlingException", "Rate exceeded")]
    with FakeAccount({"sagemaker.list_apps": pages}) as account:
        with pytest.raises(ClientError, match="Rate exceeded"):
            listed("sagemaker", "list_apps", "Apps")
        assert [call.error for call in account.calls] == ["", "", "ThrottlingException"]


def test_an_answer_can_depend_on_the_parameters() -> None:
    """Without the token and the page size, which the account itself needs."""

    def answer(parameters: dict[str, Any]) -> Any:
        status = parameters.pop("StatusEquals")
        assert parameters == {}
        return {"Endpoints": [{"EndpointName": "a"}] * {"InService": 3, "Failed": 1}[status]}

    with FakeAccount({"sagemaker.list_endpoints": answer}) as account:
        account.restart(page_size=1)
        assert len(listed("sagemaker", "list_endpoints", "Endpoints", StatusEquals="InService")) == 3
        assert len(listed("sagemaker", "list_endpoints", "Endpoints", StatusEquals="Failed")) == 1


def test_successive_calls_can_have_different_answers() -> None:
    """A report is started, and complete later."""
    with FakeAccount({"iam.generate_credential_report": [{"State": "STARTED"}, {"State": "COMPLETE"}]}):
        iam = client("iam")
        assert [iam.generate_credential_report()["State"] for _ in range(3)] == ["STARTED", "COMPLETE", "COMPLETE"]


def test_what_the_service_always_returns_is_filled_in() -> None:
    """A scenario names only what it is about. Times are those of the run."""
    with FakeAccount({"sagemaker.list_training_jobs": {"TrainingJobSummaries": [{"TrainingJobStatus": "Stopped"}]}}):
        (job,) = listed("sagemaker", "list_training_jobs", "TrainingJobSummaries")
    assert job == {
        "TrainingJobStatus": "Stopped",
        "TrainingJobName": "trainingjobname",
        "TrainingJobArn": "trainingjobarn",
        "CreationTime": NOW,
    }


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"App": []}, "sagemaker.list_apps has no App; it has: Apps, NextToken"),
        ({"Apps": {}}, "sagemaker.list_apps Apps is {}, and not a list"),
        (
            {"Apps": [{"Status": "Running"}]},
            "sagemaker.list_apps Apps Status is 'Running', which is not one of Deleted",
        ),
        ({"Apps": [{"CreationTime": datetime(2026, 11, 1)}]}, "a time without a zone: add tzinfo=UTC"),
        ({"Apps": [{"CreationTime": "soon"}]}, "is 'soon', and not a time"),
        ({"Apps": [{"AppName": 1}]}, "AppName is 1, and not a text"),
    ],
)
def test_an_answer_that_the_service_cannot_give_is_refused(answer: Any, message: str) -> None:
    """A test with a misspelled field would pass, and the metric would be wrong in AWS."""
    with FakeAccount({"sagemaker.list_apps": answer}), pytest.raises(NotInModel, match=message.replace("{", r"\{")):
        client("sagemaker").list_apps()


def test_a_request_that_the_service_refuses_is_refused() -> None:
    """Botocore sends any value of an enumeration."""
    with FakeAccount({"sagemaker.list_endpoints": {"Endpoints": []}}):
        with pytest.raises(NotInModel, match="StatusEquals is 'Inservice', which is not one of"):
            client("sagemaker").list_endpoints(StatusEquals="Inservice")
        with pytest.raises(NotInModel, match='Unknown parameter in input: "Status"'):
            client("sagemaker").list_endpoints(Status="InService")
        with pytest.raises(NoAnswer, match="token 'other', which no answer contained"):
            client("sagemaker").list_endpoints(NextToken="other")


def test_a_call_without_an_answer_names_it() -> None:
    """It must not reach AWS with the user's credentials."""
    with FakeAccount({"sagemaker.list_apps": {}}) as account:
        with pytest.raises(NoAnswer, match=r"no answer for s3.list_buckets: add it .* \(it has sagemaker.list_apps\)"):
            boto3.client("s3").list_buckets()
        assert account.calls[-1].service == "s3"


class _Place(Metric):
    arguments = {"hours": {"type": "integer", "default": 24}}

    def _compute_value(self) -> str:
        since, until = self.window(hours=self.arguments["hours"])
        return f"{self.account_id} {self.region} {self.partition} {since} {until}"


def test_the_run_is_in_this_account_at_this_instant() -> None:
    """A metric gets its place and its time from the run, not from AWS."""
    now = datetime(2026, 1, 2, 3, tzinfo=UTC)
    with FakeAccount(now=now, region="cn-north-1", partition="aws-cn", account_id="111122223333") as account:
        value = account.measure(_Place, hours=3).value
        assert account.calls == []
    assert value == f"111122223333 cn-north-1 aws-cn {now - timedelta(hours=3)} {now}"


def test_the_environment_is_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own profile and endpoint do not matter in the block, and are there again after it."""
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    before = dict(os.environ)
    with FakeAccount():
        assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL"} & set(os.environ)
        assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
    assert dict(os.environ) == before


def test_moto_answers_what_has_no_canned_answer() -> None:
    """A scenario can combine both: moto lacks some operations."""
    with FakeAccount(
        {"sagemaker.list_apps": {"Apps": [{}]}},
        seed=lambda: boto3.client("s3", "us-east-1").create_bucket(Bucket="a-bucket"),
    ) as account:
        assert len(listed("sagemaker", "list_apps", "Apps")) == 1
        assert [one["Name"] for one in listed("s3", "list_buckets", "Buckets")] == ["a-bucket"]
        assert [call.operation for call in account.calls] == ["ListApps", "ListBuckets"], "the seed is not recorded"


class _Invocations(Metric):
    dimensions = ["EndpointName", "VariantName"]

    def _compute_value(self) -> Any:
        found = self.search("AWS/SageMaker", self.dimensions, "Invocations", "Sum", self.window(hours=24), period=86400)
        return self.value(breakdown={key: series.total for key, series in found.items()})


class _OneEndpoint(Metric):
    def _compute_value(self) -> Any:
        dimensions = {"EndpointName": "a", "VariantName": "v"}
        query = Statistic("AWS/SageMaker", "Invocations", dimensions, "Sum")
        (series,) = self.statistics([query], self.window(hours=24), period=3600)
        return f"{series.total} {series.newest} {series.times[-1]}"


DATA = [
    Values("AWS/SageMaker", "Invocations", {"EndpointName": "a", "VariantName": "v"}, [5, None, 7]),
    Values("AWS/SageMaker", "Invocations", {"EndpointName": "b", "VariantName": "v"}, [3]),
    Values("AWS/SageMaker", "Invocations", {"EndpointName": "a"}, [100]),
    Values("AWS/SageMaker", "Invocations", {"EndpointName": "a", "VariantName": "v"}, [1], statistic="Average"),
]


def test_cloudwatch_finds_exactly_the_dimensions_of_a_query() -> None:
    """By searches and by single metrics, each result on its page."""
    with FakeAccount({"cloudwatch.get_metric_data": metric_data(*DATA)}) as account:
        account.restart(page_size=1)
        assert account.measure(_Invocations).breakdown == {("a", "v"): 7, ("b", "v"): 3}
        assert len(account.calls) == 2
        assert account.measure(_OneEndpoint).value == "12 7 2026-11-23 19:45:00+00:00"


def test_cloudwatch_without_data_answers_with_nothing() -> None:
    """No data is not 0."""
    with FakeAccount({"cloudwatch.get_metric_data": metric_data()}) as account:
        assert account.measure(_Invocations).breakdown == {}
