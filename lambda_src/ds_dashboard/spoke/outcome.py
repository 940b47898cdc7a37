"""What becomes of one metric in one run: a value, or the reason why there is none. Either is one event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ds_dashboard import canonical_json, dates, event, schema
from ds_dashboard.metrics.value import MetricValue
from ds_dashboard.refresh import Refresh

_MAX_MESSAGE = 2048
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden")
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown", "LimitExceeded")


@dataclass(frozen=True, slots=True)
class Failed:
    """A metric without a value: a gap in the chart, never a zero."""

    error_type: str
    message: str
    at: datetime = field(default_factory=dates.now)


@dataclass(frozen=True, slots=True)
class Computed:
    """A metric's value, exact, with what belongs to it."""

    value: int | Decimal | str
    unit: str
    metadata: Mapping[str, Any]
    breakdown: list[dict[str, Any]]
    at: datetime = field(default_factory=dates.now)


class ValueRefused(ValueError):
    """A metric returned what is no value; the message says what it returned and what it should."""


def exact_value(raw: object) -> int | Decimal | str:
    """The value of a metric as the contract carries it: an exact number, or a text.

    Takes int, float, Decimal, str, and scalars of numerical libraries (anything whose `item()` gives one of these).

    Raises:
        ValueRefused: None, NaN, infinity, more than 38 significant digits, or another type.
    """
    if hasattr(raw, "item") and not isinstance(raw, int | float | Decimal | str):
        raw = raw.item()
    if isinstance(raw, bool):
        raise ValueRefused(f"returned {raw}: return 1 or 0, so that the values can be added up")
    if isinstance(raw, str):
        return str(raw)
    if not isinstance(raw, int | float | Decimal):
        shown = "None" if raw is None else f"a value of type {type(raw).__name__}"
        raise ValueRefused(f"returned {shown}: return a number or a text")
    try:
        return canonical_json.exact(raw)
    except canonical_json.NotExact as error:
        raise ValueRefused(f"returned {error}") from None


def computed(raw: object, *, unit: str, metadata: Mapping[str, Any] | None) -> Computed:
    """The outcome of a metric that returned `raw`: a value, or a `MetricValue` with its breakdown.

    Raises:
        ValueRefused: the value, or one of the breakdown, is none.
    """
    headline, breakdown = (raw.value, raw.breakdown) if isinstance(raw, MetricValue) else (raw, [])
    value = exact_value(headline)
    rows = [{**row, "Value": exact_value(row["Value"])} for row in breakdown]
    if metadata is not None and not isinstance(metadata, Mapping):
        raise ValueRefused(f"has metadata of type {type(metadata).__name__}: let them be a dict")
    try:
        # Copied here, where a fault is this metric's alone: who knows what an author's objects do when they are read.
        copied = canonical_json.loads(canonical_json.dumps([unit, dict(metadata or {}), rows]))
    except canonical_json.NotExact as error:
        raise ValueRefused(f"returned a value that no event can carry: {error}") from None
    return Computed(value, *copied)


def explain(name: str, error: BaseException) -> Failed:
    """Why the metric `name` has no value, in words that name the cure where there is one."""
    if isinstance(error, ValueRefused):
        return Failed("MetricValueRefused", f"{name} {error}.")
    response = getattr(error, "response", None)
    answer = response.get("Error") if isinstance(response, dict) else None
    code = str(answer.get("Code", "")) if isinstance(answer, dict) else ""
    if code.startswith(_DENIED):
        action = _ACTION.search(str(error))
        needed = action.group(1) if action else f"the permission for {getattr(error, 'operation_name', 'that call')}"
        return Failed(
            "MetricDenied",
            f"{name} needs {needed}, which its role was refused. Declare it in the metric's _iam_permissions, run "
            f"`make manifest package-lambdas` and apply again; where it is declared, look for a permissions boundary "
            f"or a service control policy. AWS said: {error}",
        )
    if code.startswith(_THROTTLED):
        return Failed("MetricThrottled", f"{name}: {error} It will be asked again with the next refresh.")
    return Failed(type(error).__name__, f"{name}: {error}" if str(error) else f"{name} failed without a message")


def entry(
    outcome: Computed | Failed, *, name: str, project_name: str, environment: str, refresh: Refresh
) -> dict[str, str]:
    """The event of an outcome, as an entry of PutEvents without its bus; its `Detail` is serialized once, here.

    A value that the contract does not allow (too large, say) becomes the event of a failure.
    """
    common = {
        "MetricName": name,
        "ProjectName": project_name,
        "Environment": environment,
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
            schema.check("result", canonical_json.loads(text))
            if len(text.encode()) <= event.MAX_DETAIL_BYTES:
                return _entry(event.Kind.RESULT, text)
            reason = f"{len(text.encode())} bytes, {event.MAX_DETAIL_BYTES} are allowed: return less"
        except (canonical_json.NotExact, schema.DoesNotConform) as error:
            reason = str(error)
        outcome = Failed("MetricValueRefused", f"{name} returned a value that no event can carry: {reason}")
    failure = {
        **common,
        "ErrorType": _clean(outcome.error_type)[:128] or "Error",
        "ErrorMessage": _short(outcome.message),
    }
    return _entry(event.Kind.FAILURE, canonical_json.dumps(failure))


def _entry(kind: event.Kind, detail: str) -> dict[str, str]:
    return {"Source": event.SOURCE, "DetailType": kind.value, "Detail": detail}


def _short(message: str) -> str:
    clean = _clean(message)
    return clean if len(clean) <= _MAX_MESSAGE else clean[: _MAX_MESSAGE - 1] + "…"


def _clean(text: str) -> str:
    # An error may quote bytes that are no text; its message must travel all the same.
    return text.encode("utf-8", "replace").decode("utf-8")
