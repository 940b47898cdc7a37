"""What `Metric` gives to authors beside all pages: clients and breakdowns."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest

from ds_dashboard import aws
from ds_dashboard.metrics import Metric


class Split(Metric):
    """Jobs by two words."""

    dimensions = ("InstanceType", "Status")

    def _compute_value(self) -> int:
        return 0


def test_all_threads_share_one_client_of_a_service(metric: Metric, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each costs 60 to 170 ms at a cold start, and boto3 cannot make two at once safely."""
    made: list[str] = []
    found: list[Any] = []
    here, arrived, go_on = threading.Barrier(8), threading.Semaphore(0), threading.Event()

    def make(service: str) -> object:
        made.append(service)
        go_on.wait(10)
        return object()

    def ask() -> None:
        here.wait(10)
        arrived.release()
        found.append(metric.client("ssm"))

    monkeypatch.setattr(aws, "_make", make)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert arrived.acquire(timeout=10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert made == ["ssm"]
    assert len(found) == 8
    assert len({id(one) for one in found}) == 1


def test_clients_retry_adaptively_and_do_not_wait_for_ever(metric: Metric) -> None:
    """List calls are throttled account-wide, and one silent connection must not eat the function's time."""
    config = metric.client("sagemaker").meta.config
    assert config.retries["mode"] == "adaptive"
    assert config.read_timeout <= 30
    assert config.max_pool_connections >= 32


def test_a_counter_becomes_rows() -> None:
    """The usual way to count by kind; several dimensions are tuples."""
    split = Split("Split", "Project1", {}, "dev")
    value = split.value(3, breakdown=Counter({("ml.m5.large", "Completed"): 2, ("ml.g5.xlarge", "Failed"): 1}))
    assert value.value == 3
    assert value.breakdown == [
        {"Dimensions": {"InstanceType": "ml.m5.large", "Status": "Completed"}, "Value": 2},
        {"Dimensions": {"InstanceType": "ml.g5.xlarge", "Status": "Failed"}, "Value": 1},
    ]
    assert split.value(3, breakdown=value.breakdown).breakdown == value.breakdown


@pytest.mark.parametrize(
    "breakdown",
    [{"ml.m5.large": 2}, [{"Dimensions": {"InstanceType": "x"}, "Value": 1}], [{"InstanceType": "x", "Value": 1}]],
)
def test_rows_that_do_not_fit_the_dimensions_are_refused(breakdown: Any) -> None:
    """A chart would leave them out without a word."""
    with pytest.raises(ValueError, match=r"Split: .*InstanceType"):
        Split("Split", "Project1", {}, "dev").value(3, breakdown=breakdown)
