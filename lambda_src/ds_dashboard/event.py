"""The event contract: what spokes and the hub send each other, as Python values and as JSON.

The schemas in `schemas/` define the names of events and keys, which are public.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from ds_dashboard import canonical_json, dates, schemas, series, ulid
from ds_dashboard.canonical_json import CanonicalJSONError
from ds_dashboard.identity import Project
from ds_dashboard.schemas import DoesNotConform

SOURCE = "metric_extractor"
# Fits with its envelope into every queue: those that Terraform creates by default accept messages of up to 256 KiB.
MAX_DETAIL_BYTES = 200 * 1024
# What a value costs the archive hardly depends on its bytes, and 200 KB are one text or 100,000 numbers. The limit is
# measured in tests/bench/test_worst_batch.py. A breakdown with one dimension may have 2,500 rows.
MAX_DETAIL_VALUES = 10_000
_ENVELOPE_VALUES = 100
_MAX_TIME = 64
# The type that DynamoDB adds to each value, such as {"NULL":true} for null.
_TYPE_BYTES = 10
# The characters of a reason that are logged and sent on.
_MAX_REASON = 500
# EventBridge Scheduler replaces keywords such as <aws.scheduler.scheduled-time> in a schedule's input.
_UNREPLACED_KEYWORD = "<aws."
_REFRESH_KEYS = "RefreshId, Metrics, Projects, Environments, AsOf and Arguments"
_NO_ARGUMENTS: Mapping[str, Mapping[str, str]] = MappingProxyType({})


class Kind(StrEnum):
    """The kinds of events that a spoke sends; the value is the detail-type."""

    RESULT = "metric_extractor"
    FAILURE = "metric_extractor_failure"
    RUN = "metric_extractor_run"


_SCHEMA = {Kind.RESULT: "result", Kind.FAILURE: "failure", Kind.RUN: "run"}
_DATE_FIELD = {Kind.RESULT: "ExtractionDate", Kind.FAILURE: "ExtractionDate", Kind.RUN: "FinishedAt"}


class Malformed(ValueError):
    """An event breaks the contract; `code` is one of `Malformed`, `TooLarge`, `DateAhead`."""

    def __init__(self, message: str, code: str = "Malformed") -> None:
        super().__init__(message)
        self.code = code


class InvalidRefresh(ValueError):
    """The detail of a refresh has an unknown key or an invalid value; the message names the key."""


class Received(NamedTuple):
    """An event that arrived in the hub and conforms to the contract.

    Attributes:
        detail: the event's content; numbers are `int` or `Decimal`, never float.
        account: the sender's account ID, which EventBridge sets and the sender cannot choose.
        date: the instant, as sent, by which events of one series are ordered.
        dedup_key: the hexadecimal SHA-256 of the event's content, which is equal in each redelivery.
        request_bytes: what the detail takes in a request to DynamoDB, at most.
        put_at: when the sender put the event on its bus, to the second, as EventBridge writes it; empty if unknown.
    """

    kind: Kind
    detail: dict[str, Any]
    account: str
    region: str
    event_id: str
    date: datetime
    dedup_key: str
    request_bytes: int
    put_at: str = ""

    @property
    def project(self) -> Project:
        """The project and environment that the event is about."""
        return Project.of(self.detail)

    @property
    def is_as_of(self) -> bool:
        """Whether the event is part of a run as of a past instant, and so says nothing about the present."""
        return series.is_as_of(self.detail.get("RefreshId")) or (self.kind is Kind.RUN and "AsOf" in self.detail)


class Refresh(NamedTuple):
    """The hub's request for fresh values; None requests them from all projects or environments, or of all metrics.

    Attributes:
        refresh_id: identifies the request in every answer; a request that is delivered twice keeps its ID. That of a
            request as of a past instant follows from the instant.
        as_of: the past instant to compute values for; None for the present.
        arguments: name of a metric -> argument -> value: the arguments to compute it with, instead of those that the
            spoke deploys. Values are strings, as in Terraform.
    """

    refresh_id: str
    metrics: frozenset[str] | None = None
    projects: frozenset[str] | None = None
    environments: frozenset[str] | None = None
    as_of: datetime | None = None
    arguments: Mapping[str, Mapping[str, str]] = _NO_ARGUMENTS

    @classmethod
    def from_detail(cls, detail: object, *, event_id: str | None = None) -> Refresh:
        """Read the `detail` of a refresh event; an empty one requests all metrics of all spokes.

        Args:
            detail: the parsed JSON; None and keys with the value null count as absent.
            event_id: the refresh ID if the sender did not choose one, because redeliveries keep it.

        Raises:
            InvalidRefresh: a key is unknown, or a value is invalid.
        """
        given = detail if detail is not None else {}
        if isinstance(given, dict):
            given = {key: value for key, value in given.items() if value is not None}
        try:
            schemas.check("refresh", given)
            # Each answer repeats the ID of the request.
            canonical_json.check_deliverable(canonical_json.dumps(given))
        except (DoesNotConform, CanonicalJSONError) as error:
            raise InvalidRefresh(f"{_brief(error)}; a refresh has {_REFRESH_KEYS}") from None
        assert isinstance(given, dict)

        def chosen(key: str) -> frozenset[str] | None:
            return frozenset(given[key]) if key in given else None

        refresh_id = given.get("RefreshId")
        if refresh_id is not None and _UNREPLACED_KEYWORD in refresh_id:
            # Nothing replaced the schedule's keyword. As an ID, it would make all runs of the schedule one request.
            refresh_id = None
        as_of, metrics = _past_instant(given.get("AsOf")), chosen("Metrics")
        if as_of is not None:
            refresh_id = series.as_of_refresh_id(as_of)
        elif series.is_as_of(refresh_id):
            raise InvalidRefresh(
                f"RefreshId {refresh_id!r} is that of a refresh with AsOf: choose another, or add AsOf"
            )
        return cls(
            refresh_id=refresh_id or event_id or ulid.new(),
            metrics=metrics,
            projects=chosen("Projects"),
            environments=chosen("Environments"),
            as_of=as_of,
            arguments=_arguments(given.get("Arguments", {}), metrics),
        )

    def matches(self, project: Project) -> bool:
        """Return whether the refresh requests values of this project and environment."""
        return (self.projects is None or project.name in self.projects) and (
            self.environments is None or project.environment in self.environments
        )

    def detail(self) -> str:
        """Return the canonical JSON text of the event's `detail`."""
        content: dict[str, Any] = {"RefreshId": self.refresh_id}
        for key, names in (("Metrics", self.metrics), ("Projects", self.projects), ("Environments", self.environments)):
            if names is not None:
                content[key] = sorted(names)
        if self.as_of is not None:
            content["AsOf"] = dates.format_instant(self.as_of)
        if self.arguments:
            content["Arguments"] = {metric: dict(arguments) for metric, arguments in self.arguments.items()}
        return canonical_json.dumps(content)


