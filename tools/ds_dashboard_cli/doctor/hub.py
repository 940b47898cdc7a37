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
    SILENT_AFTER,
    HubSettings,
    parse_hours,
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
from ds_dashboard_cli.doctor import connection, keys, neighbours, resources, rules, shared_metrics
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
_TABLE_VARIABLES = {
    "metrics": "DS_DASHBOARD_HISTORY_TABLE",
    "latest": "DS_DASHBOARD_LATEST_TABLE",
    "spokes": "DS_DASHBOARD_SPOKES_TABLE",
}
_TIMEOUTS = {"archive": 60, "refresh": 30, "watch": 60}
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
    _check_functions(context, settings)
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
            attempts * interval >= _OUTAGE_SECONDS and interval >= 6 * _TIMEOUTS["archive"],
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


def _check_functions(context: Context, settings: HubSettings) -> None:
    tables = {variable: context.names.table(role) for role, variable in _TABLE_VARIABLES.items()}
    environments = {
        "archive": {**tables, PATH: settings.path},
        "refresh": {"DS_DASHBOARD_EVENT_BUS": context.names.bus("hub")},
        "watch": {
            **{variable: tables[variable] for variable in tables if variable != _TABLE_VARIABLES["metrics"]},
            PATH: settings.path,
        },
    }
    packages: dict[str, str] = {}
    for role, needs in _function_needs(context, settings).items():
        function = resources.check_function(context, role, needs, "hub", environments[role], _TIMEOUTS[role])
        if function is None:
            continue
        if resources.package_hash(function) is None:
            packages[role] = str(function.get("CodeSha256"))
        if role == "archive":
            _check_event_source_mapping(context)
        else:
            resources.check_failure_destination(context, role, "function-dead-letters", "hub")
        if role == "watch":
            hours = function.get("Environment", {}).get("Variables", {}).get(SILENT_AFTER)
            context.report.check(
                parse_hours(hours) is not None,
                f"function {context.names.function('watch')}",
                f"{SILENT_AFTER} is {hours!r}, which is not a valid number of hours: silent spokes are not detected.",
                context.remedies.apply("hub"),
            )
    _check_same_package(context, packages)


def _function_needs(context: Context, settings: HubSettings) -> Mapping[str, list[Need]]:
    """Return the actions and resources that the role of each function must allow."""
    tables = {role: context.account.arn("dynamodb", f"table/{context.names.table(role)}") for role in TABLES}
    events, path = context.queue_arn(EVENTS_QUEUE), context.account.arn("ssm", f"parameter{settings.path}")
    dead_letters = Need("sqs:SendMessage", context.queue_arn("function-dead-letters"))
    key = (context.account.queue(context.names.queue(EVENTS_QUEUE)) or {}).get("KmsMasterKeyId", "")
    return {
        "archive": [
            *(Need(f"sqs:{action}", events) for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
            Need("sqs:SendMessage", context.queue_arn(REJECTED_QUEUE)),
            Need("ssm:GetParameters", f"{path}/x/y"),
            *(Need(f"dynamodb:{action}", tables["metrics"]) for action in ("PartiQLInsert", "Query")),
            *(Need(f"dynamodb:{action}", tables["latest"]) for action in ("PartiQLInsert", "PartiQLUpdate")),
            Need("dynamodb:GetItem", tables["spokes"]),
            Need("dynamodb:UpdateItem", tables["spokes"]),
            *(Need(action, key, "sqs") for action in ("kms:Decrypt", "kms:GenerateDataKey") if key.startswith("arn:")),
        ],
        "refresh": [Need("events:PutEvents", context.bus_arn("hub")), dead_letters],
        "watch": [
            Need("ssm:GetParametersByPath", path),
            Need("dynamodb:Scan", tables["spokes"]),
            Need("dynamodb:Query", tables["latest"]),
            dead_letters,
        ],
    }


def _check_same_package(context: Context, packages: Mapping[str, str]) -> None:
    """Check that all functions that do not record the hash of their package run the same one."""
    for role, own in packages.items():
        others = [package for other, package in packages.items() if other != role]
        if own not in others and len(set(others)) == 1:
            name = context.names.function(role)
            context.report.broken(
                f"function {name}",
                "runs another package than the other functions of the hub.",
                context.remedies.replace_function("hub", role),
            )


def _check_event_source_mapping(context: Context) -> None:
    function, queue = context.names.function("archive"), context.names.queue(EVENTS_QUEUE)
    thing, report, remedy = f"event source mapping of {function}", context.report, context.remedies.apply("hub")
    with report.checking(thing):
        mappings = context.account.mappings(function, context.queue_arn(EVENTS_QUEUE))
        if not report.check(bool(mappings), thing, f"does not exist for {queue}: no event is archived.", remedy):
            return
        mapping = mappings[0]
        update = ("lambda", "update-event-source-mapping", "--uuid", mapping["UUID"])
        report.check(
            mapping["State"] not in ("Disabled", "Disabling"),
            thing,
            "is disabled: events wait in the queue for at most four days.",
            context.remedies.aws(*update, "--enabled"),
        )
        report.check(
            "ReportBatchItemFailures" in mapping.get("FunctionResponseTypes", ()),
            thing,
            "does not use partial batch responses: one failed event makes up to a hundred return to the queue.",
            remedy,
        )
        report.check(
            not mapping.get("FilterCriteria", {}).get("Filters"),
            thing,
            "filters messages: those that match no filter are deleted and not archived.",
            context.remedies.aws(*update, "--filter-criteria", "{}"),
        )
        result = str(mapping.get("LastProcessingResult", ""))
        if result.startswith("PROBLEM"):
            report.broken(
                thing, result, context.remedies.aws("logs", "tail", context.names.log_group("archive"), "--since", "1h")
            )


def _check_schedules(context: Context) -> None:
    if not resources.check_schedule(context, "hub", "watch", "function-dead-letters"):
        context.report.broken(
            f"schedule {context.names.function('watch')}",
            "does not exist: silent spokes are not detected.",
            context.remedies.apply("hub"),
        )
    # This schedule is optional (refresh_schedule).
    resources.check_schedule(context, "hub", "refresh", "function-dead-letters")


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
