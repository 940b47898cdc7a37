"""One extraction as its metrics see it: the instant, the account, and everything that they read together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ds_dashboard import aws
from ds_dashboard.identity import Location
from ds_dashboard.metrics import rates
from ds_dashboard.metrics.errors import RunEnded
from ds_dashboard.metrics.listing import Memo

if TYPE_CHECKING:
    from ds_dashboard.metrics.cloudwatch import Batch


class _Current(NamedTuple):
    run: Run
    metric: str


_current: ContextVar[_Current | None] = ContextVar("current", default=None)


class Run:
    """What the metrics of an extraction share.

    Attributes:
        instant: the end of every window and the date of every value, in UTC.
        as_of: whether the instant was requested and is past.
        memo: results of readings and calls, by key.

    Args:
        instant: None for the present.
        location: the spoke's account and region; None looks them up when a metric needs them.
        as_of: see above.
    """

    def __init__(
        self, instant: datetime | None = None, location: Location | None = None, *, as_of: bool = False
    ) -> None:
        self.instant = instant or datetime.now(UTC)
        self.as_of = as_of
        self.memo = Memo()
        self._location = location
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._batch: Batch | None = None
        self._computing: dict[str, str] = {}

    @property
    def location(self) -> Location:
        """The spoke's account, region and partition."""
        if self._location is None:
            sts = aws.client("sts")
            arn = sts.get_caller_identity()["Arn"].split(":")
            self._location = Location(account=arn[4], region=sts.meta.region_name, partition=arn[1])
        return self._location

    @property
    def present(self) -> datetime:
        """When the run takes place; it is later than the instant if a past one is requested."""
        return datetime.now(UTC) if self.as_of else self.instant

    @property
    def batch(self) -> Batch:
        """The CloudWatch queries that wait to be sent together."""
        with self._lock:
            if self._batch is None:
                from ds_dashboard.metrics.cloudwatch import Batch

                self._batch = Batch(self)
            return self._batch

    @property
    def computing(self) -> int:
        """The number of metrics that are being computed now."""
        return len(self._computing)

    @contextmanager
    def compute(self, metric: str) -> Iterator[None]:
        """Mark the block, in this thread, as the computation of a metric."""
        with self._lock:
            self._computing[metric] = ""
        token = _current.set(_Current(self, metric))
        try:
            yield
        finally:
            _current.reset(token)
            with self._lock:
                self._computing.pop(metric, None)
                batch = self._batch
            if batch is not None:
                batch.notify()

    def end(self) -> dict[str, str]:
        """Stop all calls that wait for their turn, and return what each unfinished metric was doing."""
        with self._lock:
            unfinished = dict(self._computing)
        self._ended.set()
        return unfinished

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the client of a service, whose calls wait for their turn."""
        return rates.limit(aws.client(service, region=region), _wait)

    def note(self, activity: str) -> None:
        """Note what the metric of this thread does, for the message if it is not done in time."""
        current = _current.get()
        if current is not None and current.run is self:
            self._computing[current.metric] = activity

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            RunEnded: the time of the extraction is over.
        """
        if self._ended.wait(seconds) or self._ended.is_set():
            raise RunEnded("the time of this extraction is over")


def _wait(seconds: float) -> None:
    current = _current.get()
    if current is not None:
        current.run.pause(seconds)
    elif seconds > 0:
        threading.Event().wait(seconds)


def in_this_context(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that can be called in another thread, as a part of this thread's metric."""
    current = _current.get()

    def call(*arguments: Any) -> Any:
        token = _current.set(current)
        try:
            return function(*arguments)
        finally:
            _current.reset(token)

    return call
