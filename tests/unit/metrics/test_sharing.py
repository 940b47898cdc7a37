"""What the metrics of a run read together: each page and call once, and an error for everybody who needs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ds_dashboard.identity import Location
from ds_dashboard.metrics import Metric, NothingToReport, Reader, Window, rates, reading
from ds_dashboard.metrics.errors import RunEnded
from ds_dashboard.metrics.listing import Listing, Memo
from ds_dashboard.metrics.run import Run

NOW = datetime(2026, 11, 23, 20, 48, tzinfo=UTC)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test what is read, and not when."""
    monkeypatch.setattr(rates, "calls_per_second", lambda *_: 1e9)
    rates.forget()


def reader_of(run: Run) -> Reader:
    reader = Reader()
    reader.join(run)
    return reader


def endpoint(name: str, created: datetime = NOW) -> dict[str, Any]:
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"
    return {
        "EndpointName": name,
        "EndpointArn": arn,
        "CreationTime": created,
        "LastModifiedTime": created,
        "EndpointStatus": "InService",
    }


def names(items: Iterator[Any]) -> list[str]:
    return [item["EndpointName"] for item in items]


LIST = ("sagemaker", "list_endpoints", "Endpoints")


def test_a_page_is_read_once_for_all_metrics_of_a_run(stubbed: Callable[[str], Stubber]) -> None:
    """SageMaker grants an account two calls per second, which everything in it shares."""
    stub = stubbed("sagemaker")
    stub.add_response("list_endpoints", {"Endpoints": [endpoint("a")], "NextToken": "more"})
    stub.add_response("list_endpoints", {"Endpoints": [endpoint("b")]})
    run = Run(NOW)
    assert names(reader_of(run).pages(*LIST)) == ["a", "b"]
    assert names(reader_of(run).pages(*LIST)) == ["a", "b"]
    assert reader_of(run).count(*LIST) == 2
    stub.assert_no_pending_responses()


def test_other_arguments_and_other_runs_read_for_themselves(stubbed: Callable[[str], Stubber]) -> None:
    """What is shared must be the same list at the same instant."""
    stub = stubbed("sagemaker")
    for name in "abc":
        stub.add_response("list_endpoints", {"Endpoints": [endpoint(name)]})
    run = Run(NOW)
    assert names(reader_of(run).pages(*LIST)) == ["a"]
    assert names(reader_of(run).pages(*LIST, StatusEquals="InService")) == ["b"]
    assert names(reader_of(Run(NOW)).pages(*LIST)) == ["c"]


def test_only_the_named_fields_are_kept(stubbed: Callable[[str], Stubber]) -> None:
    """The items stay in memory until the run has ended."""
    stub = stubbed("sagemaker")
    stub.add_response("list_endpoints", {"Endpoints": [endpoint("a")]})
    (item,) = reader_of(Run(NOW)).pages(*LIST, fields=["EndpointName", "Absent"])
    assert item == {"EndpointName": "a"}


def test_a_failed_page_fails_for_all_who_need_it_and_is_not_read_again(stubbed: Callable[[str], Stubber]) -> None:
    """A throttled list must not be a part of a list for one metric, and be asked for again by the next."""
    stub = stubbed("sagemaker")
    stub.add_response("list_endpoints", {"Endpoints": [endpoint("a")], "NextToken": "more"})
    stub.add_client_error("list_endpoints", "ThrottlingException")
    run = Run(NOW)
    for _ in range(2):
        items = reader_of(run).pages(*LIST)
        assert next(items)["EndpointName"] == "a"
        with pytest.raises(ClientError, match="ThrottlingException"):
            list(items)


def test_threads_wait_for_the_one_that_reads() -> None:
    """Metrics are computed in parallel."""
    reads: list[int] = []
    gate = threading.Event()

    def pages() -> Iterator[list[int]]:
        for number in range(3):
            gate.wait(10)
            reads.append(number)
            yield [number]

    listing = Listing(pages())
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(list, listing) for _ in range(8)]
        gate.set()
        assert [one.result(10) for one in found] == [[0, 1, 2]] * 8
    assert reads == [0, 1, 2]


