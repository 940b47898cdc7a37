"""A list that several metrics of a run read: page by page, each page once, for everybody who needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any


class Listing:
    """The items of a list operation. A page is read when the first reader needs it, and all later readers reuse it.

    A reader that stops early leaves the rest unread. An error stays: everybody who needs the missing page gets it.

    Args:
        pages: yields the items of each page.
    """

    def __init__(self, pages: Iterator[Sequence[Any]]) -> None:
        self._unread = pages
        self._lock = threading.Lock()
        self._read: list[Sequence[Any]] = []
        self._complete = False
        self._error: BaseException | None = None

    def __iter__(self) -> Iterator[Any]:
        for page in self.pages():
            yield from page

    def pages(self) -> Iterator[Sequence[Any]]:
        """Yield the items page by page."""
        index = 0
        while index < len(self._read) or self._has_more(index):
            yield self._read[index]
            index += 1

    def _has_more(self, index: int) -> bool:
        """Read the page with this index, unless there is none."""
        with self._lock:
            if index < len(self._read):
                return True
            if self._error is not None:
                raise self._error
            if not self._complete:
                try:
                    page = next(self._unread, None)
                except BaseException as error:
                    self._error = error
                    raise
                if page is None:
                    self._complete = True
                else:
                    self._read.append(page)
            return index < len(self._read)


class Memo:
    """Results by key. The first caller of a key computes it, and the others wait for the same result or error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[Any, _Slot] = {}

    def get(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return the result for a key, or raise the error with which its computation ended."""
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        return slot.get(compute)


class _Slot:
    def __init__(self) -> None:
        # Reentrant, so that a reading that needs itself ends with Python's RecursionError instead of waiting for ever.
        self._lock = threading.RLock()
        self._done = False
        self._result: Any = None
        self._error: BaseException | None = None

    def get(self, compute: Callable[[], Any]) -> Any:
        with self._lock:
            if not self._done:
                try:
                    self._result = compute()
                except BaseException as error:  # noqa: BLE001 - whoever needs the result gets the error
                    self._error = error
                self._done = True
            if self._error is not None:
                raise self._error
            return self._result


def frozen(value: Any) -> Any:
    """Return a hashable equivalent of the arguments of an operation."""
    if isinstance(value, dict):
        return tuple(sorted((key, frozen(item)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        return (type(value).__name__, *(frozen(item) for item in value))
    return value


def projection(fields: Sequence[str] | Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """Return the function that keeps only the fields of an item that are needed."""
    if fields is None:
        return lambda item: item
    if callable(fields):
        return fields
    names = tuple(fields)
    return lambda item: {name: item[name] for name in names if name in item}
