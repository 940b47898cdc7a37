"""Security of the account: a credential report that IAM still makes, and what a metric says about its reading."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.catalogue.scenarios import security

from ds_dashboard.metrics.errors import IncompleteAnswer
from ds_dashboard.metrics.run import Run
from ds_dashboard.testing import FakeAccount

HEADER = "user,password_enabled,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_3_active"
ROWS = "root,true,true,true,2020-01-01T00:00:00+00:00,true\nann,true,true,true,N/A,false"
REPORT = {"Content": f"{HEADER}\n{ROWS}\n".encode(), "GeneratedTime": datetime(2026, 11, 23, 18, tzinfo=UTC)}
STARTED, COMPLETE = {"State": "STARTED"}, {"State": "COMPLETE"}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses of runs, which take no time."""
    made: list[float] = []
    monkeypatch.setattr(Run, "pause", lambda _, seconds: made.append(seconds))
    return made


def account(*states: dict[str, str]) -> FakeAccount:
    answers: dict[str, Any] = {
        "iam.generate_credential_report": list(states),
        "iam.get_credential_report": REPORT,
    }
    return FakeAccount(answers)


def test_a_report_that_is_being_made_is_awaited(pauses: list[float]) -> None:
    """The first metric of the day finds no report."""
    with account(STARTED, STARTED, COMPLETE) as iam:
        measured = iam.measure("IamAccessKeysOld")
    assert (measured.value, pauses) == (1, [2.0, 2.0])
    # A third key without a date, and a key without one.
    assert measured.metadata == {"GeneratedTime": "2026-11-23T18:00:00+00:00", "UnknownAge": 2}


def test_a_report_that_is_never_made_is_a_failure(pauses: list[float]) -> None:
    """No report is not an account without old keys."""
    with account(STARTED) as iam, pytest.raises(IncompleteAnswer, match="has not made its credential report in 20 s"):
        iam.measure("IamAccessKeysOld")
    assert [call.operation for call in iam.calls] == ["GenerateCredentialReport"] * 10
    assert len(pauses) == 10


def test_inspector_names_what_it_scans() -> None:
    """A resource type that nobody scans has no findings, too."""
    answers: dict[str, Any] = {
        "inspector2.batch_get_account_status": security.inspector("ENABLED"),
        "inspector2.list_finding_aggregations": security.aggregations,
    }
    with FakeAccount(answers) as inspector:
        assert inspector.measure("InspectorFindings").metadata == {"Scanned": ["ec2", "ecr"]}


def test_config_counts_the_rules_that_nobody_evaluated() -> None:
    """They are no rules that comply."""
    answers = {"config.describe_compliance_by_config_rule": security.rules(COMPLIANT=2, INSUFFICIENT_DATA=3)}
    with FakeAccount(answers) as config:
        measured = config.measure("ConfigRulesNoncompliant")
    assert (measured.value, measured.metadata) == (0, {"Rules": 5, "InsufficientData": 3})