def test_a_result_or_error_is_computed_once_by_key() -> None:
    """A reading that fails, fails for all metrics that need it."""
    memo, calls = Memo(), []

    def fail() -> Any:
        calls.append(1)
        raise NothingToReport("it is off")

    for _ in range(2):
        with pytest.raises(NothingToReport, match="it is off"):
            memo.get("key", fail)
    assert memo.get("other", lambda: 7) == 7
    assert calls == [1]


def newest_first(run: Run, since: datetime) -> list[str]:
    return names(reader_of(run).newest_first(*LIST, since=since, fields=["EndpointName"]))


def test_a_list_that_is_newest_first_is_read_to_the_bound_only(stubbed: Callable[[str], Stubber]) -> None:
    """100,000 jobs are 1,000 pages. A later reader with an earlier bound reads on where the first one stopped."""
    stub = stubbed("sagemaker")
    hours = [timedelta(hours=number) for number in range(6)]
    for page, token in ((hours[:2], "1"), (hours[2:4], "2"), (hours[4:], None)):
        found = {"Endpoints": [endpoint(f"{one.seconds // 3600}h", NOW - one) for one in page]}
        stub.add_response("list_endpoints", {**found, "NextToken": token} if token else found)
    run = Run(NOW)
    assert newest_first(run, NOW - hours[1]) == ["0h", "1h"]
    assert newest_first(run, NOW - timedelta(hours=2, minutes=30)) == ["0h", "1h", "2h"]
    with pytest.raises(AssertionError, match="remaining"):
        stub.assert_no_pending_responses()
    assert newest_first(run, NOW - timedelta(days=1)) == ["0h", "1h", "2h", "3h", "4h", "5h"]
    stub.assert_no_pending_responses()


@pytest.mark.parametrize("ages", [[[5, 1], [3]], [[2, 3], [1]], [[5], [1, 3]], [[1, 1], [0, 9]]])
def test_a_list_that_is_not_sorted_is_read_to_its_end(stubbed: Callable[[str], Stubber], ages: list[list[int]]) -> None:
    """To stop at the first old item would miss the newer ones behind it."""
    stub = stubbed("sagemaker")
    for number, page in enumerate(ages):
        found: dict[str, Any] = {"Endpoints": [endpoint(f"{age}h", NOW - timedelta(hours=age)) for age in page]}
        stub.add_response(
            "list_endpoints", {**found, "NextToken": "x" * (number + 1)} if number < len(ages) - 1 else found
        )
    newest = newest_first(Run(NOW), NOW - timedelta(hours=4))
    if ages == [[5], [1, 3]]:
        # The only item of the first page is too old, and nothing shows that the list is not sorted.
        assert newest == []
    else:
        expected = sorted(age for page in ages for age in page if age <= 4)
        assert sorted(newest) == [f"{age}h" for age in expected]


def test_a_call_is_made_once_for_the_same_arguments(stubbed: Callable[[str], Stubber]) -> None:
    """Several metrics describe the same endpoints."""
    stub = stubbed("ssm")
    for value in "ab":
        stub.add_response("get_parameter", {"Parameter": {"Name": "n", "Value": value}})
    run = Run(NOW)
    for name, value in (("one", "a"), ("two", "b"), ("one", "a")):
        assert reader_of(run).call("ssm", "get_parameter", Name=name)["Parameter"]["Value"] == value
    stub.assert_no_pending_responses()


def test_describing_each_keeps_the_order() -> None:
    """The answers are put beside what was listed."""

    def later_first(number: int) -> int:
        time.sleep(0.01 * (number % 3 == 0))
        return number * 2

    assert reader_of(Run(NOW)).describe_each(later_first, range(20)) == [number * 2 for number in range(20)]


