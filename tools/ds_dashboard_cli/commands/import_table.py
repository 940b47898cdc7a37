"""`ds-dashboard import`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.options import hub_options
from ds_dashboard_cli.output.notes import note, progress
from ds_dashboard_cli.output.text import counted

if TYPE_CHECKING:
    from ds_dashboard_cli.aws.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard import MetricsTable --dry-run          what would be taken, and what not
  ds-dashboard import MetricsTable
  ds-dashboard import MetricsTable --from-profile old-hub --from-region us-east-1
"""

_MOST_REASONS = 20


@click.command("import", epilog=_EPILOG)
@click.argument("table")
@click.option("--from-profile", metavar="PROFILE", help="The profile that reads TABLE.  [default: --profile]")
@click.option("--from-region", metavar="REGION", help="TABLE's region.  [default: the hub's]")
@click.option("--dry-run", is_flag=True, help="Read and check, send nothing.")
@hub_options
def import_command(
    hub: Installation, table: str, from_profile: str | None, from_region: str | None, dry_run: bool
) -> None:
    """Take over the values of another DynamoDB table, such as that of the AWS sample "ds-dashboard".

    Each item of TABLE has the six attributes of a result: MetricName, MetricValue, ExtractionDate, Metadata,
    ProjectName and Environment. It is sent to the hub's queue as an event of the account that is registered for its
    project, and archived as any other. TABLE is only read. Taken over again, nothing is there twice. What is not
    taken is told with its reason, and the exit code is then 1.
    """
    from ds_dashboard import dates
    from ds_dashboard_cli.aws.installation import Installation
    from ds_dashboard_cli.hub import registry, settings, taking_over

    path = settings.read(hub).path
    registered = registry.registered(hub, path)
    if registered is None:
        raise UserError(
            path, "cannot be read, so nobody knows whose the values are.", "Ask for ssm:GetParametersByPath on it."
        )
    url = hub.client("sqs").get_queue_url(QueueName=f"{hub.name}-events")["QueueUrl"]
    source = Installation(hub.name, from_profile or hub.profile, from_region or hub.region)
    if table in (hub.table(role) for role in ("metrics", "latest", "spokes")) and (source.account, source.region) == (
        hub.account,
        hub.region,
    ):
        raise UserError(f"table {table}", "is this hub's own.", "Name the table whose values the hub has not got yet.")
    taken = taking_over.Taken()
    new = taking_over.not_there(hub, _items(source, table), taken)
    envelopes = taking_over.Envelopes(registered, hub.region, dates.now())
    with progress() as tell:
        for batch in taking_over.batches(taking_over.bodies(new, envelopes, taken)):
            if not dry_run:
                taking_over.send(hub, url, batch)
            taken.sent += len(batch)
            tell(f"{taken.sent:,} values taken, {taken.refused:,} not")
    note(f"{counted(taken.sent, 'value')} of {table} {'would be sent' if dry_run else 'sent'} to {hub.name}'s archive.")
    if taken.there:
        note(f"{counted(taken.there, 'value')} there already.")
    if taken.refused:
        note(f"{counted(taken.refused, 'item')} not taken:")
        for reason, count in sorted(taken.reasons.items(), key=lambda pair: -pair[1])[:_MOST_REASONS]:
            note(f"  {count:,}: {reason}")
        note(
            f"Register a project: aws ssm put-parameter --type String --name {path}/PROJECT/ENVIRONMENT --value ACCOUNT"
        )
        raise click.exceptions.Exit(FAILED)


def _items(source: Installation, table: str) -> Iterator[dict[str, Any]]:
    from botocore.exceptions import ClientError

    from ds_dashboard_cli.aws.failures import code_of, explained
    from ds_dashboard_cli.hub import items

    try:
        yield from items.scan(source.client("dynamodb"), table, ConsistentRead=True)
    except ClientError as error:
        if code_of(error) == "ResourceNotFoundException":
            raise UserError(
                f"table {table}",
                f"there is none in account {source.account}, region {source.region}.",
                "Say where it is with --from-profile and --from-region.",
            ) from error
        raise explained(error, source) or error from error
