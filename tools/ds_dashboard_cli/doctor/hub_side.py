"""The hub's side: from its bus to the tables, and out to the spokes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ds_dashboard import dates
from ds_dashboard_cli.doctor import forwarding, hub_functions, keys, links, rules, tables
from ds_dashboard_cli.doctor.forwarding import Side
from ds_dashboard_cli.doctor.rules import sample
from ds_dashboard_cli.doctor.walk import Walk
from ds_dashboard_cli.hub import registry, spokes
from ds_dashboard_cli.hub import settings as hub_settings
from ds_dashboard_cli.hub.narrowing import Narrowing
from ds_dashboard_cli.hub.settings import HubSettings
from ds_dashboard_cli.letters import queues

_RESULT, _FAILURE, _RUN = "metric_extractor", "metric_extractor_failure", "metric_extractor_run"
_METRIC = {"MetricName": "M"}
_OUTAGE_SECONDS = 3600


def walk_along(walk: Walk, settings: HubSettings) -> None:
    """Every link of the hub."""
    for role in tables.KEYS:
        tables.check(walk, role)
    there = links.check_bus(walk, "hub", "bus-dead-letters")
    _check_queues(walk)
    if there:
        _check_archive_rule(walk)
    settings = replace(settings, path=_registry_path(walk, settings.path))
    hub_functions.check(walk, settings)
    _check_schedules(walk)
    registered = forwarding.listed(walk, settings.path)
    if there and registered is not None:
        forwarding.check(walk, _side(walk, settings.path), registered)
    _check_answers(walk, registered, settings)


def _registry_path(walk: Walk, of_watch: str) -> str:
    """Where spokes are registered. Where watch and archive disagree, it is what the archive's role may read."""
    name = f"{walk.hub.name}-archive"
    with walk.report.looking_at(f"function {name}"):
        archive = walk.account.function(name)
        variables = (archive or {}).get("Environment", {}).get("Variables", {})
        of_archive = str(variables.get(hub_settings.PATH, of_watch)).rstrip("/")
        role = walk.account.role(archive["Role"]) if archive and of_archive != of_watch else None
        if role is None:
            return of_archive
        parameter = walk.account.arn("ssm", f"parameter{of_watch}/x/y")
        return of_watch if role.may("ssm:GetParameters", parameter) else of_archive
    return of_watch


def _check_queues(walk: Walk) -> None:
    rule = walk.rule_arn("hub", f"{walk.hub.name}-archive")
    senders = {"rule-dead-letters": rule, "bus-dead-letters": walk.bus_arn("hub"), "events": rule}
    for role in ("events", *queues.HUB_LETTERS[:-1], queues.REJECTED):
        links.check_queue(walk, role, "hub", senders.get(role), days=4 if role == "events" else 14)
        if role != "events":
            links.check_letters(walk, role)
    name = f"{walk.hub.name}-events"
    with walk.report.looking_at(f"queue {name}"):
        queue = walk.account.queue(name)
        if queue is not None:
            walk.report.check(
                f"{walk.hub.name}-events-dead-letters" in queue.get("RedrivePolicy", ""),
                f"queue {name}",
                f"has no dead-letter queue {name}-dead-letters: what cannot be archived is lost after four days.",
                walk.cures.apply("hub"),
            )
            tries = int(json.loads(queue.get("RedrivePolicy") or "{}").get("maxReceiveCount", 1))
            apart = int(queue.get("VisibilityTimeout", 0))
            walk.report.check(
                tries * apart >= _OUTAGE_SECONDS and apart >= 6 * hub_functions.SECONDS["archive"],
                f"queue {name}",
                f"tries {tries} times, {apart} s apart: an outage of an hour makes dead letters of what arrives.",
                walk.cures.apply("hub"),
            )
            keys.check_queue(walk, queue.get("KmsMasterKeyId"), rule, f"queue {name}")