def _past_instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = dates.parse(text)
    except dates.InvalidDate as error:
        raise InvalidRefresh(f"AsOf: {error}") from None
    if instant > dates.now():
        raise InvalidRefresh(
            f"AsOf is {dates.format_instant(instant)}, which is not past: leave it out for the present"
        )
    return instant


def _arguments(
    given: Mapping[str, Mapping[str, str]], metrics: frozenset[str] | None
) -> Mapping[str, Mapping[str, str]]:
    """Return the arguments of each metric that has any, and check that they can name a series."""
    arguments = {metric: dict(values) for metric, values in given.items() if values}
    for metric, values in arguments.items():
        try:
            series.series_name(metric, values)
        except ValueError as error:
            raise InvalidRefresh(f"Arguments: {_brief(error)}") from None
        if metrics is not None and metric not in metrics:
            raise InvalidRefresh(f"Arguments has {metric!r}, which is not in Metrics: add it there")
    return arguments


def values_to_read(body: str) -> int:
    """Return how many values `receive` reads in a message, at most; 0 if the message has more than are allowed."""
    most = MAX_DETAIL_VALUES + _ENVELOPE_VALUES
    bound = canonical_json.values_at_most(body)
    if bound <= most:
        return bound
    values = canonical_json.count_values(body)
    return values if values <= most else 0


def check_size(detail: str) -> None:
    """Check that a detail is not too large for the hub.

    Args:
        detail: its canonical JSON text.

    Raises:
        Malformed: it has more bytes or values than are allowed; the message has both numbers.
    """
    size = len(detail.encode())
    if size > MAX_DETAIL_BYTES:
        raise Malformed(f"detail has {size} bytes, {MAX_DETAIL_BYTES} are allowed", "TooLarge")
    if canonical_json.values_at_most(detail) > MAX_DETAIL_VALUES:
        values = canonical_json.count_values(detail)
        if values > MAX_DETAIL_VALUES:
            raise Malformed(f"detail has {values} JSON values, {MAX_DETAIL_VALUES} are allowed", "TooLarge")


