"""Jobs of SageMaker as of a past instant: what has happened since must not be in the value."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from tests.catalogue.scenarios import processing, transform, tuning

from ds_dashboard.identity import Location
from ds_dashboard.metrics import registry
from ds_dashboard.metrics.run import Run
from ds_dashboard.testing import NOW, FakeAccount

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGO = timedelta(hours=1, minutes=30)
LOOK_BACK = {"TransformJobs24h": 5 * DAY, "ProcessingJobs24h": 10 * DAY, "TuningJobs24h": 30 * DAY}


def jobs_of(metric: str) -> list[tuple[str, timedelta, timedelta | None]]:
    """Return status, creation and end of a scenario's jobs, as times before now."""
    if metric == "TuningJobs24h":
        return [(status, created, ended) for _, status, created, ended in tuning.JOBS]
    jobs: Any = transform.JOBS if metric == "TransformJobs24h" else processing.JOBS
    return [(status, created, ended) for _, status, created, _, ended, _ in jobs]


def truth(metric: str) -> Counter[str]:
    """Count the jobs that had ended in the 24 hours before, and for tuning those that ran."""
    found: Counter[str] = Counter()
    for status, created, ended in jobs_of(metric):
        # A job that was created afterwards, or too long before.
        if created <= AGO or created > AGO + LOOK_BACK[metric]:
            continue
        if ended is not None and AGO < ended <= AGO + DAY:
            found[status] += 1
        elif metric == "TuningJobs24h" and ended is not None and ended <= AGO:
            found["InProgress"] += 1
        elif metric == "TuningJobs24h" and status in ("InProgress", "Stopping"):
            found[status] += 1
    return found


@pytest.mark.parametrize("name", LOOK_BACK)
def test_a_past_instant_has_the_jobs_of_then(name: str) -> None:
    """A backfill would otherwise count the jobs of today again in each of its days."""
    lists = {**transform.LIST, **processing.LIST, "sagemaker.list_hyper_parameter_tuning_jobs": tuning.LIST}
    metric = registry.create(name, name, {}, "Project1", "dev")
    with FakeAccount(lists) as account:
        metric.join(Run(NOW - AGO, Location("123456789012", "eu-west-1", "aws"), as_of=True))
        measured = metric._compute_value()
    breakdown = {row["Dimensions"]["Status"]: row["Value"] for row in measured.breakdown}
    assert breakdown == truth(name)
    assert measured.value == truth(name).total()
    # What was created since is not read, however much it is.
    assert {call.parameters["CreationTimeBefore"] for call in account.calls} == {NOW - AGO}
