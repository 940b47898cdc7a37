"""`ds-dashboard metrics run`."""

from __future__ import annotations

import inspect
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.text import pluralize
from ds_dashboard_cli.errors import UserError
from ds_dashboard_cli.options import Instant, is_project_name, json_option, metric_folders_option
from ds_dashboard_cli.output.streams import progress

if TYPE_CHECKING:
    from ds_dashboard.metrics import Metric
    from ds_dashboard.metrics.run import Run
    from ds_dashboard.testing import Recorder

_EPILOG = """\b
Examples:
  ds-dashboard metrics run NumberEndPointsInService
  ds-dashboard metrics run NumberOfModels --metrics ./metrics --profile dev
  ds-dashboard metrics run SSMParameterValue --argument parameter_name=/team/quality
  ds-dashboard metrics run TrainingCost --as-of 2026-11-01 --json
"""
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def _project_name(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not is_project_name(value):
        raise click.BadParameter(f"{value!r} is not a valid name.", ctx, param)
    return value


@click.command("run", epilog=_EPILOG)
@click.argument("name", metavar="NAME")
@metric_folders_option
@click.option("--argument", "arguments", metavar="ARGUMENT=VALUE", multiple=True, help="An argument. May be repeated.")
@click.option(
    "--as-of", type=Instant(), metavar="WHEN", help="Compute it as of a past instant: 12h or 7d ago, or a date (UTC)."
)
@click.option(
    "--project", default="Project1", show_default=True, callback=_project_name, help="`project_name` of the spoke."
)
@click.option(
    "--environment", default="dev", show_default=True, callback=_project_name, help="`environment` of the spoke."
)
@click.option("--profile", metavar="PROFILE", help="The AWS profile to use.")
@click.option("--region", metavar="REGION", help="The region to read.")
@json_option
def run_command(
    name: str,
    paths: tuple[Path, ...],
    arguments: tuple[str, ...],
    as_of: datetime | None,
    project: str,
    environment: str,
    profile: str | None,
    region: str | None,
    as_json: bool,
) -> None:
    """Run a metric once with your own credentials, and show what a spoke would send. Nothing is sent or stored.

    Shows the value, its breakdown, the calls that were made, and the permissions that the metric declares and does not
    need, or needs and does not declare.
    """
    from ds_dashboard.identity import Project
    from ds_dashboard.metrics.run import Run
    from ds_dashboard.testing import Recorder
    from ds_dashboard_cli.authoring import trial
    from ds_dashboard_cli.commands.metrics import report
    from ds_dashboard_cli.packaging import manifest, policy
    from ds_dashboard_cli.packaging.metric_folders import importable, resolve_folders

    folders = resolve_folders(paths)
    metrics = manifest.build(folders)["metrics"]
    policy.expand([name], metrics)
    if name not in metrics:
        raise UserError(name, "is a family.", "Name one metric.", usage=True)
    entry = metrics[name]
    given = _parsed(name, arguments, entry["arguments"])
    _check_instant(name, as_of, entry)
    # What a metric prints must not garble the data on stdout.
    with _as_caller(profile, region), importable(folders), redirect_stdout(sys.stderr):
        metric = _created(name, entry["module"], given, Project(project, environment))
        own_files = [*(folder.path for folder in folders), Path(inspect.getfile(type(metric)))]
        shared = Run(as_of, as_of=as_of is not None)
        with Recorder() as recorder, _progress(recorder, shared):
            done = trial.compute(metric, recorder, shared, Project(project, environment))
    report.write(report.Report(name, entry, done, shared.instant, own_files), profile, region, as_json)


def _parsed(name: str, arguments: tuple[str, ...], declared: Mapping[str, Any]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in arguments:
        argument, equals, value = text.partition("=")
        if not argument or not equals or argument in given:
            cause = "is not ARGUMENT=VALUE." if not argument or not equals else f"sets {argument} again."
            raise UserError(f"--argument {text}", cause, "Write, for example: --argument hours=24", usage=True)
        given[argument] = value
    for argument, spec in declared.items():
        if spec["required"] and argument not in given:
            raise UserError(
                f"metric {name}",
                f"needs the argument {argument}: {spec['description'] or spec['type']}",
                f"Add: --argument {argument}=VALUE",
                usage=True,
            )
    return given


def _check_instant(name: str, as_of: datetime | None, entry: Mapping[str, Any]) -> None:
    if as_of is None:
        return
    if as_of > dates.now():
        raise UserError("--as-of", "is in the future.", "Pass a past instant, or leave it out.", usage=True)
    if not entry["historical"]:
        raise UserError(
            f"metric {name}",
            "cannot be computed as of a past instant: it reads what there is now.",
            "Leave --as-of out. A metric that reads only what AWS still has for that time declares historical = True.",
            usage=True,
        )


@contextmanager
def _as_caller(profile: str | None, region: str | None) -> Iterator[None]:
    """Let all clients, also those that a file makes when it is imported, have these credentials and this region."""
    from ds_dashboard import aws

    before = dict(os.environ)
    if profile:
        # boto3 prefers keys in the environment to a profile in the environment.
        for key in _KEYS:
            os.environ.pop(key, None)
        os.environ["AWS_PROFILE"] = profile
    if region:
        os.environ["AWS_REGION"] = os.environ["AWS_DEFAULT_REGION"] = region
    elif "AWS_REGION" in os.environ:
        # As in a function, where both are set. boto3 reads only the second one.
        os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"]
    aws.forget()
    try:
        yield
    finally:
        aws.forget()
        os.environ.clear()
        os.environ.update(before)


def _created(name: str, module: str, arguments: Mapping[str, str], project: Any) -> Metric:
    from ds_dashboard.metrics import MetricUnavailable, registry

    registry.use_index({name: module})
    try:
        return registry.create(name, name, arguments, project.name, project.environment)
    except MetricUnavailable as error:
        raise UserError(f"metric {name}", f"{error.reason.partition('; set it in')[0]}.", "Correct it.") from error
    finally:
        registry.use_index(None)


@contextmanager
def _progress(recorder: Recorder, shared: Run) -> Iterator[None]:
    """Show how many calls were made, while a metric is computed in this thread."""
    done = threading.Event()
    with progress() as show:

        def watch() -> None:
            while not done.wait(1.0):
                show(f"{pluralize(len(recorder.calls), 'call')} so far")

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()
            shared.end()
