"""The last read of a hub, and why a newer one failed. Threads share it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import dates
from ds_dashboard.client.errors import HubError, error_code, failed_call, is_denied, is_expired
from ds_dashboard.pages.cells import Key, Recent
from ds_dashboard.pages.index import Index
from ds_dashboard.pages.model import Point, Unread
from ds_dashboard.pages.refresh import Requested, Wanted
from ds_dashboard.publish.source import Source

READ_ERRORS = (ClientError, BotoCoreError, HubError)


class _Kind(NamedTuple):
    text: str
    parameter: str


# By the code of the error, whose message does not name it.
_MISSING = {
    "ResourceNotFoundException": _Kind("table", "TableName"),
    "NoSuchBucket": _Kind("bucket", "Bucket"),
}
# Sparklines that are remembered until the next read: ten pages of a matrix, 22 MB.
_MAX_RECENT = 3_000
# Requests that pages name.
_MAX_REQUESTED = 3


class Held(NamedTuple):
    """The last read of the hub, what could not be read since, and what was requested since."""

    content: Index
    banners: Sequence[str]
    requested: Sequence[Requested]


class LastRead:
    """The last read of a hub.

    Args:
        source: the hub.
        words: says what could not be read, and what to do; `explain` says it to whose credentials are used.
    """

    def __init__(self, source: Source, words: Callable[[Exception], str] | None = None) -> None:
        self.source = source
        self._explain = words or explain
        self._lock = threading.Lock()
        self._reading = threading.Lock()
        self._index: Index | None = None
        self._banner = ""
        self._notes: dict[str, str] = {}
        self._requested: list[Requested] = []
        self._recent: OrderedDict[Key, Sequence[Point]] = OrderedDict()

    @property
    def has_read(self) -> bool:
        """Whether there is a read to answer from."""
        return self._index is not None

    def read(self) -> None:
        """Read the hub again. If that fails, the last read stays, and a banner says why."""
        with self._reading:
            try:
                snapshot = self.source.snapshot()
            except READ_ERRORS as error:
                with self._lock:
                    self._banner = self._explain(error)
                if self._index is None:
                    raise
                return
            index = Index(snapshot)
            with self._lock:
                self._banner, self._notes, self._requested = "", {}, []
            try:
                index.set_values_before(self.source.values_before(snapshot))
            except READ_ERRORS as error:
                index.has_values_before = False
                self._note("before", "Changes of seven days are not shown.", error)
            with self._lock:
                self._index = index
                self._recent.clear()

    def _note(self, part: str, text: str, error: Exception, words: Callable[[Exception], str] | None = None) -> None:
        """Remember what is not shown; that credentials have expired is said once, and not for each part."""
        why = (words or self._explain)(error)
        with self._lock:
            if is_expired(error):
                self._banner = why
            else:
                self._notes[part] = f"{text} {why}"

    def held(self) -> Held:
        """Return the last read."""
        if self._index is None:
            self.read()
        with self._lock:
            assert self._index is not None
            banners = [text for text in (self._banner, *self._notes.values()) if text]
            return Held(self._index, banners, self._requested[-_MAX_REQUESTED:])

    def recent(self, keys: Sequence[Key]) -> Recent:
        """Return the last values of series; those that were read since the last read of the hub are remembered."""
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            index = self._index
            found: dict[Key, Sequence[Point]] = {key: self._recent[key] for key in wanted if key in self._recent}
        missing = [key for key in wanted if key not in found]
        if not missing:
            return found
        try:
            read: Mapping[Key, Sequence[Point]] = self.source.recent(missing)
        except READ_ERRORS as error:
            self._note("recent", "Sparklines are not shown.", error)
            return found
        with self._lock:
            self._notes.pop("recent", None)
            # Not if the hub was read again meanwhile: what was read before may be older.
            if self._index is index:
                self._recent.update(read)
            while len(self._recent) > _MAX_RECENT:
                self._recent.popitem(last=False)
        return {**found, **read}

    def history(self, key: Key, since: datetime, until: datetime) -> Sequence[Point]:
        """Return the values of a series in a period.

        Raises:
            Unread: they cannot be read.
        """
        try:
            return self.source.history(key, since, until)
        except READ_ERRORS as error:
            if is_expired(error):
                self._note("history", "", error)
            raise Unread(self._explain(error)) from error

    def refresh(self, wanted: Wanted) -> None:
        """Request fresh values. Until the next read, pages say that they were requested, or why they were not."""
        names = ([one] if one else [] for one in (wanted.metric, wanted.project, wanted.environment))
        try:
            refresh_id = self.source.refresh(*names)
        except READ_ERRORS as error:
            words = partial(explain, policy="operator_policy_json")
            self._note("refresh", f"No fresh value of {wanted} was requested.", error, words)
            return
        with self._lock:
            self._notes.pop("refresh", None)
            self._requested.append(Requested(wanted, dates.now(), refresh_id))

    def now(self) -> datetime:
        """Return the instant from which ages are measured: ages grow while a page is not read again."""
        index = self._index
        if index is not None and index.snapshot.is_demo:
            return index.snapshot.read_at
        return dates.now()


def explain(error: Exception, policy: str = "reader_policy_json") -> str:
    """Return what could not be read, and what to do, for a banner.

    Args:
        error: of the read.
        policy: the output of the hub module with the permission.
    """
    if is_expired(error):
        return (
            "Your credentials have expired. Renew them, for example with `aws sso login`, and read again. If they are "
            "in environment variables, start `ds-dashboard web` again with new ones. What was read last stays."
        )
    if isinstance(error, ClientError):
        if is_denied(error):
            return f"Your credentials may not call {error.operation_name}. The hub's {policy} grants it."
        if missing := missing_resource(error):
            where = "in this account and region"
            return f"The {missing} does not exist {where}. Apply the hub, or use --profile and --region."
        return f"{error.operation_name} failed: {error_code(error)}: {error.response['Error'].get('Message', '')}"
    return str(error)


def missing_resource(error: Exception) -> str:
    """Return the table or bucket that a call needs and that does not exist; empty if the error is another one."""
    call, kind = failed_call(error), _MISSING.get(error_code(error))
    if call is None or kind is None or kind.parameter not in call.params:
        return ""
    return f"{kind.text} {call.params[kind.parameter]}"
