"""The outcome of one metric in one run: a value, or the reason why it has none. Each outcome is one event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from ds_dashboard import canonical_json, dates, event, schemas
from ds_dashboard.canonical_json import CanonicalJSONError
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics.errors import NothingToReport, RunEnded
from ds_dashboard.metrics.value import Fold, MetricValue, fold, total

OUT_OF_TIME = "MetricOutOfTime"

_MAX_MESSAGE = 2048
# As in the schema of the run event.
_MAX_REASON = 512
_MAX_ERROR_TYPE = 128
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden")
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "LimitExceeded")


class Failed(NamedTuple):
    """A metric without a value: a gap in the chart, never a zero.

    Attributes:
        error_type: `ErrorType` of the failure event.
        message: what failed, and the fix if it is known.
    """

    error_type: str
    message: str


class Nothing(NamedTuple):
    """A metric that has nothing to report, with the reason."""

    reason: str


class Computed(NamedTuple):
    """A metric's exact value, and the other parts of its result event.

    Attributes:
        value: the headline value.
        unit: what the value counts.
        metadata: what the metric put into its `metadata`.
        breakdown: rows of `{"Dimensions": {...}, "Value": ...}`; empty if the metric has no dimensions.
        other: makes the value of the row into which rows are folded that do not fit into an event.
    """

    value: int | Decimal | str
    unit: str
    metadata: Mapping[str, Any]
    breakdown: list[dict[str, Any]]
    other: Fold = total


class Series(NamedTuple):
    """What the events of a metric have in common.

    Attributes:
        name: `MetricName`.
        project: the spoke's project and environment.
        refresh: the request.
        instant: the instant of the run, in UTC.
        arguments: the arguments that the request sets.
    """

    name: str
    project: Project
    refresh: Refresh
    instant: datetime
    arguments: Mapping[str, str] = {}


class InvalidValue(ValueError):
    """A metric returned something that is not a value; the message says what it returned and what it should return."""


def exact_value(raw: object, where: str = "") -> int | Decimal | str:
    """Convert what a metric returned into a value of the event contract: an exact number or a string.

    Args:
        raw: int, float, Decimal or str, or a scalar of a numerical library (its `item()` returns one of these).
        where: where the metric returned it, such as `Breakdown[2].Value`; empty for the headline value.

    Raises:
        InvalidValue: None, NaN, infinity, more than 38 significant digits, or another type.
    """
    if hasattr(raw, "item") and not isinstance(raw, int | float | Decimal | str):
        raw = raw.item()
    at = f" as {where}" if where else ""
    if isinstance(raw, bool):
        raise InvalidValue(f"returned {raw}{at}: return 1 or 0, so that the values can be summed")
    if isinstance(raw, str):
        return canonical_json.exact_text(raw)
    if not isinstance(raw, int | float | Decimal):
        shown = "None" if raw is None else f"a value of type {type(raw).__name__}"
        raise InvalidValue(f"returned {shown}{at}: return a number or a string")
    try:
        return canonical_json.exact(raw)
    except CanonicalJSONError as error:
        raise InvalidValue(f"returned {error}{at}") from None


def computed(raw: object, *, unit: str, metadata: Mapping[str, Any] | None) -> Computed:
    """Convert what a metric returned into its outcome.

    Args:
        raw: a value, or a `MetricValue` with a breakdown.
        unit: the metric's unit.
        metadata: the metric's metadata.

    Raises:
        InvalidValue: the value, the breakdown or the metadata cannot be part of an event.
    """
    headline, breakdown, other = (
        (raw.value, raw.breakdown, raw.other) if isinstance(raw, MetricValue) else (raw, [], total)
    )
    value = exact_value(headline)
    rows = [
        {**row, "Value": exact_value(row["Value"], f"Breakdown[{index}].Value")} for index, row in enumerate(breakdown)
    ]
    if metadata is not None and not isinstance(metadata, Mapping):
        raise InvalidValue(f"has metadata of type {type(metadata).__name__}: make it a dict")
    parts = {"Unit": unit, "Metadata": dict(metadata or {}), "Breakdown": rows}
    try:
        # Copied here, where an object that raises when it is read fails this metric alone.
        copied = canonical_json.loads(canonical_json.dumps(parts))
    except CanonicalJSONError as error:
        path = canonical_json.path_to_fault(parts)
        raise InvalidValue(f"returned what an event cannot contain: {path}: {error}") from None
    return Computed(value, copied["Unit"], copied["Metadata"], copied["Breakdown"], other)


def explain(name: str, error: BaseException) -> Failed | Nothing:
    """Return why a metric has no value, with the fix if it is known.

    Args:
        name: the metric's name.
        error: what the metric raised.
    """
    if isinstance(error, NothingToReport):
        return Nothing(_clean(error.reason)[:_MAX_REASON] or "no reason given")
    if isinstance(error, RunEnded):
        return Failed(OUT_OF_TIME, f"{name}: {error}")
    if isinstance(error, InvalidValue):
        return Failed("MetricValueRefused", f"{name} {error}.")
    response = getattr(error, "response", None)
    answer = response.get("Error") if isinstance(response, dict) else None
    code = str(answer.get("Code", "")) if isinstance(answer, dict) else ""
    if code.startswith(_DENIED):
        action = _ACTION.search(str(error))
        needed = action.group(1) if action else f"the permission for {getattr(error, 'operation_name', 'that call')}"
        return Failed(
            "MetricDenied",
            f"{name} needs {needed}, which its role does not have. Declare it in the metric's _iam_permissions, run "
            f"`make manifest package-lambdas` and apply again. If it is declared, check for a permissions boundary or "
            f"a service control policy. AWS answered: {error}",
        )
    if code.startswith(_THROTTLED):
        return Failed("MetricThrottled", f"{name}: {error} The next refresh computes it again.")
    return Failed(type(error).__name__, f"{name}: {error}" if str(error) else f"{name} failed without a message")


def entry(outcome: Computed | Failed, series: Series) -> dict[str, str]:
    """Return the event of an outcome, as an entry of PutEvents without its bus.

    `Detail` is serialized here and only here. A breakdown that does not fit into an event is folded. A value that the
    contract does not allow becomes a failure event.
    """
    common = {
        "MetricName": series.name,
        "ProjectName": series.project.name,
        "Environment": series.project.environment,
        "RefreshId": series.refresh.refresh_id,
        "ExtractionDate": dates.format_instant(series.instant),
    }
    if isinstance(outcome, Computed):
        try:
            text = _fitting(outcome, {**common, "MetricValue": outcome.value, "Unit": outcome.unit}, series)
            schemas.check("result", canonical_json.loads(text))
            _check_deliverable(text)
            return _entry(event.Kind.RESULT, text)
        except event.Malformed as error:
            reason = f"{error}: return less"
        except (CanonicalJSONError, schemas.DoesNotConform, InvalidValue) as error:
            reason = str(error)
        outcome = Failed("MetricValueRefused", f"{series.name} returned a value that an event cannot contain: {reason}")
    failure = {
        **common,
        "ErrorType": _clean(outcome.error_type)[:_MAX_ERROR_TYPE] or "Error",
        "ErrorMessage": _shorten(outcome.message),
    }
    return _entry(event.Kind.FAILURE, canonical_json.deliverable(canonical_json.dumps(failure)))


def _check_deliverable(text: str) -> None:
    try:
        canonical_json.check_deliverable(text)
    except CanonicalJSONError as error:
        path = canonical_json.path_to_fault(
            canonical_json.loads(text), lambda part: canonical_json.check_deliverable(canonical_json.dumps(part))
        )
        raise InvalidValue(f"{path}: {error}" if path else str(error)) from None


def _fitting(outcome: Computed, detail: Mapping[str, Any], series: Series) -> str:
    """Return the JSON of a result with as many rows of its breakdown as an event has room for.

    Raises:
        event.Malformed: it is too large, and has no rows that can be folded.
        InvalidValue: the folded rows have no value.
    """
    metadata = dict(outcome.metadata)
    if series.refresh.as_of is not None:
        metadata["AsOf"] = True
    if series.arguments:
        metadata["Arguments"] = dict(series.arguments)

    def text_of(rows: list[dict[str, Any]], folded: int) -> str:
        content = {**detail, "Metadata": {**metadata, "Folded": folded} if folded else metadata}
        text = canonical_json.dumps({**content, "Breakdown": rows} if rows else content)
        event.check_size(text)
        return text

    rows = outcome.breakdown
    try:
        return text_of(rows, 0)
    except event.Malformed:
        if len(rows) < 2 or not all(isinstance(row["Value"], int | Decimal) for row in rows):
            raise
    kept = _rows_that_fit(rows, text_of(*_folded(outcome, 0)))
    while True:
        try:
            return text_of(*_folded(outcome, kept))
        except event.Malformed:
            if kept == 0:
                raise
            # The row `other` is longer than it was without the others.
            kept -= 1


def _rows_that_fit(rows: list[dict[str, Any]], without_rows: str) -> int:
    """Return how many of the largest rows fit into an event, from the sizes of each: to try would serialize them often.

    Args:
        rows: rows of numbers.
        without_rows: the event with all rows folded.
    """
    left_bytes = event.MAX_DETAIL_BYTES - len(without_rows.encode())
    left_values = event.MAX_DETAIL_VALUES - canonical_json.count_values(without_rows)
    for number, row in enumerate(sorted(rows, key=lambda row: abs(row["Value"]), reverse=True)):
        left_bytes -= len(canonical_json.dumps(row).encode()) + 1
        left_values -= 2 + len(row["Dimensions"]) + 1
        if left_bytes < 0 or left_values < 0:
            return number
    return len(rows) - 1


def _folded(outcome: Computed, kept: int) -> tuple[list[dict[str, Any]], int]:
    try:
        rows = fold(outcome.breakdown, kept, outcome.other)
        rows[-1]["Value"] = exact_value(rows[-1]["Value"])
    except InvalidValue:
        raise
    except Exception as error:  # noqa: BLE001 - `other` is the author's function, which may raise anything
        raise InvalidValue(f"the row `other` has no value: {type(error).__name__}: {error}") from None
    return rows, len(outcome.breakdown) - len(rows) + 1


def _entry(kind: event.Kind, detail: str) -> dict[str, str]:
    return {"Source": event.SOURCE, "DetailType": kind.value, "Detail": detail}


def _shorten(message: str) -> str:
    clean = _clean(message)
    return clean if len(clean) <= _MAX_MESSAGE else clean[: _MAX_MESSAGE - 1] + "…"


def _clean(text: str) -> str:
    # An error may quote bytes that are not valid text. Its message must be sent anyway.
    return text.encode("utf-8", "replace").decode("utf-8")
