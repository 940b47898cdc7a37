"""`ds-dashboard replay`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard.shell import command
from ds_dashboard.text import format_time
from ds_dashboard_cli.errors import TIMED_OUT, UserError
from ds_dashboard_cli.options import Instant, check_period, installation_options, json_option, timeout_option
from ds_dashboard_cli.output.streams import note, progress, write_json

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard replay --since 2h --wait
  ds-dashboard replay --since 2026-11-23T10:00 --until 2026-11-23T14:00
  ds-dashboard replay --since 2h --settle --wait         waits ten minutes for the last events of the period

\b
Exit codes: 3 if --wait timed out; otherwise as for every command.
"""
_POLL_MIN, _POLL_MAX = 0.5, 10.0
# EventBridge adds an event to an event archive with a delay of up to ten minutes.
_ARCHIVE_DELAY = timedelta(minutes=10)
_RUNNING = ("STARTING", "RUNNING", "CANCELLING")
# A replay's name has at most 64 characters; the timestamp that makes it unique has 22 of them.
_MAX_PREFIX = 42


@click.command("replay", epilog=_EPILOG)
@click.option(
    "--since",
    type=Instant(),
    required=True,
    metavar="WHEN",
    help="The start of the period: 2h, 7d, or a date.",
)
@click.option("--until", type=Instant(), metavar="WHEN", help="The end of the period, at most now.  [default: now]")
@click.option(
    "--settle",
    is_flag=True,
    help="Start the replay ten minutes after the end of the period, when the event archive has all events.",
)
@click.option("--wait", is_flag=True, help="Wait until all events are replayed.")
@timeout_option("1h")
@json_option
@installation_options
def replay_command(
    installation: Installation,
    since: datetime,
    until: datetime | None,
    settle: bool,
    wait: bool,
    timeout: timedelta,
    as_json: bool,
) -> None:
    """Send the events that arrived on the hub's bus in a period to the archive again; prints the replay's name.

    Requires `event_archive_days` of modules/hub. Only the archive's rule receives the events, so no spoke gets a
    refresh again. Events that are already in the tables stay there once.

    An event reaches the event archive up to ten minutes late. A replay that starts sooner after the end of its period
    can miss the last events: use --settle, or replay again.
    """
    now = dates.now()
    # No event has arrived after now, and nobody wants to wait for ten minutes after tomorrow.
    until = min(until or now, now)
    check_period(since, until)
    archive = _describe_archive(installation)
    _settle(until, wait=settle)
    bus_arn, rule = archive["EventSourceArn"], installation.names.rule("archive")
    name = f"{installation.name[:_MAX_PREFIX]}-{now:%Y%m%dT%H%M%S%f}"
    started = installation.client("events").start_replay(
        ReplayName=name,
        Description="ds-dashboard replay",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=since,
        EventEndTime=until,
        Destination={"Arn": bus_arn, "FilterArns": [f"{bus_arn.replace(':event-bus/', ':rule/')}/{rule}"]},
    )
    if not as_json:
        click.echo(name)
    note(f"Replaying events from {format_time(since)} to {format_time(until)} UTC to the rule {rule}.")
    state = _wait(installation, name, timeout) if wait else started
    if as_json:
        write_json({"ReplayName": name, "ReplayArn": started["ReplayArn"], "State": state["State"]})
    if wait:
        _check_completed(name, state, timeout)


def _describe_archive(installation: Installation) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    from ds_dashboard.client.errors import error_code

    # The archive has the name of the bus.
    archive = installation.names.bus("hub")
    try:
        found: dict[str, Any] = installation.client("events").describe_archive(ArchiveName=archive)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise UserError(
            f"event archive {archive}",
            f"does not exist in account {installation.account}, region {installation.region}: the hub stores no events "
            "to replay.",
            "Set event_archive_days in modules/hub and apply. Events that arrive after that are stored.",
        ) from error
    created = found.get("CreationTime")
    if isinstance(created, datetime):
        days = found.get("RetentionDays")
        retention = f"retention: {days} days" if days else "unlimited retention"
        note(f"The event archive has events since {format_time(created.astimezone(UTC))} UTC ({retention}).")
    return found


def _settle(until: datetime, *, wait: bool) -> None:
    """Wait until the event archive has all events of a period that ends at `until`, or say what can be missing."""
    settled = until + _ARCHIVE_DELAY
    left = (settled - dates.now()).total_seconds()
    if left <= 0:
        return
    if not wait:
        note(
            f"Events after {format_time(dates.now() - _ARCHIVE_DELAY)} UTC can be missing: the event archive receives "
            f"events up to ten minutes late. Replay again after {format_time(settled)} UTC, or use --settle."
        )
        return
    with progress(every_change=True) as show:
        show(f"waiting {left:.0f} s, until {format_time(settled)} UTC: the event archive receives events late")
        time.sleep(left)


def _wait(installation: Installation, name: str, timeout: timedelta) -> dict[str, Any]:
    limit, pause = time.monotonic() + timeout.total_seconds(), _POLL_MIN
    with progress(every_change=True) as show:
        while True:
            state: dict[str, Any] = installation.client("events").describe_replay(ReplayName=name)
            last = state.get("EventLastReplayedTime")
            show(
                f"{state['State'].lower()}" + (f", up to {format_time(last)} UTC" if isinstance(last, datetime) else "")
            )
            left = limit - time.monotonic()
            if state["State"] not in _RUNNING or left <= 0:
                return state
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _POLL_MAX)


def _check_completed(name: str, state: dict[str, Any], timeout: timedelta) -> None:
    if state["State"] in _RUNNING:
        raise UserError(
            f"replay {name}",
            f"is still {state['State'].lower()} after {timeout.total_seconds():.0f} s.",
            "The replay continues. To see its state, run: "
            + command("aws", "events", "describe-replay", "--replay-name", name),
            code=TIMED_OUT,
        )
    if state["State"] != "COMPLETED":
        reason = str(state.get("StateReason", "EventBridge reports no reason"))
        raise UserError(f"replay {name}", f"{str(state['State']).lower()}: {reason}", "Start another replay.")
    note("All events are replayed. The archive needs a moment to write them.")
