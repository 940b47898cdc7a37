"""What Terraform sets on the extract function, as settings."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.hub.settings import ArchiveSettings, Sums
from ds_dashboard.spoke.settings import ExtractSettings, MetricInstance
from ds_dashboard.variables import NotConfigured, Variables, from_environment
from ds_dashboard_cli.doctor.variables import faults

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
    instances = from_environment(ExtractSettings.read).instances
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
    assert from_environment(ExtractSettings.read).historical_days == days


def test_a_number_of_days_that_is_none_names_the_variable(environment: Any) -> None:
    """It is the only trace of a value that somebody set by hand."""
    environment(HISTORICAL_DAYS="-1")
    with pytest.raises(NotConfigured, match="DS_DASHBOARD_HISTORICAL_DAYS is '-1', which is not a number of days"):
        from_environment(ExtractSettings.read)


MODULES = Path(__file__).parents[2] / "modules"
SOURCES = {
    "archive": ("hub/archive.tf", "hub/functions.tf"),
    "refresh": ("hub/refresh.tf", "hub/functions.tf"),
    "watch": ("hub/watch.tf", "hub/functions.tf"),
    "report": ("hub/report.tf", "hub/functions.tf"),
    "widget": ("hub/dashboard.tf", "hub/functions.tf"),
    "extract": ("spoke/extractor.tf",),
}


@pytest.mark.parametrize("role", SOURCES)
def test_the_modules_set_every_variable_that_a_function_reads(role: str) -> None:
    """`doctor` knows from the same source what each function reads."""
    text = "".join((MODULES / name).read_text() for name in SOURCES[role])
    written = set(re.findall(r"(DS_DASHBOARD_[A-Z_0-9]+)\s+=", text))
    needed = faults(role, {"AWS_REGION": "eu-west-1"})
    assert needed
    assert set(needed.values()) == {"is not set"}
    assert needed.keys() <= written


def test_all_variables_that_are_wrong_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a deployment that failed half way, or a change by hand, there are often several."""
    for name in ("NAME", "HISTORY_TABLE", "SPOKES_TABLE", "MONITORED_PROJECTS_PATH"):
        monkeypatch.setenv(f"DS_DASHBOARD_{name}", "/a")
    monkeypatch.setenv("DS_DASHBOARD_LATEST_TABLE", "")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with pytest.raises(NotConfigured) as caught:
        from_environment(ArchiveSettings.read)
    assert str(caught.value) == (
        "DS_DASHBOARD_LATEST_TABLE is empty; DS_DASHBOARD_REJECTED_QUEUE_URL is not set: "
        "apply the Terraform module that deploys this function again"
    )


@pytest.mark.parametrize(
    ("role", "variable", "value", "fault"),
    [
        ("archive", "REJECTED_QUEUE_URL", "arn:aws:sqs:eu-west-1:111111111111:q", "which is not the URL of a queue"),
        ("archive", "MONITORED_PROJECTS_PATH", "projects", "is 'projects', which is not a path such as"),
        ("archive", "RETENTION_DAYS", "soon", "is 'soon', which is not a number of days"),
        ("archive", "THRESHOLDS", '["Cost"]', "is not a map of thresholds"),
        ("archive", "THRESHOLDS", '{"Cost": {"above": 1e-200}}', "a number of the order of 1e-200"),
        ("archive", "THRESHOLDS", '{"Cost": {"above": NaN}}', "NaN, which is not a number"),
        ("watch", "SILENT_AFTER_HOURS", "nan", "is 'nan', which is not a valid number of hours"),
        *(
            (role, "CLOUDWATCH_METRICS", '{"Cost": "Project"}', "is not an object of lists")
            for role in ("archive", "watch")
        ),
        ("watch", "SILENT_AFTER_HOURS", "-1", "is '-1', which is not a valid number of hours"),
        ("refresh", "EVENT_BUS", "", "is empty"),
        ("extract", "METRICS", "A", "is not valid JSON"),
        ("extract", "METRICS", "[1]", "is not a list of names"),
        ("extract", "METRIC_INSTANCES", '{"A": {}}', "is not an object of objects, each with a class"),
        ("extract", "METRIC_INSTANCES", '{"A": {"class": "B", "arguments": 1}}', "is not an object of objects"),
        ("extract", "PROJECT_NAME", "a/b", "is 'a/b', which is not a name of a project"),
        ("extract", "HISTORICAL_DAYS", "1.5", "is '1.5', which is not a number of days"),
    ],
)
def test_a_variable_of_another_form_is_named_with_its_value(role: str, variable: str, value: str, fault: str) -> None:
    """The function would fail at each run, or read another place."""
    assert fault in faults(role, {f"DS_DASHBOARD_{variable}": value})[f"DS_DASHBOARD_{variable}"]


def test_a_function_without_chosen_metrics_publishes_no_sums() -> None:
    """It has no permission to read the table for them, and an archive of an earlier version has no variable."""
    variables = {
        "DS_DASHBOARD_NAME": "team-a",
        "DS_DASHBOARD_LATEST_TABLE": "team-a-latest",
        "DS_DASHBOARD_SILENT_AFTER_HOURS": "26",
    }
    for chosen in ({}, {"DS_DASHBOARD_CLOUDWATCH_METRICS": ""}, {"DS_DASHBOARD_CLOUDWATCH_METRICS": "{}"}):
        assert Sums.read(Variables({**variables, **chosen})) is None
    found = Sums.read(Variables({**variables, "DS_DASHBOARD_CLOUDWATCH_METRICS": '{"Cost": ["Project"]}'}))
    assert found == Sums("team-a", "team-a-latest", timedelta(hours=26), {"Cost": ("Project",)})
