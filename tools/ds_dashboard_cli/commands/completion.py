"""`ds-dashboard completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ds_dashboard_cli.errors import UserError

_EPILOG = """\b
Examples (permanent):
  bash   ds-dashboard completion bash > ~/.local/share/bash-completion/completions/ds-dashboard
  zsh    ds-dashboard completion zsh > "${fpath[1]}/_ds-dashboard"
  fish   ds-dashboard completion fish > ~/.config/fish/completions/ds-dashboard.fish

\b
For the current shell only:
  source <(ds-dashboard completion bash)
"""


@click.command("completion", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands and options in a shell.

    Requires bash 4.4 or later with bash-completion, zsh, or fish.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UserError(f"shell {shell}", "is not supported.", "Use bash, zsh or fish.")
    root = ctx.find_root()
    # The method `source` would check the version of the local bash; the script may be for another machine.
    completion = kind(root.command, {}, "ds-dashboard", "_DS_DASHBOARD_COMPLETE")
    click.echo(completion.source_template % completion.source_vars())
