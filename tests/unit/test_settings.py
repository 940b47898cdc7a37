"""What Terraform sets on the extract function, as settings."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ds_dashboard.settings import ExtractSettings, MetricInstance, NotConfigured

INSTANCES = {
    "Owner": {
        "class": "SSMParameterValue",
        "arguments": {"parameter_name": "/a"},
        "at_runtime": {"parameter_name": ["/b"]},
    },
    "Old": {"class": "SSMParameterValue", "arguments": {"parameter_name": "/a"}},
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the variables, and return the function that changes one."""

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(f"DS_DASHBOARD_{name}", value)

    put(METRICS='["Jobs"]', METRIC_INSTANCES=json.dumps(INSTANCES), PROJECT_NAME="P", ENVIRONMENT="dev", EVENT_BUS="b")
    monkeypatch.delenv("DS_DASHBOARD_HISTORICAL_DAYS", raising=False)
    return put


def test_metrics_and_instances_become_one_map(environment: Any) -> None:
    """In the order of the variables. What no refresh can set is empty, also for a spoke of an earlier version."""
    instances = ExtractSettings.from_environment().instances
    assert list(instances) == ["Jobs", "Owner", "Old"]
    assert instances["Jobs"] == MetricInstance("Jobs", {}, {})
    assert instances["Owner"].at_runtime == {"parameter_name": ["/b"]}
    assert instances["Old"] == MetricInstance("SSMParameterValue", {"parameter_name": "/a"}, {})


@pytest.mark.parametrize(("variable", "days"), [(None, 400), ("", 400), ("0", 0), ("90", 90)])
def test_a_spoke_of_an_earlier_version_answers_the_default_of_days(
    environment: Any, variable: str | None, days: int
) -> None:
    """Zero is a setting: it refuses past instants."""
    if variable is not None:
        environment(HISTORICAL_DAYS=variable)
    assert ExtractSettings.from_environment().historical_days == days


def test_a_number_of_days_that_is_none_names_the_variable(environment: Any) -> None:
    """It is the only trace of a value that somebody set by hand."""
    environment(HISTORICAL_DAYS="-1")
    with pytest.raises(NotConfigured, match="DS_DASHBOARD_HISTORICAL_DAYS is '-1', which is not a number of days"):
        ExtractSettings.from_environment()
