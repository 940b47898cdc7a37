"""What a new user sees after the documented commands for the local cloud."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from concurrent.futures import Future

import pytest
from tests.support import account_resources

from ds_dashboard_dev.demo import company

from .first_hour import PORT, FirstHour

WRITTEN_BY_HAND = {(parameter.account, parameter.name) for parameter in company.REGISTRY} | {
    (company.FORECASTING, company.MODEL_VERSION)
}


@pytest.fixture
def outputs(documented_commands: Future[FirstHour]) -> Mapping[str, str]:
    """The output of each command, once all of them have run."""
    return documented_commands.result().outputs


def _output_of(outputs: Mapping[str, str], words: str) -> str:
    return next(output for command, output in outputs.items() if words in command)


def test_a_new_user_sees_the_values_of_every_spoke(outputs: Mapping[str, str]) -> None:
    """Values are the first thing that anyone looks for. The metric with a bug shows none."""
    latest = _output_of(outputs, "ds-dashboard latest")
    assert re.search(r"Forecasting/dev\s+TotalCompletedTrainingJobs\s+130\s", latest)
    assert re.search(r"Search/prod\s+NumberEndPointsInService\s+3\s", latest)
    assert re.search(r"Forecasting/dev\s+NumberOfModels\s+FAILS\s", latest)


def test_a_new_user_sees_earlier_values(outputs: Mapping[str, str]) -> None:
    """The demo trains more between its two refreshes, and the block refreshes once more."""
    values = re.findall(r"Forecasting/dev\s+(\d+)\s", _output_of(outputs, "history TotalCompletedTrainingJobs"))
    assert values == ["123", "130", "130"]


def test_a_new_user_sees_a_curve_of_two_months(outputs: Mapping[str, str]) -> None:
    """A dashboard is not empty on its first day: the demo has computed the values of the past."""
    curve = _output_of(outputs, "--plot")
    assert "TrainingBillableSeconds24h (Seconds)" in curve
    assert curve.count("●") > 60


def test_a_new_user_sees_what_fails_and_why(outputs: Mapping[str, str]) -> None:
    """A missing value has a reason."""
    assert "sagemaker:ListModels" in _output_of(outputs, "spokes --failures")


def test_a_new_user_can_export_the_history_to_a_file(outputs: Mapping[str, str]) -> None:
    """Its first line names the columns."""
    lines = _output_of(outputs, "ds-dashboard export").splitlines()
    assert len(lines) == 3
    assert "MetricValue" in lines[0]


def test_the_last_command_stops_the_local_cloud(outputs: Mapping[str, str]) -> None:
    """Nothing listens on its port any more."""
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", PORT)) != 0


def test_a_second_plan_of_the_demo_is_empty(documented_commands: Future[FirstHour]) -> None:
    """An attribute that a service returns in another form would be planned again and again."""
    assert [changes.actions for changes in documented_commands.result().planned_again] == [{}, {}]


def test_destroying_the_demo_leaves_what_was_written_by_hand(documented_commands: Future[FirstHour]) -> None:
    """The demo's last step, without KEEP=1. Everything that must be gone afterwards was found before."""
    ran = documented_commands.result()
    others = {"archives", "buckets", "dashboards"}
    assert ran.applied[company.SEARCH].keys() == {*account_resources.KINDS, "rules"} - others
    left = {(account, name) for account, found in ran.left.items() for name in found.get("parameters", [])}
    assert left == WRITTEN_BY_HAND
    assert {kind for found in ran.left.values() for kind in found} == {"parameters"}
