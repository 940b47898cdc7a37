"""The commands of `ds-dashboard metrics`."""

from __future__ import annotations

import click

from ds_dashboard_cli.commands.metrics.check import check_command
from ds_dashboard_cli.commands.metrics.listing import list_command
from ds_dashboard_cli.commands.metrics.new import new_command
from ds_dashboard_cli.commands.metrics.run import run_command
from ds_dashboard_cli.options import ListByDefault

_EPILOG = """\b
Examples:
  ds-dashboard metrics                                   the metrics of this package
  ds-dashboard metrics NumberEndPointsInService          one of them
  ds-dashboard metrics --policy @inference --account 111122223333 --region eu-west-1
  ds-dashboard metrics new NumberOfModels                a metric of your own, with its test
  ds-dashboard metrics run NumberOfModels --metrics ./metrics
  ds-dashboard metrics check ./metrics
"""


class _NamesOrCommand(ListByDefault):
    """A group whose first word is a command, or the name of a metric to list."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `list` before the name of a metric."""
        if args and not args[0].startswith("-") and args[0] not in self.commands and not ctx.resilient_parsing:
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group("metrics", cls=_NamesOrCommand, epilog=_EPILOG)
def metrics_group() -> None:
    """List the metrics that a spoke can have; write, run and check your own.

    Without a command, lists metrics: `ds-dashboard metrics list --help` describes the options.
    """


for _command in (list_command, new_command, run_command, check_command):
    metrics_group.add_command(_command)
