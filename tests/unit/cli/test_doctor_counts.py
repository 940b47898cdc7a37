"""Counts in the doctor's findings."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard.client.installation import Installation
from ds_dashboard_cli.doctor import resources
from ds_dashboard_cli.doctor.account import Account
from ds_dashboard_cli.doctor.context import Context, Remedies, Report


@pytest.mark.parametrize(("count", "text"), [("1", "has 1 message not"), ("2", "has 2 messages not"), ("0", "")])
def test_one_message_is_not_messages(count: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQS returns its counts as texts, and the demo has one rejected event."""
    installation = Installation("team-1", region="eu-west-1")
    installation.account = "111111111111"
    report = Report(installation, lambda _: None)

    def queue(self: Any, name: str) -> dict[str, str]:
        return {"ApproximateNumberOfMessages": count}

    monkeypatch.setattr(Account, "_queue", queue)
    resources.check_empty(Context(installation, Account(installation), report, Remedies(installation)), "rejected")
    causes = [finding.cause for finding in report.findings]
    assert causes == ([f"{text} delivered or not processed."] if text else [])
