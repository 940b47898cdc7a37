"""`ds-dashboard import`: values of the AWS sample's table become history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from click.testing import CliRunner, Result
from tests.support import pages

from ds_dashboard_cli.main import cli
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_local import LocalCloud

from .conftest import HUB, REGION, SPOKE, Hub

OLD: list[dict[str, Any]] = [
    {"MetricName": "Jobs", "MetricValue": Decimal("0.1"), "ExtractionDate": "2025-11-24 11:00:00.000001"},
    {"MetricName": "Jobs", "MetricValue": "12", "ExtractionDate": "2025-11-25 11:00:00.000001"},
    {
        "MetricName": "Cost",
        "MetricValue": Decimal("12345678901234567890.12345678"),
        "ExtractionDate": "2025-11-25 11:00:00",
    },
]


class Company:
    """A hub with its queue, and an old table to import."""

    def __init__(self, cloud: LocalCloud, hub: Hub) -> None:
        self.hub, self.table = hub, f"{hub.name}-old"
        self.queue = hub.sqs.create_queue(QueueName=f"{hub.name}-events")["QueueUrl"]
        hub.ssm.put_parameter(Name="/monitored_projects/P/dev", Value=SPOKE, Type="String", Overwrite=True)
        hub._table("old", "MetricName", "ExtractionDate")
        self.environment = cloud.environment(HUB, REGION)
        for item in OLD:
            self.put(item)

    def put(self, item: dict[str, Any]) -> None:
        """Put an item as the sample writes it."""
        whole = {"ProjectName": "P", "Environment": "dev", "Metadata": {}, **item}
        serialized = {key: TypeSerializer().serialize(value) for key, value in whole.items()}
        self.hub.dynamodb.put_item(TableName=self.table, Item=serialized)

    def import_table(self, *options: str, table: str = "") -> Result:
        """Run the command."""
        arguments = ["import", table or self.table, "--name", self.hub.name, *options]
        return CliRunner().invoke(cli, arguments, env=self.environment)

    def archived(self) -> list[dict[str, Any]]:
        """Archive what is in the queue, and return the history."""
        while messages := self.hub.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            assert self.hub.archive(*(message["Body"] for message in messages)) == []
            for message in messages:
                self.hub.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return self.hub.history()


@pytest.fixture
def company(local_cloud: LocalCloud, hub: Hub) -> Company:
    """A company that used the sample."""
    return Company(local_cloud, hub)


def test_items_of_the_samples_table_become_history_with_exact_values(company: Company) -> None:
    """A date in the sample's form is in UTC, and a fraction keeps its digits."""
    assert company.import_table().exit_code == 0
    found = {(item["MetricName"], item["ExtractionDate"]): item["MetricValue"] for item in company.archived()}
    assert found == {
        ("Jobs", "2025-11-24T11:00:00.000001Z"): Decimal("0.1"),
        ("Jobs", "2025-11-25T11:00:00.000001Z"): "12",
        ("Cost", "2025-11-25T11:00:00.000000Z"): Decimal("12345678901234567890.12345678"),
    }
    assert {item["AccountId"] for item in company.hub.history()} == {SPOKE}


def test_a_second_import_changes_nothing(company: Company) -> None:
    """After an interruption, people start the same import again."""
    company.import_table()
    company.archived()
    assert company.import_table().exit_code == 0
    assert len(company.archived()) == len(OLD)


def test_values_that_the_hub_has_already_are_not_duplicated(company: Company) -> None:
    """The hub's own table is an error. A copy of it, such as a restored backup, adds nothing."""
    company.import_table()
    own = f"{company.hub.name}-metrics"
    before = company.archived()
    refused = company.import_table(table=own)
    assert refused.exit_code == 1
    assert f"table {own}: belongs to this hub." in refused.stderr
    for item in before:
        serialized = {key: TypeSerializer().serialize(value) for key, value in item.items()}
        company.hub.dynamodb.put_item(TableName=company.table, Item=serialized)
    assert company.import_table().exit_code == 0
    assert len(company.archived()) == len(before)


