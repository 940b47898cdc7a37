"""The links that both sides have: buses, queues, roles, schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ds_dashboard_cli.doctor import keys, policies
from ds_dashboard_cli.doctor.context import Context

_EVENT_BYTES = 256 * 1024
EVENTS, SCHEDULER = "events.amazonaws.com", "scheduler.amazonaws.com"


def check_queue(context: Context, role: str, module: str, sender_arn: str | None, days: int = 14) -> None:
    """A queue is there, keeps messages so long, and takes what `sender_arn` (a rule or a bus) sends, if that does."""
    name, report = f"{context.hub.name}-{role}", context.report
    with report.looking_at(f"queue {name}"):
        queue = context.account.queue(name)
        if queue is None:
            report.broken(f"queue {name}", "does not exist.", context.remedies.apply(module))
            return
        kept, largest, delay = (
            int(queue.get(key, at_least))
            for key, at_least in (
                ("MessageRetentionPeriod", days * 86_400),
                ("MaximumMessageSize", _EVENT_BYTES),
                ("DelaySeconds", 0),
            )
        )
        report.check(
            kept >= days * 86_400 and largest >= _EVENT_BYTES and delay == 0,
            f"queue {name}",
            f"keeps messages of up to {largest} bytes for {kept} s, after {delay} s; expected {_EVENT_BYTES} bytes, "
            f"{days} days and no delay.",
            context.remedies.apply(module),
        )
        if sender_arn is not None:
            report.check(
                policies.allows(
                    [policies.parsed(queue.get("Policy"))],
                    "sqs:SendMessage",
                    queue["QueueArn"],
                    principal=("Service", EVENTS),
                    request_context={"aws:SourceArn": sender_arn, "aws:SourceAccount": context.account.id},
                ),
                f"policy of queue {name}",
                f"does not let {EVENTS} send for {sender_arn}: what should come is lost, or a dead letter elsewhere.",
                context.remedies.apply(module),
            )
        keys.check_usable(context, queue.get("KmsMasterKeyId"), f"queue {name}")


def check_letters(context: Context, role: str) -> None:
    """Nothing lies in a dead-letter queue."""
    name = f"{context.hub.name}-{role}"
    queue = context.account.queue(name)
    if queue is not None and int(queue.get("ApproximateNumberOfMessages", 0)):
        command = ["rejected"] if role == "rejected" else ["dead-letters", "--queue", role]
        context.report.warn(
            f"queue {name}",
            f"has {queue['ApproximateNumberOfMessages']} messages that did not arrive.",
            context.remedies.ours(*command),
        )


def check_role(
    context: Context, arn: str, service: str, trust: Mapping[str, str], needs: Sequence[tuple[str, str]], module: str
) -> None:
    """A role is there, the service may take it on, and it may do what is needed: pairs of action and resource."""
    with context.report.looking_at(f"role {arn}"):
        role = context.account.role(arn)
        thing = f"role {arn.rsplit('/', 1)[-1]}"
        if role is None:
            context.report.broken(thing, "does not exist.", context.remedies.apply(module))
            return
        context.report.check(
            role.trusts(service, trust),
            f"trust of {thing}",
            f"{service} may not assume it{f' for {next(iter(trust.values()))}' if trust else ''}.",
            context.remedies.apply(module),
        )
        for action, resource in needs:
            stopped = role.stopped(action, resource)
            context.report.check(
                role.may(action, resource),
                thing,
                f"may not {action} on {resource}"
                + (f": its permissions boundary {role.boundary_arn} stops it." if stopped else "."),
                f"Allow it in {role.boundary_arn}." if stopped else context.remedies.apply(module),
            )


def check_bus(context: Context, side: str, letters: str) -> bool:
    """The bus is there, keeps what it cannot decrypt, and may use its key; returns whether it is there."""
    name = f"{context.hub.name}-{side}"
    with context.report.looking_at(f"event bus {name}"):
        bus = context.account.bus(name)
        if not context.report.check(
            bus is not None, f"event bus {name}", "does not exist.", context.remedies.apply(side)
        ):
            return False
        assert bus is not None
        context.report.check(
            bus.get("DeadLetterConfig", {}).get("Arn") == context.queue_arn(letters),
            f"event bus {name}",
            f"has no dead-letter queue {context.hub.name}-{letters}.",
            context.remedies.apply(side),
        )
        keys.check_bus(context, bus.get("KmsKeyIdentifier"), side)
        return True
    return False


def check_schedule(context: Context, group: str, name: str, target: str, letters: str, module: str) -> bool:
    """A schedule is there and fires, with a role that may invoke; returns whether it is there."""
    with context.report.looking_at(f"schedule {name}"):
        schedule = context.account.schedule(group, name)
        if schedule is None:
            return False
        context.report.check(
            schedule.get("State") == "ENABLED",
            f"schedule {name}",
            f"is {str(schedule.get('State')).lower()}: it does not fire.",
            context.remedies.apply(module),
        )
        given = schedule.get("Target", {})
        context.report.check(
            given.get("Arn") == target,
            f"schedule {name}",
            f"invokes {given.get('Arn')}, expected {target}.",
            context.remedies.apply(module),
        )
        trust = {
            "aws:SourceArn": context.account.arn("scheduler", f"schedule-group/{group}"),
            "aws:SourceAccount": context.account.id,
        }
        needs = [("lambda:InvokeFunction", target), ("sqs:SendMessage", context.queue_arn(letters))]
        check_role(context, given.get("RoleArn", ""), SCHEDULER, trust, needs, module)
        return True
    return True
