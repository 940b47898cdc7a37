"""The one kind of error that users see: what is wrong, why, and what to do."""

from __future__ import annotations

from typing import IO, Any

import click


class UserError(click.ClickException):
    """Something the user can mend. Shown on stderr, exit code 1 (2 where the command line itself is wrong).

    `problems` are further lines, one a problem, shown above the cure.
    """

    def __init__(
        self, thing: str, cause: str, cure: str, *, problems: tuple[str, ...] = (), usage: bool = False
    ) -> None:
        lines = [f"{thing}: {cause}", *(f"  {problem}" for problem in problems), cure]
        super().__init__("\n".join(line for line in lines if line))
        self._usage = usage

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        return 2 if self._usage else 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(f"Error: {self.message}", file=file, err=True)
