"""The one kind of error that users see: what is wrong, why, and what to do."""

from __future__ import annotations

from typing import IO, Any

import click

from ds_dashboard_cli.output.text import visible

# Documented in `ds-dashboard --help` and docs/cli.md.
FAILED = 1
USAGE = 2
TIMED_OUT = 3
INTERRUPTED = 130
# As a shell reports a program that SIGPIPE has ended.
BROKEN_PIPE = 141


class UserError(click.ClickException):
    """Something the user can mend. Shown on stderr, exit code 1 (2 where the command line itself is wrong).

    `problems` are further lines, one a problem, shown above the cure.
    """

    def __init__(
        self,
        thing: str,
        cause: str,
        cure: str,
        *,
        problems: tuple[str, ...] = (),
        usage: bool = False,
        code: int = FAILED,
    ) -> None:
        lines = [f"{thing}: {cause}", *(f"  {problem}" for problem in problems), cure]
        super().__init__("\n".join(line for line in lines if line))
        self._code = USAGE if usage else code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return self._code

    def show(self, file: IO[Any] | None = None) -> None:
        # What AWS answers may quote what somebody else has sent.
        text = "\n".join(visible(line) for line in self.message.split("\n"))
        click.echo(f"Error: {text}", file=file, err=True)