def _check_archive_rule(walk: Walk) -> None:
    bus, name = f"{walk.hub.name}-hub", f"{walk.hub.name}-archive"
    with walk.report.looking_at(f"rule {name}"):
        rule = walk.account.rules(bus).get(name)
        if rule is None:
            walk.report.broken(
                f"rule {name}", f"is not on {bus}: nothing that arrives is archived.", walk.cures.apply("hub")
            )
            return
        rules.check_enabled(walk, rule, bus)
        other = "1" * 12 if walk.account.id != "1" * 12 else "2" * 12
        arriving = {
            "results": sample(walk, _RESULT, _METRIC, other),
            "failures": sample(walk, _FAILURE, _METRIC, other),
            "run events": sample(walk, _RUN, {"ProjectName": "P"}, other),
            "results of its own account": sample(walk, _RESULT, _METRIC),
        }
        rules.check_pattern(walk, rule, arriving, {"refreshes": sample(walk, _RESULT, {})}, "hub")
        target = next((one for one in walk.account.targets(bus, name) if one["Arn"] == walk.queue_arn("events")), None)
        if walk.report.check(
            target is not None,
            f"rule {name}",
            f"does not send to the queue {walk.hub.name}-events: nothing that arrives is archived.",
            walk.cures.apply("hub"),
        ):
            rules.check_whole(walk, rule, target or {}, "hub")
            walk.report.check(
                (target or {}).get("DeadLetterConfig", {}).get("Arn") == walk.queue_arn("rule-dead-letters"),
                f"rule {name}",
                f"has no dead-letter queue {walk.hub.name}-rule-dead-letters: what cannot be delivered is lost.",
                walk.cures.apply("hub"),
            )


def _check_schedules(walk: Walk) -> None:
    group = f"{walk.hub.name}-hub"
    watch = f"{walk.hub.name}-watch"
    if not links.check_schedule(walk, group, watch, walk.function_arn("watch"), "function-dead-letters", "hub"):
        walk.report.broken(
            f"schedule {watch}", "does not exist: nobody looks for silent spokes.", walk.cures.apply("hub")
        )
    # Whether there should be one is the hub's refresh_schedule to say.
    refresh = f"{walk.hub.name}-refresh"
    links.check_schedule(walk, group, refresh, walk.function_arn("refresh"), "function-dead-letters", "hub")


def _side(walk: Walk, path: str) -> Side:
    refresh = sample(walk, _RESULT, {})
    return Side(
        bus="hub",
        others="spokes",
        path=path,
        name_form=re.compile(r"[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.-]{1,64}"),
        passed={"refreshes": refresh},
        stopped={
            "results": sample(walk, _RESULT, _METRIC),
            "refreshes of other accounts": {**refresh, "account": "0" * 12},
            "replayed refreshes": {**refresh, "replay-name": "r"},
        },
    )


def _check_answers(walk: Walk, registered: Mapping[str, str] | None, settings: HubSettings) -> None:
    with walk.report.looking_at("the spokes' last answers"):
        if any(walk.account.table(walk.hub.table(role)) is None for role in ("spokes", "latest")):
            return
        for spoke in spokes.known(walk.hub, registered, Narrowing(), settings.silent_after, dates.now()):
            _check_answer(walk, spoke, settings)


def _check_answer(walk: Walk, spoke: spokes.Spoke, settings: HubSettings) -> None:
    thing = f"spoke {spoke.project}"
    account = registry.account_of(spoke.registered or "")
    reported: Any = spoke.item.get("AccountId")
    region = registry.region_of(spoke.registered or "") or spoke.item.get("Region") or walk.account.region
    if spoke.state == spokes.SILENT:
        seen = "never" if spoke.last_seen is None else dates.format_instant(spoke.last_seen)
        walk.report.broken(
            thing,
            f"is silent: last seen {seen}; silent_after is {settings.silent_after.total_seconds() / 3600:.0f} h.",
            f"ds-dashboard doctor --side spoke --name {walk.hub.name} --region {region}    # with a profile of account "
            f"{account}",
        )
    elif spoke.state == spokes.UNREGISTERED:
        walk.report.warn(
            thing,
            f"has reported from account {reported}, and is not registered: what it sends is refused.",
            walk.cures.aws(
                *("ssm", "put-parameter", "--type", "String", "--name", f"{settings.path}/{spoke.project}"),
                *("--value", str(reported) if region == walk.account.region else _bus_arn(walk, region, reported)),
            ),
        )
    else:
        walk.report.good(thing)
    if account and reported and account != reported:
        walk.report.warn(
            thing,
            f"has last reported from account {reported}, and {settings.path}/{spoke.project} registers {account}: what "
            f"{reported} sends is refused.",
            walk.cures.ours("rejected"),
        )
    for failure in spoke.failures:
        walk.report.warn(
            f"metric {failure.metric} of {spoke.project}",
            f"fails: {failure.type}: {failure.message}",
            walk.cures.ours("spokes", "--failures", "--project", spoke.project.partition("/")[0]),
        )


def _bus_arn(walk: Walk, region: str, account: str) -> str:
    """The bus of a spoke in another region: an account alone means the hub's own."""
    return f"arn:{walk.account.partition}:events:{region}:{account}:event-bus/{walk.hub.name}-spoke"
