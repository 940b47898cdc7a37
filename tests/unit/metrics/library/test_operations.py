"""Operations and savings: endpoints in few regions, what AWS no longer keeps, and what metadata say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import botocore.session
import pytest
from tests.catalogue.scenarios import operations, savings

from ds_dashboard import aws
from ds_dashboard.identity import Location
from ds_dashboard.metrics import NothingToReport, registry
from ds_dashboard.metrics._lambda_runtimes import DEPRECATED
from ds_dashboard.metrics.run import Run
from ds_dashboard.testing import FakeAccount


@pytest.fixture
def regions(monkeypatch: pytest.MonkeyPatch) -> set[str | None]:
    """Return the regions for which clients are requested."""
    found: set[str | None] = set()
    client = aws.client

    def noted(service: str, *, region: str | None = None) -> Any:
        found.add(region)
        return client(service, region=region)

    monkeypatch.setattr(aws, "client", noted)
    return found


@pytest.mark.parametrize(
    ("metric", "answers"),
    [
        ("HealthEventsOpen", {"health.describe_events": operations.events}),
        ("TrustedAdvisorFlagged", {"trustedadvisor.list_recommendations": operations.recommendations}),
        ("EstimatedMonthlySavings", savings.ENROLLED),
    ],
)
def test_a_global_service_is_called_where_it_is(metric: str, answers: Any, regions: set[str | None]) -> None:
    """boto3 would call a host of the spoke's region, which does not exist."""
    with FakeAccount(answers, region="eu-central-1") as account:
        account.measure(metric)
    assert regions == {"us-east-1"}


def test_health_of_govcloud_is_in_its_own_partition(regions: set[str | None]) -> None:
    """Credentials of one partition are not valid in another."""
    with FakeAccount({"health.describe_events": {}}, region="us-gov-east-1", partition="aws-us-gov") as account:
        account.measure("HealthEventsOpen")
    assert regions == {"us-gov-west-1"}


def test_the_table_has_every_runtime_that_botocore_knows() -> None:
    """A runtime that it lacks is not counted."""
    known = botocore.session.get_session().get_service_model("lambda").shape_for("Runtime")
    assert set(known.enum) - set(DEPRECATED) == set()  # type: ignore[attr-defined]


def test_a_runtime_that_the_table_lacks_is_named() -> None:
    """It may be deprecated, and must not look fine."""
    with FakeAccount({"lambda.list_functions": lambda _: {"Functions": [{"Runtime": "go1.x"}]}}) as account:
        assert account.measure("LambdaFunctionsDeprecated").metadata["UnknownRuntimes"] == []
    table = dict(DEPRECATED)
    with pytest.MonkeyPatch.context() as patch, account:
        patch.delitem(DEPRECATED, "go1.x")
        measured = account.measure("LambdaFunctionsDeprecated")
    assert (measured.value, measured.metadata["UnknownRuntimes"]) == (0, ["go1.x"])
    assert table == DEPRECATED


def test_regional_nat_gateways_are_named() -> None:
    """They are not counted, because CloudWatch may have them by other dimensions."""
    with FakeAccount(
        {"ec2.describe_nat_gateways": savings.gateways, "cloudwatch.get_metric_data": savings.SENT}
    ) as account:
        assert account.measure("IdleNatGateways7d").metadata == {"RegionalGateways": 1}


def test_anomalies_that_aws_has_deleted_are_not_zero() -> None:
    """A backfill of a year would show nine months without any."""
    metric = registry.create("Anomalies", "CostAnomalyImpact30d", {}, "Project1", "dev")
    past = datetime.now(UTC) - timedelta(days=61)
    with FakeAccount({"ce.get_anomaly_monitors": savings.MONITORS, "ce.get_anomalies": {}}) as account:
        metric.join(Run(past, Location("123456789012", "eu-west-1", "aws"), as_of=True))
        with pytest.raises(NothingToReport, match="90 days only"):
            metric._compute_value()
    assert account.calls == []
