"""The event contract: what travels between spoke and hub, to and from its serialized form.

Public names of events and keys stand in the schemas beside this file; `docs/` explains them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ds_dashboard import canonical_json, dates, schema
from ds_dashboard.identity import Project

SOURCE = "metric_extractor"
# A queue takes 256 KB a message, envelope included.
MAX_DETAIL_BYTES = 200 * 1024


class Kind(StrEnum):
    """What an event is; the value is its detail-type."""

    RESULT = "metric_extractor"
    FAILURE = "metric_extractor_failure"
    RUN = "metric_extractor_run"


_SCHEMA = {Kind.RESULT: "result", Kind.FAILURE: "failure", Kind.RUN: "run"}
_DATE_FIELD = {Kind.RESULT: "ExtractionDate", Kind.FAILURE: "ExtractionDate", Kind.RUN: "FinishedAt"}


class Malformed(ValueError):
    """An event that breaks the contract; `code` is one of `Malformed`, `TooLarge`, `DateAhead`."""

    def __init__(self, message: str, code: str = "Malformed") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Received:
    """An event as it arrived in the hub, checked against the contract.

    Attributes:
        detail: the event's own content; numbers are `int` or `Decimal`, never float.
        account: 12 digits, set by EventBridge and not by the sender.
        date: the instant that orders events of one series, as sent.
        dedup_key: hexadecimal SHA-256 of what the event is, equal for each redelivery of it.
    """

    kind: Kind
    detail: dict[str, Any]
    account: str
    region: str
    event_id: str
    date: datetime
    dedup_key: str

    @property
    def project(self) -> Project:
        """The project and environment that the event is about."""
        return Project.of(self.detail)


def receive(body: str, now: datetime) -> Received:
    """Read one event from the text that EventBridge delivers, and check it.

    Args:
        body: the event's JSON, envelope included.
        now: the instant of arrival, against which dates ahead are measured.

    Raises:
        Malformed: it is no event of this contract; the message says what was expected and what was sent.
    """
    envelope = _read(body)
    kind = _kind(envelope)
    detail = envelope["detail"]
    if not isinstance(detail, dict):
        raise Malformed("detail is no object")
    if kind is Kind.RESULT and "MetricName" not in detail:
        raise Malformed("a refresh, which only the hub itself may put on its bus")
    try:
        schema.check(_SCHEMA[kind], detail)
        canonical = canonical_json.dumps(detail)
    except (schema.DoesNotConform, canonical_json.NotExact) as error:
        raise Malformed(str(error)) from None
    if len(canonical.encode()) > MAX_DETAIL_BYTES:
        raise Malformed(f"detail has {len(canonical.encode())} bytes, {MAX_DETAIL_BYTES} are allowed", "TooLarge")
    # The JSON of the four as a list, from the text that is there: wrapped anew, the deepest detail would be too deep.
    sender = ",".join(canonical_json.dumps(part) for part in (envelope["account"], envelope["region"], kind.value))
    identity = f"[{sender},{canonical}]"
    return Received(
        kind=kind,
        detail=detail,
        account=envelope["account"],
        region=envelope["region"],
        event_id=envelope["id"],
        date=_date(detail[_DATE_FIELD[kind]], _DATE_FIELD[kind], now),
        dedup_key=hashlib.sha256(identity.encode()).hexdigest(),
    )


def _read(body: str) -> dict[str, Any]:
    try:
        envelope = canonical_json.loads(body)
    except canonical_json.NotExact as error:
        raise Malformed(str(error)) from None
    if not isinstance(envelope, dict):
        raise Malformed("no EventBridge event: not an object")
    for key in ("account", "region", "id", "source", "detail-type"):
        if not isinstance(envelope.get(key), str) or not envelope[key]:
            raise Malformed(f"no EventBridge event: {key!r} is missing or no text")
    if "detail" not in envelope:
        raise Malformed("no EventBridge event: 'detail' is missing")
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
    except dates.NotADate as error:
        raise Malformed(f"detail.{field}: {error}") from None
    if instant - now > dates.TOLERANCE:
        ahead = int((instant - now).total_seconds() // 60)
        raise Malformed(
            f"detail.{field} is {dates.format_instant(instant)}, {ahead} minutes ahead of its arrival; "
            f"{int(dates.TOLERANCE.total_seconds() // 60)} are allowed: correct the sender's clock",
            "DateAhead",
        )
    return instant