def _content(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item without what identifies the event that brought it."""
    return {name: value for name, value in item.items() if name not in {"EventId", "DedupKey"}}


def test_missing_values_are_restored_as_the_page_says(company: Company) -> None:
    """Nothing renames a restored table: the import adds what the history does not have."""
    hub, section = company.hub, pages.section((CHECKOUT / "docs/day-2.md").read_text(), "Restore a table")
    company.import_table()
    before = company.archived()
    restore = section.partition("**Values are wrong.**")[0].replace("ds-dashboard-", f"{hub.name}-")
    found = list(pages.commands(restore))
    aws, ds_dashboard = ([words for words in found if words[0] == program] for program in ("aws", "ds-dashboard"))
    *restored, deleted = aws
    for words in restored:
        pages.run_aws(words, lambda service: getattr(hub, service))
    for item in before[:2]:
        key = {name: {"S": item[name]} for name in ("MetricName", "ExtractionDate")}
        hub.dynamodb.delete_item(TableName=f"{hub.name}-metrics", Key=key)
    dry_run, run = (company.import_table(*words[3:], table=words[2]) for words in ds_dashboard)
    assert "2 values of" in dry_run.stderr
    assert "1 value there already" in run.stderr
    assert [_content(item) for item in company.archived()] == [_content(item) for item in before]
    pages.run_aws(deleted, lambda service: getattr(hub, service))


def test_values_that_another_hub_archived_are_imported_for_the_registered_spoke(company: Company) -> None:
    """The project was in another region then, from which the archive would reject them."""
    company.put(
        {
            "MetricName": "Moved",
            "MetricValue": Decimal(1),
            "ExtractionDate": "2025-11-25T11:00:00.000001Z",
            "SentExtractionDate": "2025-11-25T11:00:00.000000Z",
            "DedupKey": "0" * 64,
            "Region": "us-east-1",
        }
    )
    assert company.import_table().exit_code == 0
    (moved,) = [item for item in company.archived() if item["MetricName"] == "Moved"]
    assert (moved["ExtractionDate"], moved["Region"]) == ("2025-11-25T11:00:00.000000Z", REGION)


def test_items_that_cannot_be_imported_are_reported_and_the_others_are_imported(company: Company) -> None:
    """A missing registration or one invalid item must not stop the import."""
    company.put({**OLD[0], "MetricName": "Other", "ProjectName": "Unknown"})
    company.put({**OLD[0], "MetricName": "Odd", "Metadata": "text"})
    outcome = company.import_table()
    assert outcome.exit_code == 1
    assert "1: no account is registered for Unknown/dev" in outcome.stderr
    assert "Metadata" in outcome.stderr
    assert len(company.archived()) == len(OLD)


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        ("12345", "String", "has the value '12345', which is neither an account ID nor a bus ARN"),
        (SPOKE, "SecureString", "has the type SecureString, which is not decrypted."),
    ],
)
def test_nothing_is_sent_for_a_registration_that_is_not_valid(
    company: Company, value: str, kind: str, reason: str
) -> None:
    """The archive would reject it for an account that is none, and a redrive would bring it back for ever."""
    company.hub.ssm.delete_parameter(Name="/monitored_projects/P/dev")
    company.hub.ssm.put_parameter(Name="/monitored_projects/P/dev", Value=value, Type=kind)
    outcome = company.import_table()
    assert outcome.exit_code == 1
    assert f"3: the parameter that registers P/dev {reason}" in outcome.stderr
    assert company.archived() == []
    company.hub.ssm.delete_parameter(Name="/monitored_projects/P/dev")


def test_a_dry_run_sends_nothing(company: Company) -> None:
    """It shows the counts before the import."""
    outcome = company.import_table("--dry-run")
    assert outcome.exit_code == 0
    assert "3 values" in outcome.stderr
    assert "would be sent" in outcome.stderr
    assert company.archived() == []


def test_a_missing_table_is_an_error_with_account_and_region(company: Company) -> None:
    """Old tables are often in another account or region."""
    outcome = company.import_table(table="nowhere")
    assert outcome.exit_code == 1
    assert f"table nowhere: does not exist in account {HUB}, region {REGION}." in outcome.stderr
    assert "--from-profile" in outcome.stderr
    assert outcome.stdout == ""
