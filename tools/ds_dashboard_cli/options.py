"""The options that several commands have, and the types of their values."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from ds_dashboard import dates
from ds_dashboard.identity import DEFAULT_NAME, WORD_PATTERN
from ds_dashboard.series import ARGUMENT_PATTERN, split_names
from ds_dashboard_cli.errors import FAILED, TIMED_OUT, UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_Function = TypeVar("_Function", bound=Callable[..., Any])

# The rules of the variable `name` in the modules, and of the event contract.
_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_PROJECT = re.compile(WORD_PATTERN)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)


class Duration(click.ParamType[timedelta]):
    """A duration such as `7d`, `12h`, `30m`, `45s`, `2w` or `1d12h`; a number without a unit counts in `unit`."""

    name = "duration"

    def __init__(self, unit: str) -> None:
        self._unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Parse a duration."""
        if isinstance(value, timedelta):
            return value
        text = f"{value}{self._unit}" if re.fullmatch(r"\s*[\d.]+\s*", str(value)) else str(value)
        parsed = _parse_duration(text)
        if parsed is None:
            self.fail(f"{value!r} is not a duration. Write 90s, 30m, 12h, 7d or 2w.", param, ctx)
        return parsed


class Instant(click.ParamType[datetime]):
    """A date or an instant in ISO 8601, in UTC if it has no offset; or a duration, which counts back from now."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Parse an instant."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip()
        try:
            back = _parse_duration(text)
            if back is not None:
                return dates.now() - back
            instant = datetime.fromisoformat(text.upper())
            return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is neither a duration (30m, 12h, 7d) nor a date (2026-11-23 or 2026-11-23T20:48, in UTC "
                "unless it ends with an offset such as +01:00).",
                param,
                ctx,
            )


def _parse_duration(text: str) -> timedelta | None:
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        return None
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit.lower()] for number, unit in parts))
    except OverflowError:
        return None


def is_project_name(word: str) -> bool:
    """Return whether a word is valid as the name of a project or an environment."""
    return bool(_PROJECT.fullmatch(word))


def is_metric_name(word: str) -> bool:
    """Return whether a word is valid as the name of a metric."""
    return 0 < len(word) <= 128 and "#" not in word


def names_option(*flags: str, what: str, allowed: Callable[[str], bool], help: str) -> Callable[[_Function], _Function]:  # noqa: A002
    """Return an option for names. It may be repeated, and each value may hold several names with commas between."""
    return click.option(
        *flags, multiple=True, metavar="NAME,...", callback=_split(what, allowed), help=f"{help} May be repeated."
    )


def _split(what: str, allowed: Callable[[str], bool]) -> Callable[..., tuple[str, ...]]:
    def callback(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        from ds_dashboard.identity import MAX_NAMES

        words = [word for value in values for word in split_names(value)]
        wrong = next((word for word in words if not allowed(word)), None)
        if wrong is not None:
            raise click.BadParameter(f"{wrong!r} is not a valid {what}.", ctx, param)
        if len(words) > MAX_NAMES:
            raise click.BadParameter(f"{len(words)} names are more than {MAX_NAMES}.", ctx, param)
        return tuple(dict.fromkeys(words))

    return callback


def _split_arguments(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Read `METRIC.ARGUMENT=VALUE`. The last dot before the first `=` ends the metric's name, which may have dots."""
    found: dict[str, dict[str, str]] = {}
    for text in values:
        target, equals, value = text.partition("=")
        metric, dot, argument = target.rpartition(".")
        if not (equals and dot and is_metric_name(metric) and re.fullmatch(ARGUMENT_PATTERN, argument)):
            raise click.BadParameter(
                f"{text!r} is not METRIC.ARGUMENT=VALUE, such as Owner.parameter_name=/b.", ctx, param
            )
        if argument in found.setdefault(metric, {}):
            raise click.BadParameter(
                f"{metric}.{argument} is set twice. Each refresh sets an argument once.", ctx, param
            )
        found[metric][argument] = value
    return found


arguments_option = click.option(
    "--argument",
    "arguments",
    multiple=True,
    metavar="METRIC.ARGUMENT=VALUE",
    callback=_split_arguments,
    help="Compute a metric with this argument, which its spokes must allow with at_runtime. May be repeated.",
)
project_option = names_option(
    "--project", "--projects", "projects", what="project name", allowed=is_project_name, help="Only these projects."
)
environment_option = names_option(
    "--environment",
    "--environments",
    "environments",
    what="environment",
    allowed=is_project_name,
    help="Only these environments.",
)
metric_option = names_option(
    "--metric", "--metrics", "metrics", what="metric name", allowed=is_metric_name, help="Only these metrics."
)
metric_folders_option = click.option(
    "--metrics",
    "paths",
    metavar="DIR",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A folder with your own metrics. May be repeated.",
)
search_option = click.option(
    "--search",
    "words",
    default="",
    metavar="WORDS",
    help="Only where each of these words occurs in a name, an account or an error.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, one object per line, with exact numbers."
)


yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


def confirm(question: str, yes: bool, *, purpose: str = "delete", declined: str = "deleted") -> None:
    """Ask before something is deleted or paid for, unless `--yes` was passed.

    Args:
        question: what is asked.
        yes: whether the answer is known.
        purpose: what the answer permits.
        declined: what has happened to nothing if the answer is no.

    Raises:
        UserError: there is no terminal to ask on.
        click.exceptions.Exit: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError(
            "--yes", "is required without a terminal.", f"Add --yes to {purpose} without asking.", usage=True
        )
    if not click.confirm(question, err=True):
        click.echo(f"Nothing was {declined}.", err=True)
        raise click.exceptions.Exit(FAILED)


def period_options(since: str | None) -> Callable[[_Function], _Function]:
    """Return a decorator that adds `--since`, with this default, and `--until`."""

    def decorated(function: _Function) -> _Function:
        function = click.option(
            "--until", type=Instant(), metavar="WHEN", help="The end of the period, like --since.  [default: now]"
        )(function)
        return click.option(
            "--since",
            type=Instant(),
            metavar="WHEN",
            default=since,
            show_default=True,
            help="The start of the period: 7d, 12h or 30m ago, or a date such as 2026-11-23 or 2026-11-23T20:48 (UTC)."
            + ("" if since else "  [default: the first value]"),
        )(function)

    return decorated


def timeout_option(default: str) -> Callable[[_Function], _Function]:
    """Return `--timeout`, the time that `--wait` waits at most, with this default."""
    return click.option(
        "--timeout",
        type=Duration("s"),
        default=default,
        show_default=True,
        metavar="DURATION",
        help="The longest time to wait: 90, 90s, 5m, 1h.",
    )


def check_period(since: datetime | None, until: datetime | None) -> None:
    """Check that a period does not end before it starts.

    Raises:
        click.BadParameter: it does.
    """
    if since is not None and until is not None and since >= until:
        raise click.BadParameter("the period ends before it starts.", param_hint="--since, --until")


class ListByDefault(click.Group):
    """A group that runs its command `list` if the command line names no command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Insert `list` into the arguments, except for `--help` and for a shell that completes the command."""
        if not ctx.resilient_parsing and (not args or (args[0].startswith("-") and args[0] not in ("-h", "--help"))):
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the group's commands, and the options of `list`, whose name can be left out."""
        command = self.commands["list"]
        options = command.shell_complete(click.Context(command, parent=ctx, info_name="list"), incomplete)
        return list({item.value: item for item in [*super().shell_complete(ctx, incomplete), *options]}.values())


def hub_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--name`, `--profile` and `--region`, and pass a `ds_dashboard.client.Hub` as `hub`.

    Errors of the client and of AWS become errors for people.
    """

    @installation_options
    @functools.wraps(function)
    def wrapped(installation: Installation, **arguments: Any) -> Any:
        from ds_dashboard.client import Hub, RefreshTimeout
        from ds_dashboard_cli.output.streams import note

        try:
            return function(hub=Hub.of(installation, warn=note), **arguments)
        except RefreshTimeout as error:
            raise UserError(error.subject, error.cause, error.remedy, details=error.details, code=TIMED_OUT) from error

    return wrapped


def installation_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--name`, `--profile` and `--region`, and pass an `Installation` as `installation`.

    Errors of AWS and of the client become errors for people.
    """

    @click.option(
        "--name",
        default=DEFAULT_NAME,
        envvar="DS_DASHBOARD_NAME",
        show_default=True,
        show_envvar=True,
        metavar="NAME",
        callback=_check_name,
        help="The name of the installation (`name` in the modules).",
    )
    @click.option("--profile", metavar="PROFILE", help="The AWS profile to use.")
    @click.option(
        "--region",
        envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
        show_envvar=True,
        metavar="REGION",
        help="The region of the installation.",
    )
    @functools.wraps(function)
    def wrapped(name: str, profile: str | None, region: str | None, **arguments: Any) -> Any:
        # Imported late: --help and completion must not wait for the import of boto3.
        from ds_dashboard.client.installation import Installation
        from ds_dashboard_cli.aws_errors import explain

        installation = Installation(name, profile, region)
        try:
            return function(installation=installation, **arguments)
        except Exception as error:
            user_error = explain(error, installation)
            if user_error is None:
                raise
            raise user_error from error

    return wrapped


def _check_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(
            f"{value!r} is not a valid name of an installation: 1 to 32 letters, digits and hyphens.", ctx, param
        )
    return value
