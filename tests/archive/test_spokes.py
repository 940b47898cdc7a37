"""The spokes table: the newest run and failures of each spoke, and which spokes are silent."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import watch
from ds_dashboard.hub.settings import WatchSettings

from .conftest import FAILURE, NOW, RUN, SPOKE, Hub, body, result

# What the item has of the failure, without its event.
CONTENT = {name: FAILURE[name] for name in ("ErrorType", "ErrorMessage", "ExtractionDate", "RefreshId")}
_serialize = TypeSerializer().serialize


def test_a_spoke_is_one_item_from_its_newest_run(hub: Hub) -> None:
    """Run events may arrive out of order."""
    newer = {**RUN, "FinishedAt": "2026-11-24T11:30:00.000000Z", "Emitted": 5, "RefreshId": "r-2"}
    hub.archive(body(newer, kind="metric_extractor_run"))
    hub.archive(body(RUN, kind="metric_extractor_run"))
    (spoke,) = hub.items("spokes")
    assert spoke["Project"] == "P#dev"
    assert (spoke["AccountId"], spoke["Emitted"], spoke["LastRefreshId"]) == (SPOKE, 5, "r-2")
    assert spoke["LastSeen"] == "2026-11-24T11:30:00.000000Z"


def test_a_spoke_has_the_newest_failure_of_each_metric(hub: Hub) -> None:
    """Failures arrive before or after the run event, and several metrics may fail."""
    later = {**FAILURE, "ExtractionDate": "2026-11-24T11:30:00.000000Z", "ErrorType": "MetricThrottled"}
    other = {**FAILURE, "MetricName": "a.b-c", "ErrorType": "ValueError"}
    hub.archive(body(later, kind="metric_extractor_failure"))
    hub.archive(body({**RUN, "Metrics": ["Jobs", "a.b-c"]}, kind="metric_extractor_run"))
    hub.archive(body(FAILURE, kind="metric_extractor_failure"), body(other, kind="metric_extractor_failure"))
    (spoke,) = hub.items("spokes")
    assert {name: failure["ErrorType"] for name, failure in spoke["Failures"].items()} == {
        "Jobs": "MetricThrottled",
        "a.b-c": "ValueError",
    }
    assert spoke["Emitted"] == 1
    assert hub.history() == []


def failures(count: int, size: int, at: str = "2026-11-24T11:00:00.000000Z", **more: Any) -> list[str]:
    """Return failure events of `count` metrics with messages of `size` characters."""
    return [
        body(
            {**FAILURE, "MetricName": f"M{number:03}", "ErrorMessage": "x" * size, "ExtractionDate": at, **more},
            kind="metric_extractor_failure",
        )
        for number in range(count)
    ]


def item_bytes(spoke: dict[str, Any]) -> int:
    """Return about what DynamoDB counts for the item, from above."""
    return len(json.dumps(spoke, default=str).encode())


def test_every_metric_of_a_spoke_may_fail_with_a_long_message(hub: Hub) -> None:
    """DynamoDB rejected the item at the 187th failing metric. Each keeps a reason, and the run event fits, too."""
    names = [f"M{number:03}" for number in range(250)]
    run = body({**RUN, "Metrics": names + ["x" * 128] * 1_000}, kind="metric_extractor_run")
    events = failures(250, 2048)
    for start in range(0, len(events), 100):
        assert hub.archive(*events[start : start + 100]) == []
    assert hub.archive(run) == []
    assert hub.archive(*failures(1, 4096, at="2026-11-24T11:30:00.000000Z")) == []
    (spoke,) = hub.items("spokes")
    assert sorted(spoke["Failures"]) == names
    assert min(len(failure["ErrorMessage"]) for failure in spoke["Failures"].values()) >= 300
    assert spoke["Failures"]["M000"]["ExtractionDate"] == "2026-11-24T11:30:00.000000Z"
    assert item_bytes(spoke) < 400_000


def test_failures_of_metrics_that_a_spoke_no_longer_runs_are_removed(hub: Hub) -> None:
    """Its own, which it removed, and the invented ones of a taken-over spoke, which would stay forever."""
    hub.archive(*failures(3, 10))
    hub.archive(body({**RUN, "FinishedAt": "2026-11-24T11:10:00Z", "Metrics": ["M001"]}, kind="metric_extractor_run"))
    hub.archive(*failures(1, 10, at="2026-11-24T11:20:00.000000Z", MetricName="New"))
    (spoke,) = hub.items("spokes")
    assert sorted(spoke["Failures"]) == ["M001", "New"]


@pytest.mark.parametrize(
    "odd",
    [
        *({"Failures": odd} for odd in (None, "Jobs", Decimal(1), {"Jobs": "x"}, {"Jobs": {"ExtractionDate": "9999"}})),
        {"Failures": {"Old": {**CONTENT, "ExtractionDate": None}, "Odd": {**CONTENT, "RefreshId": {"a"}}}},
        *({"Metrics": Decimal(1)}, {"Metrics": [Decimal(1), {"a": "b"}]}, {"FinishedAt": Decimal(1)}),
        *({"FailuresRevision": None}, {"FailuresRevision": "x"}),
    ],
)
def test_what_another_program_wrote_keeps_no_failure_out(hub: Hub, odd: dict[str, Any]) -> None:
    """It raised an error in each delivery of the spoke's failures, which became dead letters."""
    item = {name: _serialize(value) for name, value in {"Project": "P#dev", **odd}.items()}
    hub.dynamodb.put_item(TableName=f"{hub.name}-spokes", Item=item)
    assert hub.archive(body(FAILURE, kind="metric_extractor_failure")) == []
    (stored,) = hub.items("spokes")
    assert stored["Failures"] == {"Jobs": {**CONTENT, "EventId": stored["Failures"]["Jobs"]["EventId"]}}
    assert stored["FailuresRevision"] == 1


