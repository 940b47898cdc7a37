"""The definition of a fault: which calls it hits, how many or how long, and what happens to them."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happens to a call that is hit."""

    ERROR = "error"  # rejected with a code, not executed
    DELAY = "delay"  # executed after `delay` seconds
    RESET = "reset"  # the connection is cut, not executed
    HANG = "hang"  # not answered: cut once the fault is lifted, not executed
    LOST = "lost"  # executed, and the connection is cut before the answer
    PARTIAL = "partial"  # `entries` of the batch are rejected one by one, the others executed
    KILL = "kill"  # executed, and the function's process that made the call is killed before the answer
    REDELIVER = "redeliver"  # a message that a function has processed comes again, up to `times` times
    DUPLICATE = "duplicate"  # a rule delivers an event `times` times, with one event id


# The calls of the kinds that hit deliveries: the service makes them, not a client.
DELIVERIES = {Kind.REDELIVER: "sqs:DeleteMessage", Kind.DUPLICATE: "events:PutEvents"}
# Batches whose entries are answered one by one, with the error code that the service uses.
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
    """A fault as it was injected; `None` matches everything.

    Attributes:
        call: `service:Operation`, such as `dynamodb:BatchExecuteStatement`; `*` and `?` are wildcards.
        kind: What happens to a call that is hit.
        account: The caller's account, 12 digits.
        region: The call's region.
        resource: A pattern for an ARN that the call names, for the part after its account, or for its last part.
        caller: A pattern for the caller's ARN, or for a role's or user's name.
        skip: How many matching calls pass first; for `kill`, of each process.
        count: How many calls are hit, for `redeliver` messages, for `duplicate` events; `None` means all.
        duration: Seconds from now on.
        chance: The share of the matching calls that is hit, by a generator that starts with `seed`.
        seed: The start of that generator.
        code: The error code, for `error` and `partial`; for `lost`, an error in place of the cut.
        message: The error message.
        status: The error's HTTP status.
        delay: Seconds, for `delay`.
        entries: How many entries of a batch fail, for `partial`; `None` means all.
        times: How often a message comes again at most, or how often an event is delivered in all.
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
    def parse(cls, given: dict[str, Any]) -> Fault:
        """Parse the fields that a caller sent.

        Raises:
            ValueError: A field is unknown or has an invalid value; the message shows what is valid.
        """
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
        try:
            kind = Kind(given.get("kind") or Kind.ERROR)
        except ValueError:
            raise ValueError(f"{given['kind']!r} is not a kind of fault: {', '.join(Kind)}") from None
        given = {name: value for name, value in given.items() if value is not None}
        fault = cls(**{"call": DELIVERIES.get(kind, ""), **given, "kind": kind})
        fault._check()
        return fault

    def _check(self) -> None:
        if not _CALL.fullmatch(self.call):
            raise ValueError(
                f"{self.call!r} is not a call; write it as service:Operation, such as dynamodb:UpdateItem or ssm:*"
            )
        if self.kind in DELIVERIES and self.call != DELIVERIES[self.kind]:
            raise ValueError(f"{self.kind} is a fault of {DELIVERIES[self.kind]} alone, not of {self.call}")
        if self.kind is Kind.PARTIAL and self.call not in BATCHES:
            raise ValueError(f"{self.call} has no entries that fail one by one; these have: {', '.join(BATCHES)}")
        if self.kind is Kind.DELAY and self.delay is None:
            raise ValueError("say how many seconds the delay takes")
        if self.account is not None and not re.fullmatch(r"\d{12}", self.account):
            raise ValueError(f"{self.account!r} is not an account id: 12 digits")
        if self.status is not None and not 400 <= self.status <= 599:
            raise ValueError(f"{self.status} is not the status of an error: 400 to 599")
        if not 0 < self.chance <= 1:
            raise ValueError(f"the chance is {self.chance}; it must be above 0 and at most 1")
        for name in ("skip", "count", "duration", "delay", "entries", "times"):
            value = getattr(self, name)
            if value is not None and value < (0 if name == "skip" else 0.000001):
                raise ValueError(f"{name} is {value}; it must be {'0 or more' if name == 'skip' else 'above 0'}")

    @property
    def error_code(self) -> str:
        """The code of the error that a hit call gets."""
        return self.code or BATCHES.get(self.call if self.kind is Kind.PARTIAL else "") or "ServiceUnavailable"

    @property
    def error_message(self) -> str:
        """The message of that error, which names the local cloud by default."""
        return self.message or f"A fault of the local cloud, injected on {self.call}."

    @property
    def error_status(self) -> int:
        """The HTTP status of that error."""
        return self.status or _STATUS.get(self.error_code, 400)
