"""How long an invocation may work, how retries pause within that time, and how items of a batch are retried."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ds_dashboard.concurrency import call_in_batches
from ds_dashboard.deadline import Backoff, Deadline


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


class Context:
    """The context of an invocation that Lambda ends in 20 seconds."""

    def get_remaining_time_in_millis(self) -> int:
        return 20_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fake = Clock()
    monkeypatch.setattr("time.monotonic", fake)
    monkeypatch.setattr("time.sleep", fake.sleep)
    monkeypatch.setattr("random.uniform", lambda low, high: high)
    return fake


def test_a_deadline_is_the_end_of_the_invocation_less_the_reserve(clock: Clock) -> None:
    """The reserve is the time to answer Lambda."""
    end = Deadline(Context(), reserve=3.0)
    assert end.remaining() == 17.0
    clock.now += 18.0
    assert end.remaining() == -1.0


def test_parts_of_a_deadline_end_before_it_and_pass_with_the_clock(clock: Clock) -> None:
    """A share is of the time that remains when it is taken."""
    end = Deadline.after(20.0, clock)
    clock.now += 10.0
    earlier, half = end.less(1.0), end.share(0.5)
    assert (earlier.remaining(), half.remaining()) == (9.0, 5.0)
    clock.now += 5.0
    assert (end.remaining(), earlier.remaining(), half.remaining()) == (5.0, 4.0, 0.0)
    assert (end.within(2.0).remaining(), end.within(9.0).remaining()) == (2.0, 5.0)


def test_pauses_double_up_to_the_maximum_and_end_before_the_deadline(clock: Clock) -> None:
    """A pause that Lambda would cut off is not begun."""
    backoff = Backoff(Deadline.after(10.0, clock), minimum=1.0, maximum=3.0)
    while backoff.wait():
        pass
    assert clock.pauses == [1.0, 2.0, 3.0, 3.0]


def test_pauses_have_jitter(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers that were throttled together must not call again together."""
    monkeypatch.setattr("random.uniform", lambda low, high: low)
    backoff = Backoff(Deadline.after(10.0, clock), minimum=1.0, maximum=3.0)
    assert backoff.wait()
    assert clock.pauses == [0.5]


def test_only_the_items_that_failed_are_sent_again(clock: Clock) -> None:
    """Answers stay in the order of the items, whatever batch they come from."""
    batches: list[list[int]] = []
    failing = {2: 2, 5: 1}

    def call(batch: Sequence[int]) -> list[str]:
        batches.append(list(batch))
        answers = []
        for item in batch:
            failing[item] = failing.get(item, 0) - 1
            answers.append("throttled" if failing[item] >= 0 else f"ok {item}")
        return answers

    answers = call_in_batches(
        call,
        range(6),
        split=lambda items: [items[start : start + 3] for start in range(0, len(items), 3)],
        should_retry=lambda answer: answer == "throttled",
        backoff=Backoff(Deadline.after(10.0, clock), 0.1, 1.0),
    )
    assert answers == [f"ok {item}" for item in range(6)]
    assert sorted(batches) == [[0, 1, 2], [2], [2, 5], [3, 4, 5]]


def test_what_is_throttled_until_the_deadline_keeps_its_last_answer(clock: Clock) -> None:
    """The caller sees which items failed, and why."""
    answers = call_in_batches(
        lambda batch: ["ok" if item else "throttled" for item in batch],
        [1, 0],
        split=lambda items: [items],
        should_retry=lambda answer: answer == "throttled",
        backoff=Backoff(Deadline.after(1.0, clock), 0.5, 1.0),
    )
    assert answers == ["ok", "throttled"]
    assert clock.pauses == [0.5]
