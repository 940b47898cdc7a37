"""Checks of single resources of the hub and the spoke: buses, queues, roles, functions and schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ds_dashboard_cli.doctor import keys, policies
from ds_dashboard_cli.doctor.context import Context

EVENTS, SCHEDULER, LAMBDA = "events.amazonaws.com", "scheduler.amazonaws.com", "lambda.amazonaws.com"
_MAX_EVENT_BYTES = 256 * 1024


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


def check_queue(context: Context, role: str, module: str, sender_arn: str | None, days: int = 14) -> None:
    """Check that a queue exists, keeps messages long enough, and accepts messages of its sender.

    Args:
        context: the context of the check.
        role: the queue's role.
        module: the module that creates the queue.
        sender_arn: the rule or bus that sends to the queue; None if only functions do.
        days: the retention period.
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
                ("MaximumMessageSize", _MAX_EVENT_BYTES),
                ("DelaySeconds", 0),
            )
        )
        report.check(
            retention >= days * 86_400 and size >= _MAX_EVENT_BYTES and delay == 0,
            f"queue {name}",
            f"keeps messages of up to {size} bytes for {retention} s, after a delay of {delay} s; expected "
            f"{_MAX_EVENT_BYTES} bytes, {days} days, and no delay.",
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
        keys.check_usable(context, queue.get("KmsMasterKeyId"), f"queue {name}")


def check_empty(context: Context, role: str) -> None:
    """Warn if a dead-letter queue or the rejected queue has messages."""
    name = context.names.queue(role)
    queue = context.account.queue(name)
    if queue is not None and int(queue.get("ApproximateNumberOfMessages", 0)):
        command = ["rejected"] if role == "rejected" else ["dead-letters", "--queue", role]
        context.report.warn(
            f"queue {name}",
            f"has {queue['ApproximateNumberOfMessages']} messages that were not delivered or not processed.",
            context.remedies.ds_dashboard(*command),
        )


def check_role(
    context: Context, arn: str, service: str, trust: Mapping[str, str], needs: Sequence[tuple[str, str]], module: str
) -> None:
    """Check that a role exists, that a service can assume it, and that it allows what it needs to.

    Args:
        context: the context of the check.
        arn: the role's ARN.
        service: the service that assumes the role.
        trust: the condition keys with which the service assumes the role.
        needs: pairs of action and resource.
        module: the module that creates the role.
    """
    with context.report.checking(f"role {arn}"):
        role = context.account.role(arn)
        thing, remedy = f"role {arn.rsplit('/', 1)[-1]}", context.remedies.apply(module)
        if role is None:
            context.report.broken(thing, "does not exist.", remedy)
            return
        context.report.check(
            role.trusts(service, trust),
            f"trust of {thing}",
            f"{service} may not assume it{f' for {next(iter(trust.values()))}' if trust else ''}.",
            remedy,
        )
        for action, resource in needs:
            blocked = role.boundary_blocks(action, resource)
            context.report.check(
                role.allows(action, resource),
                thing,
                f"does not allow {action} on {resource}"
                + (f": its permissions boundary {role.boundary_arn} blocks it." if blocked else "."),
                f"Allow it in {role.boundary_arn}." if blocked else remedy,
            )


def check_function(
    context: Context,
    role: str,
    needs: Sequence[tuple[str, str]],
    module: str,
    environment: Mapping[str, str],
    timeout: int | None = None,
) -> Mapping[str, Any] | None:
    """Check that a function exists, can run, and has its settings, its permissions and its log group.

    Args:
        context: the context of the check.
        role: the function's role.
        needs: pairs of action and resource.
        module: the module that creates the function.
        environment: the environment variables that the module sets.
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
        actual = {**function, **function.get("Environment", {}).get("Variables", {})}
        expected = {"Handler": f"ds_dashboard.handlers.{role}.handler", **environment}
        for key, value in {**expected, **({"Timeout": timeout} if timeout else {})}.items():
            report.check(actual.get(key) == value, thing, f"{key} is {actual.get(key)!r}, expected {value!r}.", remedy)
        report.check(
            context.account.concurrency(name) != 0,
            thing,
            "cannot run: its reserved concurrency is 0.",
            context.remedies.aws("lambda", "delete-function-concurrency", "--function-name", name),
        )
        key = str(function.get("KMSKeyArn") or "")
        keys.check_usable(context, key, thing)
        logs = context.account.arn("logs", f"log-group:{group}:log-stream:x")
        more = [("logs:CreateLogStream", logs), ("logs:PutLogEvents", logs)]
        more += [("kms:Decrypt", key)] if key else []
        check_role(context, function["Role"], LAMBDA, {}, [*needs, *more], module)
    with report.checking(f"log group {group}"):
        found = context.account.log_group(group)
        report.check(found is not None, f"log group {group}", "does not exist: logs are lost.", remedy)
        keys.check_logs(context, (found or {}).get("kmsKeyId"), group)
    return function


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
        needs = [("lambda:InvokeFunction", target_arn), ("sqs:SendMessage", context.queue_arn(dead_letters))]
        check_role(context, target.get("RoleArn", ""), SCHEDULER, trust, needs, side)
        return True
    return True