def test_a_flood_of_invented_metrics_displaces_no_deployed_one(hub: Hub) -> None:
    """The oldest and the undeployed ones go first, and the item stays small enough forevery write."""
    hub.archive(body({**RUN, "FinishedAt": "2026-11-24T10:00:00Z", "Metrics": ["M000"]}, kind="metric_extractor_run"))
    hub.archive(*failures(1, 3000))
    for flood in range(5):
        names = [{"MetricName": f"{'ü' * 100}{flood}-{number}"} for number in range(100)]
        events = [failures(1, 4096, at=f"2026-11-24T11:{flood:02}:30Z", **name)[0] for name in names]
        assert hub.archive(*events) == []
    (spoke,) = hub.items("spokes")
    assert len(spoke["Failures"]["M000"]["ErrorMessage"]) == 3000
    assert all(name == "M000" or "4-" in name for name in spoke["Failures"])
    assert item_bytes(spoke) < 250_000


def test_invented_arguments_displace_no_deployed_metric(hub: Hub) -> None:
    """A metric with run-time arguments belongs to one that is deployed, and there are names without end."""
    hub.archive(body({**RUN, "FinishedAt": "2026-11-24T10:00:00Z", "Metrics": ["M000"]}, kind="metric_extractor_run"))
    hub.archive(*failures(1, 3000))
    many = [failures(1, 4096, at="2026-11-24T11:30:00Z", MetricName=f"M000(n={number})")[0] for number in range(100)]
    assert hub.archive(*many) == []
    (spoke,) = hub.items("spokes")
    assert len(spoke["Failures"]["M000"]["ErrorMessage"]) == 3000
    assert 20 < len(spoke["Failures"]) < 100


