"""`ds-dashboard import`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard.identity import TABLES
from ds_dashboard.shell import ACCOUNT_ID, command
from ds_dashboard.text import pluralize
from ds_dashboard_cli.errors import FAILED, UserError
from ds_dashboard_cli.options import hub_options
from ds_dashboard_cli.output.streams import note, progress

if TYPE_CHECKING:
    from ds_dashboard.client import Hub
    from ds_dashboard.client.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard import MetricsTable --dry-run          what would be imported, and what not
  ds-dashboard import MetricsTable
  ds-dashboard import MetricsTable --from-profile old-hub --from-region us-east-1
"""

_MAX_REASONS = 20


@click.command("import", epilog=_EPILOG)
@click.argument("table")
@click.option("--from-profile", metavar="PROFILE", help="The profile that reads TABLE.  [default: --profile]")
@click.option("--from-region", metavar="REGION", help="TABLE's region.  [default: the hub's]")
@click.option("--dry-run", is_flag=True, help="Read and check, and send nothing.")
@hub_options
def import_command(hub: Hub, table: str, from_profile: str | None, from_region: str | None, dry_run: bool) -> None:
    """Import the values of another DynamoDB table, such as the table of the AWS sample "ds-dashboard".

    Each item of TABLE has the six attributes of a result: MetricName, MetricValue, ExtractionDate, Metadata,
    ProjectName and Environment. It is sent to the hub's queue as an event of the account that is registered for its
    project, and archived like any other. TABLE is only read. A second import changes nothing. Items that cannot be
    imported are counted with the reason, and the exit code is then 1.
    """
    from ds_dashboard.client.installation import Installation

    here = hub.installation
    source = Installation(hub.name, from_profile or here.profile, from_region or here.region)
    own = table in (here.names.table(role) for role in TABLES)
    if own and (source.account, source.region) == (here.account, here.region):
        raise UserError(f"table {table}", "belongs to this hub.", "Name the table whose values the hub does not have.")
    with progress() as show:
        summary = hub.import_results(
            _items(source, table),
            dry_run=dry_run,
            progress=lambda so_far: show(f"{so_far.sent:,} values imported, {so_far.rejected:,} not"),
        )
    archive = f"{hub.name}'s archive"
    note(f"{pluralize(summary.sent, 'value')} of {table} {'would be sent' if dry_run else 'sent'} to {archive}.")
    if summary.present:
        note(f"{pluralize(summary.present, 'value')} there already.")
    if summary.rejected:
        note(f"{pluralize(summary.rejected, 'item')} not imported:")
        for reason, count in sorted(summary.reasons.items(), key=lambda pair: -pair[1])[:_MAX_REASONS]:
            note(f"  {count:,}: {reason}")
        parameter = f"{hub.settings.path}/PROJECT/ENVIRONMENT"
        register = command(
            "aws", "ssm", "put-parameter", "--type", "String", "--name", parameter, "--value", ACCOUNT_ID
        )
        note(f"To register a project: {register}")
        raise click.exceptions.Exit(FAILED)


def _items(source: Installation, table: str) -> Iterator[dict[str, Any]]:
    """Yield the items of the other table. Errors of AWS are explained for its account and region, not for the hub's."""
    from botocore.exceptions import ClientError

    from ds_dashboard.client.errors import error_code
    from ds_dashboard.client.tables import scan
    from ds_dashboard_cli.aws_errors import explain

    try:
        yield from scan(source.client("dynamodb"), table, ConsistentRead=True)
    except ClientError as error:
        if error_code(error) == "ResourceNotFoundException":
            raise UserError(
                f"table {table}",
                f"does not exist in account {source.account}, region {source.region}.",
                "Name its account and region with --from-profile and --from-region.",
            ) from error
        raise explain(error, source) or error from error
