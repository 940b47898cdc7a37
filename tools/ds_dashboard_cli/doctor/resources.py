"""Checks of single resources of the hub and the spoke: buses, queues, functions and schedules."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ds_dashboard.text import pluralize
from ds_dashboard_cli.doctor import keys, policies, roles
from ds_dashboard_cli.doctor import variables as read_variables
from ds_dashboard_cli.doctor.account import Need, Role
from ds_dashboard_cli.doctor.context import Context

EVENTS, SCHEDULER, LAMBDA = "events.amazonaws.com", "scheduler.amazonaws.com", "lambda.amazonaws.com"
# The statement of the modules in the policy of a function or queue, by its role. The others have none.
_STATEMENTS = {
    "extract": "ExtractionRule",
    "events": "ArchiveRule",
    "rule-dead-letters": "EventBridge",
    "bus-dead-letters": "EventBridge",
    "spoke-dead-letters": "EventBridge",
    "spoke-bus-dead-letters": "EventBridge",
    "to-spokes-dead-letters": "ForwardingRules",
    "to-hubs-dead-letters": "ForwardingRules",
}
# What every queue must take: a detail of the largest size that is archived, with its envelope.
MIN_MESSAGE_BYTES = 256 * 1024


def check_bus(context: Context, side: str, dead_letters: str) -> bool:
    """Check that the bus exists, has its dead-letter queue, and can use its key; returns whether it exists."""
    name = context.names.bus(side)
    with context.report.checking(f"event bus {name}"):
        bus = context.account.bus(name)
        remedy = context.remedies.apply(side)
        if bus is None:
            context.report.broken(f"event bus {name}", "does not exist.", remedy)
            return False
        context.report.check(
            bus.get("DeadLetterConfig", {}).get("Arn") == context.queue_arn(dead_letters),
            f"event bus {name}",
            f"does not have the dead-letter queue {context.names.queue(dead_letters)}.",
            remedy,
        )
        keys.check_bus(context, bus.get("KmsKeyIdentifier"), side)
        return True
    return False


def check_queue(
    context: Context,
    role: str,
    module: str,
    sender_arn: str | None,
    days: int = 14,
    message_bytes: int = MIN_MESSAGE_BYTES,
) -> None:
    """Check that a queue exists, keeps messages long enough, and accepts messages of its sender.

    Args:
        context: the context of the check.
        role: the queue's role.
        module: the module that creates the queue.
        sender_arn: the rule or bus that sends to the queue; None if only functions do.
        days: the retention period.
        message_bytes: the largest message that it must take.
    """
    name, report, remedy = context.names.queue(role), context.report, context.remedies.apply(module)
    with report.checking(f"queue {name}"):
        queue = context.account.queue(name)
        if queue is None:
            report.broken(f"queue {name}", "does not exist.", remedy)
            return
        retention, size, delay = (
            int(queue.get(key, default))
            for key, default in (
                ("MessageRetentionPeriod", days * 86_400),
                ("MaximumMessageSize", message_bytes),
                ("DelaySeconds", 0),
            )
        )
        report.check(
            retention >= days * 86_400 and size >= message_bytes and delay == 0,
            f"queue {name}",
            f"keeps messages of up to {size} bytes for {retention} s, after a delay of {delay} s; expected "
            f"{message_bytes} bytes, {days} days, and no delay.",
            remedy,
        )
        if sender_arn is not None:
            report.check(
                policies.allows(
                    [policies.parse(queue.get("Policy"))],
                    "sqs:SendMessage",
                    queue["QueueArn"],
                    principal=("Service", EVENTS),
                    request_context={"aws:SourceArn": sender_arn, "aws:SourceAccount": context.account.id},
                ),
                f"policy of queue {name}",
                f"does not allow {EVENTS} to send messages for {sender_arn}: they are lost, or become dead letters.",
                remedy,
            )
        no_policy = ("--queue-url", queue["QueueUrl"], "--attributes", '{"Policy":""}')
        check_statements(
            context,
            f"policy of queue {name}",
            policies.parse(queue.get("Policy")),
            _STATEMENTS.get(role),
            # A policy of the module is written as a whole, and a plan shows the difference.
            lambda _: (
                remedy if role in _STATEMENTS else context.remedies.aws("sqs", "set-queue-attributes", *no_policy)
            ),
        )
        keys.check_usable(context, queue.get("KmsMasterKeyId"), f"queue {name}")


def check_empty(context: Context, role: str) -> None:
    """Warn if a dead-letter queue or the rejected queue has messages."""
    name = context.names.queue(role)
    queue = context.account.queue(name)
    if queue is not None and (count := int(queue.get("ApproximateNumberOfMessages", 0))):
        command = ["rejected"] if role == "rejected" else ["dead-letters", "--queue", role]
        context.report.warn(
            f"queue {name}",
            f"has {pluralize(count, 'message')} not delivered or not processed.",
            context.remedies.ds_dashboard(*command),
        )


def check_function(
    context: Context,
    role: str,
    needs: Sequence[Need],
    module: str,
    environment: Mapping[str, str],
    timeout: int | None = None,
) -> Mapping[str, Any] | None:
    """Check that a function exists, can run, and has its settings, its permissions and its log group.

    Args:
        context: the context of the check.
        role: the function's role.
        needs: what its role must allow.
        module: the module that creates the function.
        environment: what variables must be, besides what the function reads.
        timeout: in seconds; None if the user chooses it.

    Returns:
        The function's configuration, or None if it does not exist.
    """
    name, group = context.names.function(role), context.names.log_group(role)
    report, remedy, thing = context.report, context.remedies.apply(module), f"function {name}"
    function: Mapping[str, Any] | None = None
    with report.checking(thing):
        function = context.account.function(name)
        if function is None:
            report.broken(thing, "does not exist.", remedy)
            return None
        state = function.get("State", "Active")
        report.check(
            state in ("Active", "Pending", "Inactive"),
            thing,
            f"is in the state {state}: {function.get('StateReason', '')}",
            remedy,
        )
        variables = function.get("Environment", {}).get("Variables", {})
        faults = read_variables.faults(role, {**variables, "AWS_REGION": context.account.region})
        for variable, fault in faults.items():
            report.broken(thing, f"{variable} {fault}: it fails each time that it runs.", remedy)
        actual = {**function, **variables}
        expected = {"Handler": f"ds_dashboard.handlers.{role}.handler", **environment}
        for key, value in {**expected, **({"Timeout": timeout} if timeout else {})}.items():
            if key not in faults:
                cause = f"{key} is {actual.get(key)!r}, expected {value!r}."
                report.check(actual.get(key) == value, thing, cause, remedy)
        report.check(
            context.account.concurrency(name) != 0,
            thing,
            "cannot run: its reserved concurrency is 0.",
            context.remedies.aws("lambda", "delete-function-concurrency", "--function-name", name),
        )
        key = str(function.get("KMSKeyArn") or "")
        keys.check_usable(context, key, thing)
        logs = context.account.arn("logs", f"log-group:{group}:log-stream:x")
        more = [Need("logs:CreateLogStream", logs), Need("logs:PutLogEvents", logs)]
        more += [Need("kms:Decrypt", key, "lambda")] if key else []
        replacement = context.remedies.replace_function(module, role)
        found_role = roles.check(context, function["Role"], LAMBDA, {}, [*needs, *more], module, replacement)
        if found_role is not None and not key:
            _check_role_is_older(context, function, found_role, replacement)
        _check_code(context, function, replacement)
        _check_invokers(context, role)
    with report.checking(f"log group {group}"):
        found = context.account.log_group(group)
        report.check(found is not None, f"log group {group}", "does not exist: logs are lost.", remedy)
        keys.check_logs(context, (found or {}).get("kmsKeyId"), group)
    return function


def _check_role_is_older(context: Context, function: Mapping[str, Any], role: Role, remedy: str) -> None:
    """Check that the role was not deleted and created again since the function was updated.

    Without a customer managed key, Lambda lets the role decrypt the environment by a grant to the role's unique ID,
    which a new role with the same name does not have.
    """
    updated_at = datetime.fromisoformat(str(function["LastModified"]))
    context.report.check(
        role.created_at <= updated_at,
        f"function {function['FunctionName']}",
        f"cannot decrypt its environment variables: its role {role.name} was deleted and created again after the "
        "function's last update, and Lambda's grant is for the previous role.",
        remedy,
    )


def _check_code(context: Context, function: Mapping[str, Any], remedy: str) -> None:
    """Check that the function runs the package that Terraform gave it last.

    Terraform's state has the new package even if the update of the code failed, or if somebody replaced it later.
    """
    expected, actual = package_hash(function), function.get("CodeSha256")
    context.report.check(
        expected in (None, actual),
        f"function {function['FunctionName']}",
        f"runs another package than Terraform deployed: CodeSha256 is {actual}, expected {expected}. An update failed, "
        "or somebody replaced the code.",
        remedy,
    )


def package_hash(function: Mapping[str, Any]) -> str | None:
    """Return the hash of the package that the module deployed; None if the function does not have it."""
    value: str | None = function.get("Environment", {}).get("Variables", {}).get("DS_DASHBOARD_PACKAGE_SHA256")
    return value or None


def _check_invokers(context: Context, role: str) -> None:
    """Warn of permissions to invoke a function that no module has given."""
    name = context.names.function(role)
    remove = ("lambda", "remove-permission", "--function-name", name, "--statement-id")
    with context.report.checking(f"policy of function {name}"):
        check_statements(
            context,
            f"policy of function {name}",
            context.account.function_policy(name),
            _STATEMENTS.get(role),
            lambda sid: context.remedies.aws(*remove, sid),
        )


def check_statements(
    context: Context, thing: str, document: policies.Document, own: str | None, remedy: Callable[[str], str]
) -> None:
    """Warn of statements of a resource's policy that no module has added; no plan shows most of them.

    Args:
        context: the context of the check.
        thing: the policy.
        document: its content.
        own: the Sid of the module's statement; None if the module adds none.
        remedy: builds the fix from the Sid of a statement.
    """
    for statement in policies.statements(document):
        sid = str(statement.get("Sid", ""))
        if sid != own:
            effect = "may not" if statement.get("Effect") == "Deny" else "may"
            context.report.warn(
                thing,
                f"has the statement {sid or 'without Sid'}, which is not of the modules: "
                f"{json.dumps(statement.get('Principal', 'everybody else'))} {effect} "
                f"{', '.join(policies.actions(statement)) or 'do everything else'}.",
                remedy(sid),
            )


def check_failure_destination(context: Context, role: str, queue: str, module: str) -> None:
    """Check that failed asynchronous invocations of a function are sent to a queue."""
    name = context.names.function(role)
    with context.report.checking(f"function {name}"):
        context.report.check(
            context.account.failure_destination(name) == context.queue_arn(queue),
            f"function {name}",
            f"does not have the on-failure destination {context.names.queue(queue)}: failed invocations are lost.",
            context.remedies.apply(module),
        )


def check_schedule(context: Context, side: str, role: str, dead_letters: str) -> bool:
    """Check that a function's schedule is enabled and can invoke the function; returns whether it exists."""
    group, name, target_arn = (
        context.names.schedule_group(side),
        context.names.function(role),
        context.function_arn(role),
    )
    remedy = context.remedies.apply(side)
    with context.report.checking(f"schedule {name}"):
        schedule = context.account.schedule(group, name)
        if schedule is None:
            return False
        context.report.check(
            schedule.get("State") == "ENABLED",
            f"schedule {name}",
            f"is {str(schedule.get('State')).lower()}: it does not run.",
            remedy,
        )
        target = schedule.get("Target", {})
        context.report.check(
            target.get("Arn") == target_arn,
            f"schedule {name}",
            f"invokes {target.get('Arn')}, expected {target_arn}.",
            remedy,
        )
        trust = {
            "aws:SourceArn": context.account.arn("scheduler", f"schedule-group/{group}"),
            "aws:SourceAccount": context.account.id,
        }
        needs = [Need("lambda:InvokeFunction", target_arn), Need("sqs:SendMessage", context.queue_arn(dead_letters))]
        roles.check(context, target.get("RoleArn", ""), SCHEDULER, trust, needs, side)
        return True
    return True
