"""Checks of a hub: from the bus through the archive to the tables, out to the spokes, and the spokes' responses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from ds_dashboard import dates
from ds_dashboard.client.items import OddAttributes
from ds_dashboard.client.settings import (
    PATH,
    HubSettings,
    registered_sender,
)
from ds_dashboard.client.spokes import Spoke, SpokeState, read_spokes
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard.event import Kind
from ds_dashboard.identity import (
    EVENTS_QUEUE,
    HUB_DEAD_LETTER_QUEUES,
    REGION_PATTERN,
    REJECTED_QUEUE,
    TABLES,
    WORD_PATTERN,
)
from ds_dashboard.shell import ACCOUNT_ID, BUS_ARN
from ds_dashboard_cli.doctor import (
    connection,
    hub_functions,
    keys,
    named_metrics,
    neighbours,
    resources,
    rules,
    shared_metrics,
)
from ds_dashboard_cli.doctor.account import Need
from ds_dashboard_cli.doctor.connection import Peering
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.rules import sample_event, sample_refresh

_SPOKE_PATTERN = f"{WORD_PATTERN}/{WORD_PATTERN}"
_TABLE_KEYS = {
    "metrics": ("MetricName", "ExtractionDate"),
    "latest": ("Project", "MetricName"),
    "spokes": ("Project",),
}
# The queue must retry for longer than an outage of the tables.
_OUTAGE_SECONDS = 3600


def check(context: Context, settings: HubSettings) -> None:
    """Check every link of the hub.

    Args:
        context: the context of the checks.
        settings: the settings of the watch function.
    """
    for role in TABLES:
        _check_table(context, role)
    bus_exists = resources.check_bus(context, "hub", "bus-dead-letters")
    _check_queues(context)
    if bus_exists:
        _check_archive_rule(context)
    settings = replace(settings, path=_registered_path(context, settings.path))
    hub_functions.check(context, settings)
    named_metrics.check(context)
    _check_schedules(context)
    neighbours.check(context, "hub", settings.path)
    registered = connection.read_registered(context, settings.path)
    if bus_exists and registered is not None:
        connection.check(context, _peering(context, settings.path), registered)
    _check_spokes(context, registered, settings)


def _check_table(context: Context, role: str) -> None:
    name = context.names.table(role)
    with context.report.checking(f"table {name}"):
        table, remedy = context.account.table(name), context.remedies.apply("hub")
        if table is None:
            context.report.broken(f"table {name}", "does not exist.", remedy)
            return
        context.report.check(
            table["TableStatus"] in ("ACTIVE", "UPDATING"),
            f"table {name}",
            f"is {table['TableStatus']}.",
            context.remedies.aws("dynamodb", "describe-table", "--table-name", name),
        )
        found = tuple(key["AttributeName"] for key in table["KeySchema"])
        context.report.check(
            found == _TABLE_KEYS[role],
            f"table {name}",
            f"has the keys {found}, expected {_TABLE_KEYS[role]}.",
            remedy,
        )
        if role == "metrics":
            indexes = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", ())}
            context.report.check("BySeries" in indexes, f"table {name}", "does not have the index BySeries.", remedy)
        keys.check_usable(context, table.get("SSEDescription", {}).get("KMSMasterKeyArn"), f"table {name}")


def _check_queues(context: Context) -> None:
    rule = context.rule_arn("hub", context.names.rule("archive"))
    senders = {EVENTS_QUEUE: rule, "rule-dead-letters": rule, "bus-dead-letters": context.bus_arn("hub")}
    resources.check_queue(context, EVENTS_QUEUE, "hub", rule, days=4)
    # What the archive's queue takes can become a dead letter, or be rejected.
    events = context.account.queue(context.names.queue(EVENTS_QUEUE)) or {}
    message_bytes = max(resources.MIN_MESSAGE_BYTES, int(events.get("MaximumMessageSize", 0)))
    # modules/connection creates the last one.
    for role in (*HUB_DEAD_LETTER_QUEUES[:-1], REJECTED_QUEUE):
        resources.check_queue(context, role, "hub", senders.get(role), message_bytes=message_bytes)
        resources.check_empty(context, role)
    name, dead_letters = context.names.queue(EVENTS_QUEUE), context.names.queue("events-dead-letters")
    remedy = context.remedies.apply("hub")
    with context.report.checking(f"queue {name}"):
        queue = context.account.queue(name)
        if queue is None:
            return
        policy = queue.get("RedrivePolicy") or "{}"
        context.report.check(
            dead_letters in policy,
            f"queue {name}",
            f"does not have the dead-letter queue {dead_letters}: events that cannot be archived are lost after four "
            "days.",
            remedy,
        )
        attempts = int(json.loads(policy).get("maxReceiveCount", 1))
        interval = int(queue.get("VisibilityTimeout", 0))
        context.report.check(
            attempts * interval >= _OUTAGE_SECONDS and interval >= 6 * hub_functions.TIMEOUTS["archive"],
            f"queue {name}",
            f"retries {attempts} times, {interval} s apart: events that arrive during an outage of an hour become dead "
            "letters.",
            remedy,
        )
        keys.check_queue(context, queue.get("KmsMasterKeyId"), rule, queue["QueueArn"], f"queue {name}")


def _check_archive_rule(context: Context) -> None:
    other = "1" * 12 if context.account.id != "1" * 12 else "2" * 12
    with context.report.checking(f"rule {context.names.rule('archive')}"):
        rules.check(
            context,
            "hub",
            "archive",
            context.queue_arn(EVENTS_QUEUE),
            "rule-dead-letters",
            must_match={
                "results": sample_event(context, Kind.RESULT, other),
                "failures": sample_event(context, Kind.FAILURE, other),
                "run events": sample_event(context, Kind.RUN, other),
                "results of its own account": sample_event(context, Kind.RESULT),
            },
            must_not_match={"refreshes": sample_refresh(context)},
            consequence="no event is archived",
        )


def _registered_path(context: Context, path_of_watch: str) -> str:
    """Return the SSM path of the registered spokes.

    If the settings of the watch and the archive differ, the path that the archive's role may read is right.
    """
    name = context.names.function("archive")
    with context.report.checking(f"function {name}"):
        archive = context.account.function(name)
        variables = (archive or {}).get("Environment", {}).get("Variables", {})
        path_of_archive = str(variables.get(PATH, path_of_watch)).rstrip("/")
        role = context.account.role(archive["Role"]) if archive and path_of_archive != path_of_watch else None
        if role is None:
            return path_of_archive
        parameter = context.account.arn("ssm", f"parameter{path_of_watch}/x/y")
        return path_of_watch if role.allows(Need("ssm:GetParameters", parameter)) else path_of_archive
    return path_of_watch


def _check_schedules(context: Context) -> None:
    if not resources.check_schedule(context, "hub", "watch", "function-dead-letters"):
        context.report.broken(
            f"schedule {context.names.function('watch')}",
            "does not exist: silent spokes are not detected.",
            context.remedies.apply("hub"),
        )
    # These schedules are optional (refresh_schedule, report).
    for role in ("refresh", "report"):
        resources.check_schedule(context, "hub", role, "function-dead-letters")


def _peering(context: Context, path: str) -> Peering:
    refresh = sample_refresh(context)
    return Peering(
        side="hub",
        peers="spokes",
        path=path,
        name_pattern=_SPOKE_PATTERN,
        must_match={"refreshes": refresh},
        must_not_match={
            "results": sample_event(context, Kind.RESULT),
            "refreshes of other accounts": {**refresh, "account": "0" * 12},
            "replayed refreshes": {**refresh, "replay-name": "r"},
        },
    )


def _check_spokes(context: Context, registered: Mapping[str, str] | None, settings: HubSettings) -> None:
    with context.report.checking("the last responses of the spokes"):
        if any(context.account.table(context.names.table(role)) is None for role in ("spokes", "latest")):
            return
        arguments = (registered, SpokeFilter(), settings.silent_after, dates.now(), OddAttributes())
        spokes = read_spokes(context.installation, *arguments)
        for spoke in spokes:
            _check_spoke(context, spoke, settings)
        shared_metrics.check(context, spokes)


def _check_spoke(context: Context, spoke: Spoke, settings: HubSettings) -> None:
    thing, report, remedies = f"spoke {spoke.name}", context.report, context.remedies
    name = spoke.name if re.fullmatch(_SPOKE_PATTERN, spoke.name) else "PROJECT/ENVIRONMENT"
    reported, region = spoke.item.get("AccountId"), str(spoke.item.get("Region") or context.account.region)
    if spoke.state == SpokeState.SILENT:
        seen = "never" if spoke.last_seen is None else dates.format_instant(spoke.last_seen)
        report.broken(
            thing,
            f"is silent: last seen {seen}; silent_after is {settings.silent_after.total_seconds() / 3600:.0f} h.",
            _doctor_of_spoke(context, spoke, region),
        )
    elif spoke.state == SpokeState.UNREGISTERED:
        # Not the account that has reported: the fix of a rejection must not be to trust whoever was rejected. In
        # another region, the parameter needs the ARN of the bus: an account ID means the hub's region.
        value = ACCOUNT_ID if region == context.account.region else BUS_ARN
        report.warn(
            thing,
            f"has reported from account {reported} and is not registered: its events are rejected. Forget it if it was "
            "removed or renamed. If the account is meant to report, which its owner confirms, register it.",
            remedies.either(
                remedies.ds_dashboard("spokes", "forget", name),
                "or, if its owner confirms",
                remedies.aws(
                    *("ssm", "put-parameter", "--type", "String", "--name", f"{settings.path}/{name}"),
                    *("--value", value),
                ),
            ),
        )
    else:
        report.good(thing)
    if spoke.moved:
        report.warn(
            thing,
            f"last reported from account {reported} in {spoke.region}, but {settings.path}/{spoke.name} registers "
            f"{spoke.registered}: events of other accounts and regions are rejected. A bare account ID stands for "
            f"{context.account.region}.",
            remedies.ds_dashboard("rejected"),
        )
    for failure in spoke.failures:
        report.warn(
            f"metric {failure.metric} of {spoke.name}",
            f"fails: {failure.error_type}: {failure.error_message}",
            remedies.ds_dashboard("spokes", "--failures", "--project", name.partition("/")[0]),
        )


def _doctor_of_spoke(context: Context, spoke: Spoke, region: str) -> str:
    """Build the command that checks a spoke in its account, with what is valid of its registration."""
    # Not where it reported from: a bare account ID stands for the hub's region.
    sender = registered_sender(spoke.registered or "", context.account.region)
    account, region = sender or ("", region)
    return context.remedies.elsewhere(
        *("doctor", "--side", "spoke"),
        whose=f"account {account}" if account else "the account of the spoke",
        region=region if re.fullmatch(REGION_PATTERN, region) else "",
    )
