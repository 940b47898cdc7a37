"""The region in the doctor's findings about spokes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ds_dashboard.client.installation import Installation
from ds_dashboard.client.settings import HubSettings
from ds_dashboard.client.spokes import Spoke, SpokeState
from ds_dashboard_cli.doctor import hub
from ds_dashboard_cli.doctor.account import Account
from ds_dashboard_cli.doctor.context import Context, Remedies, Report

ACCOUNT = "222222222222"
BUS = f"arn:aws:events:af-south-1:{ACCOUNT}:event-bus/ds-dashboard-spoke"


@pytest.mark.parametrize(
    ("registered", "reported", "region"),
    [
        (ACCOUNT, "eu-west-1", "eu-west-1"),
        (ACCOUNT, "us-east-1", "eu-west-1"),
        (BUS, "us-east-1", "af-south-1"),
        (BUS, None, "af-south-1"),
        (None, "us-east-1", "us-east-1"),
    ],
)
def test_a_silent_spoke_is_checked_where_it_is_registered(
    registered: str | None, reported: str | None, region: str
) -> None:
    """Not where it reported from before it moved. A bare account ID stands for the hub's region."""
    installation = Installation("team-1", region="eu-west-1")
    installation.account = "111111111111"
    report = Report(installation, lambda _: None)
    item: dict[str, Any] = {} if reported is None else {"AccountId": ACCOUNT, "Region": reported}
    spoke = Spoke(
        project="P",
        environment="dev",
        account=ACCOUNT,
        region=reported or region,
        state=SpokeState.SILENT,
        registered=registered,
        moved=False,
        last_seen=datetime(2026, 1, 1, tzinfo=UTC),
        emitted=None,
        failed=None,
        metrics=None,
        package_version=None,
        item=item,
    )
    context = Context(installation, Account(installation), report, Remedies(installation))
    hub._check_spoke(context, spoke, HubSettings())
    (finding,) = report.findings
    assert f"doctor --side spoke --name team-1 --region {region} " in finding.remedy
