"""`Reader`: how metrics and readings read an account. What one of them has read in a run, the others reuse."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ds_dashboard.metrics import paging
from ds_dashboard.metrics.errors import NothingToReport
from ds_dashboard.metrics.listing import Listing, frozen, projection
from ds_dashboard.metrics.run import Run, in_this_context

if TYPE_CHECKING:
    from ds_dashboard.metrics.cloudwatch import Search, Series, Statistic
    from ds_dashboard.metrics.readings import Reading

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Fields = Sequence[str] | Callable[[Any], Any] | None

_MAX_CALLS = 4
# How long ago a metric can have had data, so that CloudWatch's search finds it.
_SEARCHED = timedelta(days=14)


class Window(NamedTuple):
    """A half-open interval: it contains `since`, and it does not contain `until`. Both are in UTC."""

    since: datetime
    until: datetime

    def __contains__(self, instant: object) -> bool:
        """Return whether an instant is in the interval; None, such as the end of a job that runs, is not."""
        return isinstance(instant, datetime) and self.since <= instant < self.until


class Reader:
    """Reads an account at the instant of a run."""

    _joined: Run | None = None
    _reading: Reading[Any, Any] | None = None

    @property
    def _run(self) -> Run:
        # On its own, as in a notebook, a metric reads everything anew each time.
        return self._joined or Run()

    def join(self, run: Run) -> None:
        """Read as a part of a run, and share what is read with everything else in it."""
        self._joined = run

    @property
    def account_id(self) -> str:
        """The spoke's account, 12 digits."""
        return self._run.location.account

    @property
    def region(self) -> str:
        """The spoke's region."""
        return self._run.location.region

    @property
    def partition(self) -> str:
        """The spoke's partition, such as "aws" or "aws-cn"."""
        return self._run.location.partition

    def now(self) -> datetime:
        """Return the instant of the run in UTC: the same for all its metrics, and past if a refresh requests that."""
        return self._run.instant

    @property
    def is_as_of(self) -> bool:
        """Whether the run is as of a past instant."""
        return self._run.as_of

    def window(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> Window:
        """Return the window of this length that ends now: `since` belongs to it, and `until` does not."""
        until = self.now()
        return Window(until - timedelta(days=days, hours=hours, minutes=minutes), until)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the boto3 client of a service: one per process, created when first needed, with adaptive retries.

        Its calls wait for their turn: each operation has a limit of calls per second (`metrics/rates.py`).

        Args:
            service: the service's name in boto3.
            region: the region of its endpoint, for services that have it in few regions; None for the spoke's.
        """
        return self._run.client(service, region)

    def pages(
        self,
        service: str,
        operation: str,
        key: str,
        *,
        fields: Fields = None,
        region: str | None = None,
        **arguments: Any,
    ) -> Iterator[Any]:
        """Yield every item of a list operation: all pages, with 100 items per page if the operation allows it.

            for job in self.pages("sagemaker", "list_training_jobs", "TrainingJobSummaries", StatusEquals="Completed"):

        A page is read when it is needed, and once in a run for the same operation, arguments and fields. The items are
        kept for the other metrics of the run: for a long list, name the fields that you need.

        Args:
            service: the service's name in boto3.
            operation: the client's method.
            key: the name of the list in the operation's answer.
            fields: the fields of an item to keep, or a function that returns what to keep; None keeps everything.
            region: as in `client`.
            arguments: the other parameters of the operation.

        Raises:
            IncompleteAnswer: the list cannot be read to its end.
            botocore.exceptions.ClientError: a call failed.
        """
        yield from self._listing(service, operation, key, fields, region, arguments)

    def count(self, service: str, operation: str, key: str, *, region: str | None = None, **arguments: Any) -> int:
        """Return the number of items that `pages` yields for the same arguments."""
        return sum(1 for _ in self.pages(service, operation, key, region=region, **arguments))

    def newest_first(
        self,
        service: str,
        operation: str,
        key: str,
        *,
        since: datetime,
        time: str = "CreationTime",
        fields: Sequence[str] | None = None,
        region: str | None = None,
        **arguments: Any,
    ) -> Iterator[Any]:
        """Yield the items of a list operation from the newest to those of `since`, and read no page after that.

            self.newest_first("sagemaker", "list_transform_jobs", "TransformJobSummaries", since=since)

        For operations with `SortBy` and `SortOrder`, such as SageMaker's lists. Readers with different bounds share
        the pages. If a service does not sort as it is asked to, the whole list is read and sorted here: to stop early
        would miss items.

        Args:
            service: the service's name in boto3.
            operation: the client's method.
            key: the name of the list in the operation's answer.
            since: the time of the oldest item to yield.
            time: the field with the time by which the items are sorted.
            fields: the fields to keep; the time is always kept.
            region: as in `client`.
            **arguments: the other parameters of the operation.

        Raises:
            IncompleteAnswer: the list cannot be read to its end.
            botocore.exceptions.ClientError: a call failed.
        """
        kept = None if fields is None else tuple(dict.fromkeys((time, *fields)))
        sort = {"SortBy": "CreationTime", "SortOrder": "Descending"}
        pages = self._listing(service, operation, key, kept, region, {**sort, **arguments}).pages()
        before: datetime | None = None
        for page in pages:
            times = [item[time] for item in page]
            if times != sorted(times, reverse=True) or (before and times and times[0] > before):
                log.warning("list is not newest first", extra={"event": "not_sorted", "operation": operation})
                rest = [*page, *(item for later in pages for item in later)]
                found = [item for item in rest if item[time] >= since]
                yield from sorted(found, key=lambda item: item[time], reverse=True)
                return
            yield from (item for item in page if item[time] >= since)
            if times and times[-1] < since:
                return
            before = times[-1] if times else before

    def call(self, service: str, operation: str, *, region: str | None = None, **arguments: Any) -> dict[str, Any]:
        """Make one call, such as `describe_endpoint`, once in a run for the same arguments; do not change the answer.

        Raises:
            IncompleteAnswer: botocore has no such operation.
            botocore.exceptions.ClientError: the call failed.
        """

        def compute() -> Any:
            client = self.client(service, region)
            paging.operation_model(client, operation)
            return getattr(client, operation)(**arguments)

        self._run.note(f"{service} {operation}")
        answer: dict[str, Any] = self._run.memo.get(("call", service, region, operation, frozen(arguments)), compute)
        return answer

    def describe_each(self, describe: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
        """Call a function with each item of a list, four at a time, and return its answers in the same order.

            jobs = self.describe_each(lambda name: self.call("sagemaker", "describe_transform_job", ...), names)

        The first error ends it: a list with some descriptions missing is not a value.
        """
        from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

        given = list(items)
        if len(given) < 2:
            return [describe(item) for item in given]
        pool = ThreadPoolExecutor(max_workers=min(len(given), _MAX_CALLS), thread_name_prefix="describe")
        try:
            calls = [pool.submit(in_this_context(describe), item) for item in given]
            wait(calls, return_when=FIRST_EXCEPTION)
        finally:
            # After a failure, what has begun ends first: its calls must not go on when the metric has failed.
            pool.shutdown(cancel_futures=True)
        return [call.result() for call in calls]

    def present(self) -> datetime:
        """Return when the run takes place: later than `now()` if a past instant is requested."""
        return self._run.present

    def pause(self, seconds: float) -> None:
        """Wait for a service that prepares its answer.

        Raises:
            RunEnded: the time of the extraction is over.
        """
        self._run.pause(seconds)

    def statistics(
        self, queries: Sequence[Statistic], window: Window, *, period: int | None = None, region: str | None = None
    ) -> list[Series]:
        """Return values of CloudWatch metrics. All queries of a run that wait at the same time are sent together.

        Args:
            queries: the metrics, with their exact sets of dimensions.
            window: the period of time, whose ends are rounded down to a multiple of `period`.
            period: seconds of each value; by default five minutes, and an hour for a longer or older window.
            region: as in `client`.

        Returns:
            A series for each query, in the same order. No data is a series without values, and not 0.

        Raises:
            CloudWatchIncomplete: CloudWatch did not return everything.
            botocore.exceptions.ClientError: the call failed.
        """
        return [found[0] for found in self._run.batch.get(list(queries), window, period, region)]

    def search(
        self,
        namespace: str,
        dimensions: Sequence[str],
        metric: str,
        statistic: str,
        window: Window,
        *,
        where: Mapping[str, str] | None = None,
        period: int | None = None,
        region: str | None = None,
    ) -> dict[tuple[str, ...], Series]:
        """Return the values of every CloudWatch metric of this name that has exactly these dimensions.

            self.search("AWS/SageMaker", ["EndpointName", "VariantName"], "Invocations", "Sum", self.window(hours=24))

        Args:
            namespace: such as "AWS/SageMaker".
            dimensions: the names of all dimensions of the metric.
            metric: its name.
            statistic: such as "Sum" or "p95".
            window: as in `statistics`.
            where: values that dimensions must have.
            period: as in `statistics`.
            region: as in `client`.

        Returns:
            The series by the values of `dimensions`, in their order: only those that have data, and that the own
            account published.

        Raises:
            NothingToReport: the window is of a past instant and begins more than two weeks ago. CloudWatch finds only
                metrics that had data since then, and the others would be missing.
            CloudWatchIncomplete: CloudWatch did not return everything, or there are 500 series, which is its limit.
            botocore.exceptions.ClientError: the call failed.
        """
        from ds_dashboard.metrics.cloudwatch import Search

        query = Search(namespace, tuple(dimensions), metric, statistic, tuple(sorted((where or {}).items())))
        return self.search_all([query], window, period=period, region=region)[0]

    def search_all(
        self, queries: Sequence[Search], window: Window, *, period: int | None = None, region: str | None = None
    ) -> list[dict[tuple[str, ...], Series]]:
        """Return the results of several searches, in the same order; parameters and errors are those of `search`."""
        from ds_dashboard.metrics.cloudwatch import by_dimensions

        if self.is_as_of and self.present() - window.since > _SEARCHED:
            raise NothingToReport("a search of CloudWatch finds only metrics that had data in the last two weeks")
        found = self._run.batch.get(list(queries), window, period, region)
        return [by_dimensions(one, lambda: self.account_id) for one in found]

    def read(self, reading: Reading[Any, Answer], **arguments: Any) -> Answer:
        """Return the result of a reading, which a run computes once for the same arguments; do not change it.

        Raises:
            ValueError: the reading is not declared, so that its permissions would be missing.
            Exception: what the reading raised. It fails for all metrics that need it.
        """
        if reading not in self._declared_readings():
            reads = type(self).__name__ if self._reading is None else self._reading.name
            raise ValueError(f"{reads} reads {reading.name} without declaring it: add it to `readings`")
        reader = Reader()
        reader.join(self._run)
        reader._reading = reading
        found: Answer = self._run.memo.get(
            ("reading", reading, frozen(arguments)), lambda: reading.function(reader, **arguments)
        )
        return found

    def _declared_readings(self) -> Sequence[Reading[Any, Any]]:
        return self._reading.readings if self._reading is not None else ()

    def _listing(
        self,
        service: str,
        operation: str,
        key: str,
        fields: Fields,
        region: str | None,
        arguments: Mapping[str, Any],
    ) -> Listing:
        kept = fields if callable(fields) or fields is None else tuple(fields)
        run = self._run

        def make() -> Listing:
            keep = projection(kept)
            pages = paging.pages(self.client(service, region), operation, key, arguments)
            return Listing([keep(item) for item in page] for page in _noted(run, pages, f"{service} {operation}"))

        run.note(f"{service} {operation}")
        listing: Listing = run.memo.get(("pages", service, region, operation, key, kept, frozen(dict(arguments))), make)
        return listing


def _noted(run: Run, pages: Iterator[Sequence[Any]], call: str) -> Iterator[Sequence[Any]]:
    for number, page in enumerate(pages, 1):
        run.note(f"{call}, of which {number} pages were read")
        yield page
