"""`ds-dashboard replay`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from ds_dashboard import dates
from ds_dashboard_cli.errors import TIMED_OUT, UserError
from ds_dashboard_cli.options import Duration, Instant, check_period, installation_options, json_option
from ds_dashboard_cli.output.streams import note, progress, write_json
from ds_dashboard_cli.output.text import format_time

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_EPILOG = """\b
Examples:
  ds-dashboard replay --since 2h --wait
  ds-dashboard replay --since 2026-11-23T10:00 --until 2026-11-23T14:00

\b
Exit codes: 3 where --wait ended before the replay did; else as everywhere.
"""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
_RUNNING = ("STARTING", "RUNNING", "CANCELLING")
# A replay's name has at most 64 characters; the time that makes it another one takes 21.
_MOST_NAME = 42


@click.command("replay", epilog=_EPILOG)
@click.option("--since", type=Instant(), required=True, metavar="WHEN", help="Events from here on: 2h, 7d, or a date.")
@click.option("--until", type=Instant(), metavar="WHEN", help="Events before this.  [default: now]")
@click.option("--wait", is_flag=True, help="Wait until all events are replayed.")
@click.option(
    "--timeout",
    type=Duration("s"),
    default="1h",
    show_default=True,
    metavar="DURATION",
    help="How long to wait at most: 90, 5m, 1h.",
)
@json_option
@installation_options
def replay_command(
    hub: Installation, since: datetime, until: datetime | None, wait: bool, timeout: timedelta, as_json: bool
) -> None:
    """Let the archive have again what arrived on the hub's bus in a period; prints the replay's name.

    It needs the hub's variable event_archive_days. Only the archive's rule gets the events, so no spoke is asked again;
    what is in the tables already stays there once.
    """
    now = dates.now()
    check_period(since, until or now)
    events = hub.client("events")
    archive = _archive(hub)
    name = f"{hub.name[:_MOST_NAME]}-{now:%Y%m%dT%H%M%S%f}"
    started = events.start_replay(
        ReplayName=name,
        Description="ds-dashboard replay",
        EventSourceArn=archive["ArchiveArn"],
        EventStartTime=since,
        EventEndTime=until or now,
        Destination={"Arn": archive["EventSourceArn"], "FilterArns": [_rule_arn(archive["EventSourceArn"], hub.name)]},
    )
    if not as_json:
        click.echo(name)
    note(
        f"Events from {format_time(since)} to {format_time(until or now)} UTC are replayed for the rule "
        f"{hub.name}-archive."
    )
    state = _wait(hub, name, timeout) if wait else started
    if as_json:
        write_json({"ReplayName": name, "ReplayArn": started["ReplayArn"], "State": state["State"]})
    if not wait:
        return
    if state["State"] in _RUNNING:
        raise UserError(
            f"replay {name}",
            f"is still {state['State'].lower()} after {timeout.total_seconds():.0f} s.",
            f"It goes on: aws events describe-replay --replay-name {name}",
            code=TIMED_OUT,
        )
    if state["State"] != "COMPLETED":
        reason = str(state.get("StateReason", "EventBridge gives no reason"))
        raise UserError(f"replay {name}", f"{str(state['State']).lower()}: {reason}", "Start another.")
    note("All of them are replayed; the archive takes a moment to write them.")


def _archive(hub: Installation) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    from ds_dashboard.client.errors import error_code

    archive = f"{hub.name}-hub"
    try:
        found: dict[str, Any] = hub.client("events").describe_archive(ArchiveName=archive)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        raise UserError(
            f"archive {archive}",
            f"there is none in account {hub.account}, region {hub.region}: the hub keeps no events to be replayed.",
            "Set event_archive_days in modules/hub and apply: it keeps what arrives from then on.",
        ) from error
    created = found.get("CreationTime")
    if isinstance(created, datetime):
        note(f"The archive has events since {format_time(created.astimezone(UTC))} UTC, {_kept(found)}.")
    return found


def _kept(archive: dict[str, Any]) -> str:
    days = archive.get("RetentionDays")
    return f"for {days} days" if days else "for ever"


def _rule_arn(bus_arn: str, name: str) -> str:
    return f"{bus_arn.replace(':event-bus/', ':rule/')}/{name}-archive"


def _wait(hub: Installation, name: str, timeout: timedelta) -> dict[str, Any]:
    limit, pause = time.monotonic() + timeout.total_seconds(), _FIRST_PAUSE
    with progress(every_change=True) as tell:
        while True:
            state: dict[str, Any] = hub.client("events").describe_replay(ReplayName=name)
            last = state.get("EventLastReplayedTime")
            tell(
                f"{state['State'].lower()}" + (f", up to {format_time(last)} UTC" if isinstance(last, datetime) else "")
            )
            left = limit - time.monotonic()
            if state["State"] not in _RUNNING or left <= 0:
                return state
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_PAUSE)
