"""The hub's side: from its bus to the tables, and out to the spokes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ds_dashboard import dates
from ds_dashboard.client import settings as hub_settings
from ds_dashboard.client.settings import HubSettings, registered_account, registered_region
from ds_dashboard.client.spokes import Spoke, SpokeState, read_spokes
from ds_dashboard.client.tables import SpokeFilter
from ds_dashboard_cli.dead_letters import queues
from ds_dashboard_cli.doctor import connection, hub_functions, keys, resources, rules, tables
from ds_dashboard_cli.doctor.connection import Peering
from ds_dashboard_cli.doctor.context import Context
from ds_dashboard_cli.doctor.rules import sample

_RESULT, _FAILURE, _RUN = "metric_extractor", "metric_extractor_failure", "metric_extractor_run"
_METRIC = {"MetricName": "M"}
_OUTAGE_SECONDS = 3600


def check(context: Context, settings: HubSettings) -> None:
    """Every link of the hub."""
    for role in tables.KEYS:
        tables.check(context, role)
    there = resources.check_bus(context, "hub", "bus-dead-letters")
    _check_queues(context)
    if there:
        _check_archive_rule(context)
    settings = replace(settings, path=_registry_path(context, settings.path))
    hub_functions.check(context, settings)
    _check_schedules(context)
    registered = connection.listed(context, settings.path)
    if there and registered is not None:
        connection.check(context, _side(context, settings.path), registered)
    _check_answers(context, registered, settings)


def _registry_path(context: Context, of_watch: str) -> str:
    """Where spokes are registered. Where watch and archive disagree, it is what the archive's role may read."""
    name = f"{context.hub.name}-archive"
    with context.report.looking_at(f"function {name}"):
        archive = context.account.function(name)
        variables = (archive or {}).get("Environment", {}).get("Variables", {})
        of_archive = str(variables.get(hub_settings.PATH, of_watch)).rstrip("/")
        role = context.account.role(archive["Role"]) if archive and of_archive != of_watch else None
        if role is None:
            return of_archive
        parameter = context.account.arn("ssm", f"parameter{of_watch}/x/y")
        return of_watch if role.may("ssm:GetParameters", parameter) else of_archive
    return of_watch


def _check_queues(context: Context) -> None:
    rule = context.rule_arn("hub", f"{context.hub.name}-archive")
    senders = {"rule-dead-letters": rule, "bus-dead-letters": context.bus_arn("hub"), "events": rule}
    for role in ("events", *queues.HUB_LETTERS[:-1], queues.REJECTED):
        resources.check_queue(context, role, "hub", senders.get(role), days=4 if role == "events" else 14)
        if role != "events":
            resources.check_letters(context, role)
    name = f"{context.hub.name}-events"
    with context.report.looking_at(f"queue {name}"):
        queue = context.account.queue(name)
        if queue is not None:
            context.report.check(
                f"{context.hub.name}-events-dead-letters" in queue.get("RedrivePolicy", ""),
                f"queue {name}",
                f"has no dead-letter queue {name}-dead-letters: what cannot be archived is lost after four days.",
                context.remedies.apply("hub"),
            )
            tries = int(json.loads(queue.get("RedrivePolicy") or "{}").get("maxReceiveCount", 1))
            apart = int(queue.get("VisibilityTimeout", 0))
            context.report.check(
                tries * apart >= _OUTAGE_SECONDS and apart >= 6 * hub_functions.SECONDS["archive"],
                f"queue {name}",
                f"tries {tries} times, {apart} s apart: an outage of an hour makes dead letters of what arrives.",
                context.remedies.apply("hub"),
            )
            keys.check_queue(context, queue.get("KmsMasterKeyId"), rule, f"queue {name}")