def test_what_was_rejected_because_the_item_was_full_is_written_at_its_redrive(hub: Hub) -> None:
    """Dead letters of a hub that did not bound the failures: run events, and failures."""
    full = {
        f"Old{number:03}": {
            "ErrorType": "E",
            "ErrorMessage": "x" * 2000,
            "ExtractionDate": "2026-11-24T10:00:00.000000Z",
        }
        for number in range(195)
    }
    item = {"Project": "P#dev", "Failures": full, "Metrics": ["Jobs"], "FinishedAt": "2026-11-24T10:30:00.000000Z"}
    hub.dynamodb.put_item(
        TableName=hub.settings.spokes_table,
        Item={key: _serialize(value) for key, value in item.items()},
    )
    large = {**RUN, "Metrics": ["Jobs", *(f"{'m' * 120}{number:03}" for number in range(300))]}
    assert hub.archive(body(large, kind="metric_extractor_run")) == []
    assert hub.archive(body(FAILURE, kind="metric_extractor_failure")) == []
    (spoke,) = hub.items("spokes")
    assert (spoke["FinishedAt"], sorted(spoke["Failures"])) == ("2026-11-24T11:00:00.000000Z", ["Jobs"])


def test_a_batch_writes_the_failures_of_a_spoke_once(hub: Hub) -> None:
    """Each write costs units for the whole item: a hundred of them would throttle it."""
    counted = Counted(hub.dynamodb)
    aws.use("dynamodb", counted)
    assert hub.archive(*failures(100, 2000)) == []
    assert counted.operations == Counter(get_item=1, update_item=1)
    assert hub.archive(*failures(100, 2000)) == [], "a redelivery"
    assert counted.operations == Counter(get_item=2, update_item=1)


class Counted:
    """A client that counts its calls; `meanwhile` runs once, after the next read of the spoke's item."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.operations: Counter[str] = Counter()
        self.meanwhile: Callable[[], object] | None = None

    def __getattr__(self, name: str) -> Any:
        self.operations[name] += 1
        return getattr(self._client, name)

    def get_item(self, **arguments: Any) -> Any:
        self.operations["get_item"] += 1
        answer = self._client.get_item(**arguments)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return answer


@pytest.mark.parametrize("before", [0, 1])
def test_failures_that_two_archives_write_at_once_are_all_there(hub: Hub, before: int) -> None:
    """The second one reads the item again, whether or not it existed."""
    hub.archive(*failures(before, 10, MetricName="Before"))
    racing = Counted(hub.dynamodb)
    racing.meanwhile = lambda: hub.archive(*failures(1, 10, MetricName="Theirs"))
    aws.use("dynamodb", racing)
    assert hub.archive(*failures(1, 10, MetricName="Mine")) == []
    (spoke,) = hub.items("spokes")
    assert sorted(spoke["Failures"]) == [*["Before"] * before, "Mine", "Theirs"]


def run_event(project: str, finished: str) -> str:
    """Return the run event of an extraction."""
    return body({**RUN, "ProjectName": project, "FinishedAt": finished}, kind="metric_extractor_run")


def find_silent(hub: Hub, seconds: float = 20.0, clock: Callable[[], float] = time.monotonic) -> list[watch.Silent]:
    """Return the spokes that sent nothing for 26 hours."""
    settings = hub.settings
    watched = WatchSettings(
        name=hub.name,
        monitored_projects_path=settings.monitored_projects_path,
        spokes_table=settings.spokes_table,
        latest_table=settings.latest_table,
        silent_after=timedelta(hours=26),
    )
    return watch.watch(watched, NOW, Deadline.after(seconds, clock))


def test_a_spoke_that_did_not_report_in_time_is_silent(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """There are more of them than fit on a page of Parameter Store."""
    for number in range(12):
        hub.register(f"N{number:02}/dev", SPOKE)
    hub.archive(run_event("N00", "2026-11-24T11:30:00Z"), run_event("N01", "2026-11-23T09:59:59Z"))
    silent = find_silent(hub)
    never = ["N02", *(f"N{number:02}" for number in range(3, 12)), "P", "Q"]
    expected = {"N01/dev": "2026-11-23T09:59:59.000000Z", "P/prod": None} | {f"{name}/dev": None for name in never}
    assert {spoke.project: spoke.last_seen for spoke in silent} == expected
    assert '"SilentSpokes": 14' in capsys.readouterr().out.splitlines()[-1]


def test_a_producer_that_sends_no_run_events_is_not_silent(hub: Hub) -> None:
    """Producers of the base contract send only results, and must not keep the alarm active."""
    hub.archive(body(result()), body(result(Environment="prod", ExtractionDate="2026-11-20T00:00:00Z")))
    silent = {spoke.project: spoke.last_seen for spoke in find_silent(hub)}
    assert silent == {"P/prod": "2026-11-20T00:00:00.000000Z", "Q/dev": None}


def test_an_item_that_no_archive_wrote_does_not_end_the_search(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Otherwise one of them would keep everybody from being counted."""
    settings = hub.settings
    number, latest, spokes = {"N": "1"}, settings.latest_table, settings.spokes_table
    hub.dynamodb.put_item(
        TableName=latest, Item={"Project": {"S": "P#dev"}, "MetricName": {"S": "Odd"}, "ExtractionDate": number}
    )
    hub.dynamodb.put_item(TableName=latest, Item={"Project": {"S": "P#prod"}, "MetricName": {"S": "Odd"}})
    hub.dynamodb.put_item(TableName=spokes, Item={"Project": {"S": "P#dev"}, "LastSeen": number})
    hub.dynamodb.put_item(TableName=spokes, Item={"Project": {"S": "P#prod"}, "LastSeen": {"S": "2026-11-24"}})
    assert find_silent(hub) == [("P/dev", None), ("P/prod", None), ("Q/dev", None)]
    assert count_of_silent(capsys) == 3


