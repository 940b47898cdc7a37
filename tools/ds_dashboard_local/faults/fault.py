"""What a fault is: which calls it hits, how many or how long, and what becomes of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What becomes of a call that is hit."""

    ERROR = "error"  # refused with a code, not executed
    DELAY = "delay"  # executed after `delay` seconds
    RESET = "reset"  # the connection is cut, not executed
    HANG = "hang"  # never answered: cut once the fault is lifted, not executed
    LOST = "lost"  # executed, and the connection is cut before the answer
    PARTIAL = "partial"  # `entries` of the batch are refused one by one, the others executed
    KILL = "kill"  # executed, and the function's process that made the call is killed before the answer
    REDELIVER = "redeliver"  # a message that a function has worked off comes again, up to `times` times
    DUPLICATE = "duplicate"  # a rule delivers an event `times` times, under one event id


# What the kinds that are about deliveries stand on: nobody calls these, the service does them.
DELIVERIES = {Kind.REDELIVER: "sqs:DeleteMessage", Kind.DUPLICATE: "events:PutEvents"}
# Batches whose entries are answered one by one, with the code that the service itself uses.
BATCHES = {
    "events:PutEvents": "InternalFailure",
    "dynamodb:BatchExecuteStatement": "ThrottlingError",
    "sqs:SendMessageBatch": "InternalError",
    "sqs:DeleteMessageBatch": "InternalError",
}
_STATUS = {
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 503,
    "AccessDenied": 403,
}
_CALL = re.compile(r"[a-z0-9*?-]+:[A-Za-z0-9*?]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault as it was set; what is `None` narrows nothing.

    Attributes:
        call: `service:Operation`, such as `dynamodb:BatchExecuteStatement`; `*` and `?` stand for what they usually do.
        account: the caller's, 12 digits.
        region: the call's.
        resource: pattern of an ARN that the call names, of what follows its account, or of its last part.
        caller: pattern of the caller's ARN, or of a role's or user's name.
        skip: the first calls that would be hit, and are not; for `kill`, of each process.
        count: how many calls are hit, for `redeliver` messages, for `duplicate` events; `None` means all.
        duration: seconds from now on.
        chance: the share of the calls that is hit, by a generator that begins with `seed`.
        code, message, status: of the error, for `error` and `partial`; for `lost` an error in place of the cut.
        delay: seconds, for `delay`.
        entries: how many entries of a batch fail, for `partial`; `None` means all.
        times: at most how often a message comes again, or how often in all an event is delivered.
    """

    call: str
    kind: Kind = Kind.ERROR
    account: str | None = None
    region: str | None = None
    resource: str | None = None
    caller: str | None = None
    skip: int = 0
    count: int | None = None
    duration: float | None = None
    chance: float = 1.0
    seed: int = 0
    code: str | None = None
    message: str | None = None
    status: int | None = None
    delay: float | None = None
    entries: int | None = None
    times: int = 2

    @classmethod
    def read(cls, given: dict[str, Any]) -> Fault:
        """A fault from what a caller sent.

        Raises:
            ValueError: it makes no sense; the message says what does.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        try:
            kind = Kind(given.get("kind") or Kind.ERROR)
        except ValueError:
            raise ValueError(f"{given['kind']!r} is no kind of fault: {', '.join(Kind)}") from None
        given = {name: value for name, value in given.items() if value is not None}
        fault = cls(**{"call": DELIVERIES.get(kind, ""), **given, "kind": kind})
        fault._check()
        return fault

    def _check(self) -> None:
        if not _CALL.fullmatch(self.call):
            raise ValueError(
                f"{self.call!r} is no call; write it as service:Operation, as dynamodb:UpdateItem or ssm:*"
            )
        if self.kind in DELIVERIES and self.call != DELIVERIES[self.kind]:
            raise ValueError(f"{self.kind} is a fault of {DELIVERIES[self.kind]} alone, not of {self.call}")
        if self.kind is Kind.PARTIAL and self.call not in BATCHES:
            raise ValueError(f"{self.call} has no entries that fail one by one; these have: {', '.join(BATCHES)}")
        if self.kind is Kind.DELAY and self.delay is None:
            raise ValueError("say how many seconds the delay takes")
        if self.account is not None and not re.fullmatch(r"\d{12}", self.account):
            raise ValueError(f"{self.account!r} is no account id: 12 digits")
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError(f"{self.status} is no status of an error: 400 to 599")
        if not 0 < self.chance <= 1:
            raise ValueError(f"a chance of {self.chance} hits nothing or more than all: above 0, at most 1")
        for name in ("skip", "count", "duration", "delay", "entries", "times"):
            value = getattr(self, name)
            if value is not None and value < (0 if name == "skip" else 0.000001):
                raise ValueError(f"{name} is {value}; it must be more than nothing")

    @property
    def error_code(self) -> str:
        """The code of the error that this fault answers."""
        return self.code or BATCHES.get(self.call if self.kind is Kind.PARTIAL else "") or "ServiceUnavailable"

    @property
    def error_message(self) -> str:
        """Its message, which says where it comes from."""
        return self.message or f"A fault of the local cloud, set on {self.call}."

    @property
    def error_status(self) -> int:
        """Its HTTP status."""
        return self.status or _STATUS.get(self.error_code, 400)