def _check_archive_rule(context: Context) -> None:
    bus, name = f"{context.hub.name}-hub", f"{context.hub.name}-archive"
    with context.report.looking_at(f"rule {name}"):
        rule = context.account.rules(bus).get(name)
        if rule is None:
            context.report.broken(
                f"rule {name}", f"is not on {bus}: nothing that arrives is archived.", context.remedies.apply("hub")
            )
            return
        rules.check_enabled(context, rule, bus)
        other = "1" * 12 if context.account.id != "1" * 12 else "2" * 12
        arriving = {
            "results": sample(context, _RESULT, _METRIC, other),
            "failures": sample(context, _FAILURE, _METRIC, other),
            "run events": sample(context, _RUN, {"ProjectName": "P"}, other),
            "results of its own account": sample(context, _RESULT, _METRIC),
        }
        rules.check_pattern(context, rule, arriving, {"refreshes": sample(context, _RESULT, {})}, "hub")
        target = next(
            (one for one in context.account.targets(bus, name) if one["Arn"] == context.queue_arn("events")), None
        )
        if context.report.check(
            target is not None,
            f"rule {name}",
            f"does not send to the queue {context.hub.name}-events: nothing that arrives is archived.",
            context.remedies.apply("hub"),
        ):
            rules.check_whole(context, rule, target or {}, "hub")
            context.report.check(
                (target or {}).get("DeadLetterConfig", {}).get("Arn") == context.queue_arn("rule-dead-letters"),
                f"rule {name}",
                f"has no dead-letter queue {context.hub.name}-rule-dead-letters: what cannot be delivered is lost.",
                context.remedies.apply("hub"),
            )


def _check_schedules(context: Context) -> None:
    group = f"{context.hub.name}-hub"
    watch = f"{context.hub.name}-watch"
    if not resources.check_schedule(
        context, group, watch, context.function_arn("watch"), "function-dead-letters", "hub"
    ):
        context.report.broken(
            f"schedule {watch}", "does not exist: nobody looks for silent spokes.", context.remedies.apply("hub")
        )
    # Whether there should be one is the hub's refresh_schedule to say.
    refresh = f"{context.hub.name}-refresh"
    resources.check_schedule(context, group, refresh, context.function_arn("refresh"), "function-dead-letters", "hub")


def _side(context: Context, path: str) -> Peering:
    refresh = sample(context, _RESULT, {})
    return Peering(
        bus="hub",
        others="spokes",
        path=path,
        name_form=re.compile(r"[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.-]{1,64}"),
        passed={"refreshes": refresh},
        stopped={
            "results": sample(context, _RESULT, _METRIC),
            "refreshes of other accounts": {**refresh, "account": "0" * 12},
            "replayed refreshes": {**refresh, "replay-name": "r"},
        },
    )


def _check_answers(context: Context, registered: Mapping[str, str] | None, settings: HubSettings) -> None:
    with context.report.looking_at("the spokes' last answers"):
        if any(context.account.table(context.hub.table(role)) is None for role in ("spokes", "latest")):
            return
        for spoke in read_spokes(context.hub, registered, SpokeFilter(), settings.silent_after, dates.now()):
            _check_answer(context, spoke, settings)


def _check_answer(context: Context, spoke: Spoke, settings: HubSettings) -> None:
    thing = f"spoke {spoke.name}"
    account = registered_account(spoke.registered or "")
    reported: Any = spoke.item.get("AccountId")
    region = registered_region(spoke.registered or "") or spoke.item.get("Region") or context.account.region
    if spoke.state == SpokeState.SILENT:
        seen = "never" if spoke.last_seen is None else dates.format_instant(spoke.last_seen)
        context.report.broken(
            thing,
            f"is silent: last seen {seen}; silent_after is {settings.silent_after.total_seconds() / 3600:.0f} h.",
            f"ds-dashboard doctor --side spoke --name {context.hub.name} --region {region}    # with a profile of "
            f"account {account}",
        )
    elif spoke.state == SpokeState.UNREGISTERED:
        context.report.warn(
            thing,
            f"has reported from account {reported}, and is not registered: what it sends is refused.",
            context.remedies.aws(
                *("ssm", "put-parameter", "--type", "String", "--name", f"{settings.path}/{spoke.name}"),
                *(
                    "--value",
                    str(reported) if region == context.account.region else _bus_arn(context, region, reported),
                ),
            ),
        )
    else:
        context.report.good(thing)
    if account and reported and account != reported:
        context.report.warn(
            thing,
            f"has last reported from account {reported}, and {settings.path}/{spoke.name} registers {account}: what "
            f"{reported} sends is refused.",
            context.remedies.ours("rejected"),
        )
    for failure in spoke.failures:
        context.report.warn(
            f"metric {failure.metric} of {spoke.name}",
            f"fails: {failure.error_type}: {failure.error_message}",
            context.remedies.ours("spokes", "--failures", "--project", spoke.project),
        )


def _bus_arn(context: Context, region: str, account: str) -> str:
    """The bus of a spoke in another region: an account alone means the hub's own."""
    return f"arn:{context.account.partition}:events:{region}:{account}:event-bus/{context.hub.name}-spoke"
