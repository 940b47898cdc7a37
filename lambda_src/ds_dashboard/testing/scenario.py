"""`Scenario`: what is in an account, and what a metric must report there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ds_dashboard.testing.account import FakeAccount
from ds_dashboard.testing.answers import Answer


@dataclass(frozen=True)
class Scenario:
    """A metric in an account, and what it must report. `ds-dashboard metrics check` reads scenarios from tests.

    What the account contains is given by `answers`, by `seed`, or by both.

    Attributes:
        metric: the metric's class name.
        value: the value that it must report.
        breakdown: value by dimension value, or by a tuple of them.
        nothing: instead of a value: a part of the reason for which there is nothing to report.
        fails: instead of a value: a part of the message of the failure.
        arguments: of the metric, as Terraform's strings.
        answers: operation -> answer, see `ds_dashboard.testing.answers`.
        seed: creates the resources in an account of moto.
        empty: what the metric must report in an account without resources: a value without a breakdown, or
            `NothingToReport`, or the class of the exception. An account is made empty by answering each operation of
            `answers` with empty lists, and by leaving out `seed`.
        empty_answers: answers in the empty account that are not empty, by operation.
        now: the instant of the run.
        title: what distinguishes the scenario from others of the same metric.
    """

    metric: str
    value: Any = None
    breakdown: Mapping[Any, Any] = field(default_factory=dict)
    nothing: str = ""
    fails: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    seed: Callable[[], object] | None = None
    empty: Any = 0
    empty_answers: Mapping[str, Answer] = field(default_factory=dict)
    now: datetime | None = None
    title: str = ""

    def __post_init__(self) -> None:
        """Check that exactly one outcome is expected."""
        if [self.value is not None, bool(self.nothing), bool(self.fails)].count(True) != 1:
            raise ValueError(f"{self}: give one of value, nothing and fails")

    def __str__(self) -> str:
        return f"{self.metric} ({self.title})" if self.title else self.metric

    def account(self) -> FakeAccount:
        """Return the account with its resources."""
        return FakeAccount(self.answers, seed=self.seed, now=self.now)

    def empty_account(self) -> FakeAccount:
        """Return the account without resources."""
        answers: dict[str, Answer] = {operation: {} for operation in self.answers}
        return FakeAccount(
            {**answers, **self.empty_answers}, seed=None if self.seed is None else lambda: None, now=self.now
        )
