"""The account in which the benchmarks run the library of metrics."""

from __future__ import annotations

from pathlib import Path

import pytest

from ds_dashboard_dev.bench import library, runtime
from ds_dashboard_dev.checkout import Failure, build_package

ENDED = ("FailedTrainingJobs24h", "StoppedTrainingJobs24h")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked package."""
    return runtime.unpack(build_package(tmp_path_factory.mktemp("package") / "ds_dashboard.zip"))


def test_two_metrics_of_one_reading_cost_its_calls_once(folder: Path) -> None:
    """SageMaker allows two calls per second, for everybody in the account."""
    (both, one), _ = library._extract(folder, [ENDED, ENDED[:1]], jobs=300)
    assert len(both.calls) == len(one.calls) == both.distinct == 3


def test_the_time_of_limits_is_simulated(folder: Path) -> None:
    """A benchmark of 1,000 calls would wait for eight minutes otherwise. Two calls come at once."""
    (done,), _ = library._extract(folder, [["TotalCompletedTrainingJobs"]], limits="simulated", jobs=950)
    assert len(done.calls) == 10
    assert done.simulated == pytest.approx(4, abs=0.6)


def test_a_metric_that_fails_is_not_measured(folder: Path) -> None:
    """It would look fast."""
    with pytest.raises(Failure, match="SSMParameterValue failed in the benchmark's account"):
        library._extract(folder, [["SSMParameterValue"]])
