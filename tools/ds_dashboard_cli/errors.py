"""The error that users see, and the exit codes of all commands."""

from __future__ import annotations

from typing import IO, Any

import click

from ds_dashboard.text import visible

# Documented in `ds-dashboard --help` and docs/cli.md.
FAILED = 1
USAGE = 2
TIMED_OUT = 3
INTERRUPTED = 130
# The code that a shell reports for a program ended by SIGPIPE.
BROKEN_PIPE = 141


class UserError(click.ClickException):
    """An error that the user can fix, shown on stderr without a stack trace.

    Args:
        subject: the object that the error is about, such as `table ds-dashboard-latest`.
        cause: what is wrong with it, as the rest of a sentence that begins with the subject.
        remedy: what to do, as a sentence.
        details: one line for each part of the problem, shown between the cause and the remedy.
        usage: whether the command line itself is wrong; the exit code is then 2.
        code: the exit code otherwise.
    """

    def __init__(
        self,
        subject: str,
        cause: str,
        remedy: str,
        *,
        details: tuple[str, ...] = (),
        usage: bool = False,
        code: int = FAILED,
    ) -> None:
        lines = [f"{subject}: {cause}", *(f"  {detail}" for detail in details), remedy]
        super().__init__("\n".join(line for line in lines if line))
        self.subject, self.cause, self.remedy = subject, cause, remedy
        self._code = USAGE if usage else code

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """The exit code of the command."""
        return self._code

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the error. A message of AWS may quote text from others, so control characters are escaped."""
        text = "\n".join(visible(line) for line in self.message.split("\n"))
        click.echo(f"Error: {text}", file=file, err=True)