def test_describing_each_ends_with_the_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list with some descriptions missing is not a value. No call follows, even if an earlier one takes long."""
    seen: list[int] = []
    is_ended = threading.Event()
    shutdown = ThreadPoolExecutor.shutdown

    def end(pool: ThreadPoolExecutor, wait: bool = True, *, cancel_futures: bool = False) -> None:
        shutdown(pool, wait=False, cancel_futures=cancel_futures)
        is_ended.set()
        shutdown(pool, wait=wait)

    def fail_at_three(number: int) -> int:
        seen.append(number)
        if number == 3:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Describe")
        assert is_ended.wait(10), "the others are awaited"
        return number

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", end)
    with pytest.raises(ClientError, match="AccessDenied"):
        reader_of(Run(NOW)).describe_each(fail_at_three, range(1000))
    assert is_ended.is_set()
    assert set(seen) <= set(range(5)), "four calls at a time, and the one after the error"


@reading(permissions=[{"Action": "sagemaker:ListEndpoints", "Resource": "*"}], calls="1 per 100 endpoints")
def endpoint_names(reader: Reader, *, status: str = "") -> list[str]:
    """Names of endpoints."""
    return names(reader.pages(*LIST, **{"StatusEquals": status} if status else {}))


@reading(permissions=[{"Action": "sagemaker:DescribeEndpoint", "Resource": "*"}], calls="1", readings=[endpoint_names])
def first_endpoint(reader: Reader) -> str:
    """The first name."""
    return reader.read(endpoint_names)[0]


class _Reads(Metric):
    readings = [first_endpoint]

    def _compute_value(self) -> str:
        return self.read(first_endpoint)


class _ReadsUndeclared(_Reads):
    readings = []


def test_a_reading_is_computed_once_and_brings_its_permissions(stubbed: Callable[[str], Stubber]) -> None:
    """One place declares the permissions for all metrics that read it."""
    stub = stubbed("sagemaker")
    stub.add_response("list_endpoints", {"Endpoints": [endpoint("a")]})
    run = Run(NOW)
    for _ in range(2):
        metric = _Reads("Reads", "Project1", {}, "dev")
        metric.join(run)
        assert metric._compute_value() == "a"
    actions = [statement["Action"] for statement in metric.get_iam_permissions("eu-west-1", "123456789012")]
    assert actions == [["events:PutEvents"], "sagemaker:DescribeEndpoint", "sagemaker:ListEndpoints"]


def test_a_reading_that_is_not_declared_is_refused() -> None:
    """Its permissions would be missing, and the first run would show it."""
    with pytest.raises(ValueError, match="_ReadsUndeclared reads first_endpoint without declaring it: add it to"):
        _ReadsUndeclared("Reads", "Project1", {}, "dev")._compute_value()


def test_metrics_of_a_run_have_one_instant_and_half_open_windows() -> None:
    """Values of one run are comparable, and a job at the edge of two windows counts once."""
    window = reader_of(Run(NOW)).window(hours=24)
    assert window == Window(NOW - timedelta(hours=24), NOW)
    assert window.since in window
    assert window.until not in window
    assert None not in window


def test_a_metric_knows_its_account_without_a_call() -> None:
    """Cost Explorer and Security Hub are filtered by the account."""
    reader = reader_of(Run(NOW, Location("123456789012", "cn-north-1", "aws-cn")))
    assert (reader.account_id, reader.region, reader.partition) == ("123456789012", "cn-north-1", "aws-cn")


def test_waiting_for_a_turn_ends_with_the_run() -> None:
    """A thread that outlives its run would take calls from the next one."""
    run = Run(NOW)
    with run.compute("A"):
        run.note("sagemaker ListTrainingJobs")
        assert run.end() == {"A": "sagemaker ListTrainingJobs"}
        with pytest.raises(RunEnded):
            run.pause(60)


def test_a_client_of_another_region_is_another_client() -> None:
    """Some services have endpoints in few regions."""
    reader = reader_of(Run(NOW))
    assert reader.client("trustedadvisor", region="us-east-1").meta.region_name == "us-east-1"
    assert reader.client("trustedadvisor").meta.region_name == "eu-west-1"
