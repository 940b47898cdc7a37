"""The options that commands have in common."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ds_dashboard_cli.errors import FAILED, TIMED_OUT, UserError
from ds_dashboard_cli.times import Instant

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_Function = TypeVar("_Function", bound=Callable[..., Any])

# As modules/hub and the event contract have it.
_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?")
_PROJECT = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# A filter takes that many values.
_MOST_NAMES = 100


def _words(what: str, allowed: Callable[[str], bool]) -> Callable[..., tuple[str, ...]]:
    def callback(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        words = [word.strip() for value in values for word in value.split(",")]
        if any(not allowed(word) for word in words):
            wrong = next(word for word in words if not allowed(word))
            raise click.BadParameter(f"{wrong!r} is no {what}.", ctx, param)
        if len(words) > _MOST_NAMES:
            raise click.BadParameter(f"{len(words)} names; {_MOST_NAMES} are the most.", ctx, param)
        return tuple(dict.fromkeys(words))

    return callback


def is_project(word: str) -> bool:
    """Whether a word can be a project's name or an environment."""
    return bool(_PROJECT.fullmatch(word))


def is_metric(word: str) -> bool:
    """Whether a word can be a metric's name."""
    return 0 < len(word) <= 128 and "#" not in word


def names_option(*flags: str, what: str, allowed: Callable[[str], bool], help: str) -> Callable[[_Function], _Function]:  # noqa: A002
    """An option for names: it may be repeated, and takes several separated by commas."""
    return click.option(
        *flags, multiple=True, metavar="NAME,...", callback=_words(what, allowed), help=f"{help} May be repeated."
    )


project_option = names_option(
    "--project", "--projects", "projects", what="project name", allowed=is_project, help="Only of these projects."
)
environment_option = names_option(
    "--environment",
    "--environments",
    "environments",
    what="environment",
    allowed=is_project,
    help="Only of these environments.",
)
metric_option = names_option(
    "--metric", "--metrics", "metrics", what="metric name", allowed=is_metric, help="Only these metrics."
)
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, one object a line, numbers exact.")


def period_options(since: str | None) -> Callable[[_Function], _Function]:
    """`--since` and `--until`, with a default for the first."""

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
            help="7d, 12h, 30m ago, or a date such as 2026-11-23 or 2026-11-23T20:48 (UTC)."
            + ("" if since else "  [default: the beginning]"),
        )(function)

    return decorated


def check_period(since: Any, until: Any) -> None:
    """Refuse a period that ends before it begins."""
    if since is not None and until is not None and since >= until:
        raise click.BadParameter("the period ends before it begins.", param_hint="--since, --until")


def hub_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--name`, `--profile` and `--region`, and pass a `ds_dashboard.client.Hub` as `hub`.

    Errors of the client and of AWS become errors for people.
    """

    @installation_options
    @functools.wraps(function)
    def wrapped(hub: Installation, **arguments: Any) -> Any:
        from ds_dashboard.client import Hub, HubError, RefreshTimeout
        from ds_dashboard_cli.output.notes import note

        try:
            return function(hub=Hub.of(hub, warn=note), **arguments)
        except HubError as error:
            code = TIMED_OUT if isinstance(error, RefreshTimeout) else FAILED
            raise UserError(error.subject, error.cause, error.remedy, problems=error.details, code=code) from error

    return wrapped


def installation_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--name`, `--profile` and `--region`, and pass a `ds_dashboard.client.installation.Installation` as `hub`.

    Errors of AWS become errors for people.
    """

    @click.option(
        "--name",
        default="ds-dashboard",
        envvar="DS_DASHBOARD_NAME",
        show_default=True,
        show_envvar=True,
        metavar="NAME",
        callback=_check_name,
        help="The installation, as `name` in the modules.",
    )
    @click.option("--profile", metavar="PROFILE", help="The profile of the AWS configuration.")
    @click.option(
        "--region",
        envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
        show_envvar=True,
        metavar="REGION",
        help="The hub's region.",
    )
    @functools.wraps(function)
    def wrapped(name: str, profile: str | None, region: str | None, **arguments: Any) -> Any:
        # Imported here, since --help and completion need no AWS.
        from ds_dashboard.client.installation import Installation
        from ds_dashboard_cli.aws.failures import explained

        hub = Installation(name, profile, region)
        try:
            return function(hub=hub, **arguments)
        except Exception as error:
            told = explained(error, hub)
            if told is None:
                raise
            raise told from error

    return wrapped


def _check_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(
            f"{value!r} is no name of an installation: 1 to 32 letters, digits and hyphens.", ctx, param
        )
    return value
