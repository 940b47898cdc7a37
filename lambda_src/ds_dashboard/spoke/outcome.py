"""The outcome of one metric in one run: a value, or the reason why it has none. Each outcome is one event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json, dates, event, schemas
from ds_dashboard.canonical_json import CanonicalJSONError
from ds_dashboard.event import Refresh
from ds_dashboard.identity import Project
from ds_dashboard.metrics.base import MetricValue

_MAX_MESSAGE = 2048
_MAX_ERROR_TYPE = 128
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden")
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "LimitExceeded")


@dataclass(frozen=True, slots=True)
class Failed:
    """A metric without a value: a gap in the chart, never a zero.

    Attributes:
        error_type: `ErrorType` of the failure event.
        message: what failed, and the fix if it is known.
        at: when the metric failed.
    """

    error_type: str
    message: str
    at: datetime = field(default_factory=dates.now)


@dataclass(frozen=True, slots=True)
class Computed:
    """A metric's exact value, and the other parts of its result event.

    Attributes:
        value: the headline value.
        unit: what the value counts.
        metadata: what the metric put into its `metadata`.
        breakdown: rows of `{"Dimensions": {...}, "Value": ...}`; empty if the metric has no dimensions.
        at: when the value was computed.
    """

    value: int | Decimal | str
    unit: str
    metadata: Mapping[str, Any]
    breakdown: list[dict[str, Any]]
    at: datetime = field(default_factory=dates.now)


class InvalidValue(ValueError):
    """A metric returned something that is not a value; the message says what it returned and what it should return."""


def exact_value(raw: object) -> int | Decimal | str:
    """Convert what a metric returned into a value of the event contract: an exact number or a string.

    Args:
        raw: int, float, Decimal or str, or a scalar of a numerical library (its `item()` returns one of these).

    Raises:
        InvalidValue: None, NaN, infinity, more than 38 significant digits, or another type.
    """
    if hasattr(raw, "item") and not isinstance(raw, int | float | Decimal | str):
        raw = raw.item()
    if isinstance(raw, bool):
        raise InvalidValue(f"returned {raw}: return 1 or 0, so that the values can be summed")
    if isinstance(raw, str):
        return canonical_json.exact_text(raw)
    if not isinstance(raw, int | float | Decimal):
        shown = "None" if raw is None else f"a value of type {type(raw).__name__}"
        raise InvalidValue(f"returned {shown}: return a number or a string")
    try:
        return canonical_json.exact(raw)
    except CanonicalJSONError as error:
        raise InvalidValue(f"returned {error}") from None


def computed(raw: object, *, unit: str, metadata: Mapping[str, Any] | None) -> Computed:
    """Convert what a metric returned into its outcome.

    Args:
        raw: a value, or a `MetricValue` with a breakdown.
        unit: the metric's unit.
        metadata: the metric's metadata.

    Raises:
        InvalidValue: the value, the breakdown or the metadata cannot be part of an event.
    """
    headline, breakdown = (raw.value, raw.breakdown) if isinstance(raw, MetricValue) else (raw, [])
    value = exact_value(headline)
    rows = [{**row, "Value": exact_value(row["Value"])} for row in breakdown]
    if metadata is not None and not isinstance(metadata, Mapping):
        raise InvalidValue(f"has metadata of type {type(metadata).__name__}: make it a dict")
    try:
        # Copied here, where an object that raises when it is read fails this metric alone.
        copied = canonical_json.loads(canonical_json.dumps([unit, dict(metadata or {}), rows]))
    except CanonicalJSONError as error:
        raise InvalidValue(f"returned a value that an event cannot contain: {error}") from None
    return Computed(value, *copied)


def explain(name: str, error: BaseException) -> Failed:
    """Return why a metric has no value, with the fix if it is known.

    Args:
        name: the metric's name.
        error: what the metric raised.
    """
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


def entry(outcome: Computed | Failed, *, name: str, project: Project, refresh: Refresh) -> dict[str, str]:
    """Return the event of an outcome, as an entry of PutEvents without its bus.

    `Detail` is serialized here and only here. A value that the contract does not allow, such as one that is too large,
    becomes a failure event.
    """
    common = {
        "MetricName": name,
        "ProjectName": project.name,
        "Environment": project.environment,
        "RefreshId": refresh.refresh_id,
        "ExtractionDate": dates.format_instant(outcome.at),
    }
    if isinstance(outcome, Computed):
        detail: dict[str, Any] = {
            **common,
            "MetricValue": outcome.value,
            "Metadata": outcome.metadata,
            "Unit": outcome.unit,
        }
        if outcome.breakdown:
            detail["Breakdown"] = outcome.breakdown
        try:
            text = canonical_json.dumps(detail)
            event.check_size(text)
            schemas.check("result", canonical_json.loads(text))
            canonical_json.check_deliverable(text)
            return _entry(event.Kind.RESULT, text)
        except event.Malformed as error:
            reason = f"{error}: return less"
        except (CanonicalJSONError, schemas.DoesNotConform) as error:
            reason = str(error)
        outcome = Failed("MetricValueRefused", f"{name} returned a value that an event cannot contain: {reason}")
    failure = {
        **common,
        "ErrorType": _clean(outcome.error_type)[:_MAX_ERROR_TYPE] or "Error",
        "ErrorMessage": _shorten(outcome.message),
    }
    return _entry(event.Kind.FAILURE, canonical_json.deliverable(canonical_json.dumps(failure)))


def _entry(kind: event.Kind, detail: str) -> dict[str, str]:
    return {"Source": event.SOURCE, "DetailType": kind.value, "Detail": detail}


def _shorten(message: str) -> str:
    clean = _clean(message)
    return clean if len(clean) <= _MAX_MESSAGE else clean[: _MAX_MESSAGE - 1] + "…"


def _clean(text: str) -> str:
    # An error may quote bytes that are not valid text. Its message must be sent anyway.
    return text.encode("utf-8", "replace").decode("utf-8")