def count_of_silent(capsys: pytest.CaptureFixture[str]) -> int:
    """Return the count that was published last."""
    count: int = json.loads(capsys.readouterr().out.splitlines()[-1])["SilentSpokes"]
    return count


class Endless:
    """DynamoDB in which one project never ends. Each of its pages takes a second of the watch's time."""

    def __init__(self, client: Any, project: str) -> None:
        self._client, self._project = client, project
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def query(self, **arguments: Any) -> Any:
        if arguments["ExpressionAttributeValues"][":project"] != {"S": self._project}:
            return self._client.query(**arguments)
        self.seconds += 1
        return {
            "Items": [{"ExtractionDate": {"S": "2026-11-01T00:00:00.000000Z"}}],
            "LastEvaluatedKey": {"Project": {"S": self._project}, "MetricName": {"S": str(self.seconds)}},
        }


def test_a_project_without_end_hides_no_other_silent_spoke(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever may report can invent metrics, and the search came to no end and counted nothing."""
    hub.archive(body(result(Environment="prod")))
    endless = Endless(hub.dynamodb, "P#dev")
    aws.use("dynamodb", endless)
    silent = find_silent(hub, 100.0, lambda: endless.seconds)
    assert silent == [("P/dev", "2026-11-01T00:00:00.000000Z"), ("Q/dev", None)]
    assert count_of_silent(capsys) == 2
    assert endless.seconds <= 20
    endless.seconds = 0.0
    with pytest.raises(watch.NotWatched, match="1 spoke not checked: P/dev"):
        find_silent(hub, 10.0, lambda: endless.seconds)
    assert count_of_silent(capsys) == 1, "with less time, only the project that takes it is not checked"


@pytest.mark.parametrize(("operation", "counted"), [("scan", 0), ("query", 1)])
def test_what_could_be_read_is_counted(
    hub: Hub, capsys: pytest.CaptureFixture[str], operation: str, counted: int
) -> None:
    """And the function fails, so that its alarm says that something is not watched."""
    hub.archive(run_event("P", "2026-11-24T11:30:00Z"), body(result(Environment="prod")))
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
    failing = [denied]

    class Denying:
        def __getattr__(self, name: str) -> Any:
            return self._deny if name == operation and failing else getattr(hub.dynamodb, name)

        def _deny(self, **_: Any) -> Any:
            raise failing.pop()

    aws.use("dynamodb", Denying())
    with pytest.raises(watch.NotWatched, match="AccessDenied"):
        find_silent(hub)
    assert count_of_silent(capsys) == counted