def receive(body: str, now: datetime) -> Received:
    """Read one event from the text that EventBridge delivers, and check it.

    Args:
        body: the event's JSON text, including the envelope.
        now: the time of arrival. A date that is more than `dates.TOLERANCE` later is rejected.

    Raises:
        Malformed: the event breaks the contract; the message says what was expected and what was sent.
    """
    envelope = _read_envelope(body)
    kind = _kind(envelope)
    detail = envelope["detail"]
    if not isinstance(detail, dict):
        raise Malformed("detail is not an object")
    if kind is Kind.RESULT and "MetricName" not in detail:
        raise Malformed("this is a refresh, which only the hub itself may put on its bus")
    try:
        schemas.check(_SCHEMA[kind], detail)
        canonical = canonical_json.dumps(detail)
        canonical_json.check_deliverable(canonical)
    except (DoesNotConform, CanonicalJSONError) as error:
        raise Malformed(_brief(error)) from None
    check_size(canonical)
    # The JSON list of the four parts, written from the text of the detail: one more level around the detail itself
    # would exceed the depth limit for the deepest details.
    sender = ",".join(canonical_json.dumps(part) for part in (envelope["account"], envelope["region"], kind.value))
    identity = f"[{sender},{canonical}]".encode()
    if kind is Kind.RUN and "AsOf" in detail:
        _date(detail["AsOf"], "AsOf", now)
    return Received(
        kind=kind,
        detail=detail,
        account=envelope["account"],
        region=envelope["region"],
        event_id=envelope["id"],
        date=_date(detail[_DATE_FIELD[kind]], _DATE_FIELD[kind], now),
        dedup_key=hashlib.sha256(identity).hexdigest(),
        request_bytes=len(identity) + _TYPE_BYTES * canonical_json.values_at_most(canonical),
        put_at=envelope["time"][:_MAX_TIME] if isinstance(envelope.get("time"), str) else "",
    )


def _brief(error: ValueError) -> str:
    """Return the message of an error; it may quote a key that the sender chose, which can be as long as the event."""
    text = str(error)
    return text if len(text) <= _MAX_REASON else f"{text[:_MAX_REASON]}…"


def _read_envelope(body: str) -> dict[str, Any]:
    if not values_to_read(body):
        raise Malformed(
            f"the event has {canonical_json.count_values(body)} JSON values, {MAX_DETAIL_VALUES} are allowed",
            "TooLarge",
        )
    try:
        envelope = canonical_json.loads(body)
    except CanonicalJSONError as error:
        raise Malformed(str(error)) from None
    if not isinstance(envelope, dict):
        raise Malformed("not an EventBridge event: not an object")
    for key in ("account", "region", "id", "source", "detail-type"):
        if not isinstance(envelope.get(key), str) or not envelope[key]:
            raise Malformed(f"not an EventBridge event: {key!r} is missing, empty or not a string")
    if "detail" not in envelope:
        raise Malformed("not an EventBridge event: 'detail' is missing")
    return envelope


def _kind(envelope: dict[str, Any]) -> Kind:
    if envelope["source"] != SOURCE:
        raise Malformed(f"source is {envelope['source'][:64]!r}, expected {SOURCE!r}")
    try:
        return Kind(envelope["detail-type"])
    except ValueError:
        known = ", ".join(repr(kind.value) for kind in Kind)
        raise Malformed(f"detail-type is {envelope['detail-type'][:64]!r}, expected one of {known}") from None


def _date(text: str, field: str, now: datetime) -> datetime:
    try:
        instant = dates.parse(text)
    except dates.InvalidDate as error:
        raise Malformed(f"detail.{field}: {error}") from None
    if instant - now > dates.TOLERANCE:
        ahead = int((instant - now).total_seconds() // 60)
        raise Malformed(
            f"detail.{field} is {dates.format_instant(instant)}, {ahead} minutes ahead of its arrival; "
            f"{int(dates.TOLERANCE.total_seconds() // 60)} are allowed: correct the sender's clock",
            "DateAhead",
        )
    return instant
