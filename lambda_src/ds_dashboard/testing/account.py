"""`FakeAccount`: an AWS account for tests, without a network."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, NamedTuple
from unittest import mock

from botocore.client import BaseClient

from ds_dashboard import aws, canonical_json
from ds_dashboard.identity import Location
from ds_dashboard.metrics import Metric, MetricValue, rates, registry
from ds_dashboard.metrics import arguments as declared_arguments
from ds_dashboard.metrics.run import Run
from ds_dashboard.spoke import outcome
from ds_dashboard.testing.answers import Answer, CannedAnswers, key_of
from ds_dashboard.testing.recorder import Call, Fault, Recorder, call_unchanged

NOW = datetime(2026, 11, 23, 20, 48, tzinfo=UTC)
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_SESSION_TOKEN": "testing"}
_NOT_THE_USERS = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE")


class Measured(NamedTuple):
    """What a metric measured.

    Attributes:
        value: the headline value, exact: an int, a Decimal or a str.
        breakdown: value by dimension value, such as `{"ml.m5.large": 2}`; by a tuple if there are several dimensions.
        metadata: what is sent with the value.
    """

    value: Any
    breakdown: Mapping[Any, Any]
    metadata: Mapping[str, Any]


class FakeAccount:
    """An account in which metrics are computed against canned answers, at a time that stands still.

        apps = [{"AppType": "JupyterLab", "Status": "InService"}]
        with FakeAccount({"sagemaker.list_apps": {"Apps": apps}}) as account:
            assert account.measure(StudioAppsInService).value == 1
        assert [call.operation for call in account.calls] == ["ListApps"]

    Answers and requests are checked against botocore's models, and fields that AWS always returns are filled in. Any
    client of the process gets the answers, also one that a module created when it was imported.

    Args:
        answers: see `ds_dashboard.testing.answers`.
        seed: creates resources with boto3, in an empty account of moto (`pip install moto`), which then answers every
            call that has no canned answer.
        now: the instant of the run. With moto, which uses the real time, it is the present.
        region: the spoke's region.
        account_id: the spoke's account.
        partition: the partition of the region.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer] | None = None,
        *,
        seed: Callable[[], object] | None = None,
        now: datetime | None = None,
        region: str = "eu-west-1",
        account_id: str = "123456789012",
        partition: str = "aws",
    ) -> None:
        self._canned = dict(answers or {})
        self._seed, self._now = seed, now
        self.region, self.account_id, self.partition = region, account_id, partition
        self._recorder = Recorder(self._respond)
        self.restart()

    @property
    def calls(self) -> list[Call]:
        """The calls of the metrics so far."""
        return self._recorder.calls

    @property
    def now(self) -> datetime:
        """The instant of the run."""
        return self._now or (datetime.now(UTC) if self._seed else NOW)

    def restart(
        self, *, page_size: int | None = None, empty_first_page: bool = False, fault: Fault | None = None
    ) -> None:
        """Forget the calls, and change how the next are made harder.

        Args:
            page_size: items per page, whatever a call requests.
            empty_first_page: whether the first page of every list is empty and has a token for the next.
            fault: a call that fails.
        """
        self._recorder.restart(page_size=page_size, empty_first_page=empty_first_page, fault=fault)
        self._answers = CannedAnswers(self._canned, self.now)

    def __enter__(self) -> FakeAccount:
        with ExitStack() as stack:
            stack.enter_context(mock.patch.dict(os.environ, {**_CREDENTIALS, "AWS_DEFAULT_REGION": self.region}))
            for name in (*_NOT_THE_USERS, "AWS_REGION"):
                os.environ.pop(name, None)
            if self._seed is not None:
                stack.enter_context(_moto())
                self._seed()
            aws.forget()
            stack.callback(aws.forget)
            stack.enter_context(mock.patch.object(aws, "_make", self._make))
            # Nobody else needs this account's calls per second.
            stack.enter_context(mock.patch.object(rates, "limit", lambda client, wait: client))
            stack.enter_context(self._recorder)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def measure(self, metric: str | type[Metric] | Metric, **arguments: Any) -> Measured:
        """Compute a metric as a spoke does.

        Args:
            metric: the name of a metric in this package, or a class, or an instance.
            arguments: of the metric.

        Raises:
            NothingToReport: the metric has nothing to report.
            InvalidValue: it returned something that is not a value.
            Exception: whatever else the metric raises, which is a failure in a spoke.
        """
        one = metric if isinstance(metric, Metric) else _created(metric, arguments)
        run = Run(self.now, Location(self.account_id, self.region, self.partition))
        one.join(run)
        with run.compute(one.metric_name):
            raw = one._compute_value()
        headline, rows = (raw.value, raw.breakdown) if isinstance(raw, MetricValue) else (raw, [])
        breakdown: dict[Any, Any] = {}
        for row in rows:
            key = tuple(row["Dimensions"][name] for name in type(one).dimensions)
            if key in breakdown:
                raise ValueError(f"{one.metric_name}: the breakdown has two rows with {row['Dimensions']}")
            breakdown[key] = outcome.exact_value(row["Value"])
        short = {key[0] if len(key) == 1 else key: value for key, value in breakdown.items()}
        return Measured(outcome.exact_value(headline), short, dict(one.metadata or {}))

    def _respond(self, client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if self._seed is not None and key_of(client, operation) not in self._answers:
            from moto.core.models import patch_client

            patch_client(client)
            return call_unchanged(client, operation, parameters)
        return self._answers.respond(client, operation, parameters, self._recorder.page_size)

    def _make(self, service: str, brief: bool, region: str | None = None) -> Any:
        return _client(service, brief, region or self.region)


_real_make = aws._make


@functools.cache
def _client(service: str, brief: bool, region: str) -> Any:
    """Return a client for all fake accounts: to create one takes longer than all its calls."""
    return _real_make(service, brief, region)


def _moto() -> Any:
    from moto import mock_aws

    # Without Docker, in which moto would run the jobs of Batch.
    return mock_aws(config={"batch": {"use_docker": False}})


def _created(metric: str | type[Metric], arguments: Mapping[str, Any]) -> Metric:
    given = {name: _text(value) for name, value in arguments.items()}
    if isinstance(metric, str):
        return registry.create(metric, metric, given, "Project1", "dev")
    one = metric(metric.__name__, "Project1", {}, "dev")
    one.arguments = declared_arguments.cast(metric.__name__, metric.arguments, given)
    return one


def _text(value: Any) -> str:
    """Return an argument as Terraform passes it."""
    return value if isinstance(value, str) else canonical_json.dumps(value)
