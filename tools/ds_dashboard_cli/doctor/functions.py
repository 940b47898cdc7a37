"""Functions: that they are there, can run, and may do what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ds_dashboard_cli.doctor import keys, resources
from ds_dashboard_cli.doctor.context import Context

_LAMBDA = "lambda.amazonaws.com"


def check(
    context: Context,
    role: str,
    needs: Sequence[tuple[str, str]],
    module: str,
    environment: Mapping[str, str],
    seconds: int | None = None,
) -> Mapping[str, Any] | None:
    """A function is there and can run, for `seconds` where that is not for the user to say, with what it needs."""
    name, report, remedies = f"{context.hub.name}-{role}", context.report, context.remedies
    thing, group = f"function {name}", f"/aws/lambda/{name}"
    with report.looking_at(thing):
        function = context.account.function(name)
        if function is None:
            report.broken(thing, "does not exist.", remedies.apply(module))
            return None
        state = function.get("State", "Active")
        report.check(
            state in ("Active", "Pending", "Inactive"),
            thing,
            f"is {state}: {function.get('StateReason', '')}",
            remedies.apply(module),
        )
        expected = {"Handler": f"ds_dashboard.handlers.{role}.handler", **({"Timeout": seconds} if seconds else {})}
        for key, value in expected.items():
            report.check(
                function.get(key) == value,
                thing,
                f"has {key} {function.get(key)}, expected {value}.",
                remedies.apply(module),
            )
        variables = function.get("Environment", {}).get("Variables", {})
        for key, value in environment.items():
            report.check(
                variables.get(key) == value,
                thing,
                f"has {key} = {variables.get(key)!r}, expected {value!r}.",
                remedies.apply(module),
            )
        report.check(
            context.account.concurrency(name) != 0,
            thing,
            "may not run: its reserved concurrency is 0.",
            remedies.aws("lambda", "delete-function-concurrency", "--function-name", name),
        )
        logs = context.account.arn("logs", f"log-group:{group}")
        own_key = str(function.get("KMSKeyArn") or "")
        keys.check_usable(context, own_key, thing)
        more = [("logs:CreateLogStream", f"{logs}:log-stream:x"), ("logs:PutLogEvents", f"{logs}:log-stream:x")]
        more += [("kms:Decrypt", own_key)] if own_key else []
        resources.check_role(context, function["Role"], _LAMBDA, {}, [*needs, *more], module)
    with report.looking_at(f"log group {group}"):
        kept = context.account.log_group(group)
        report.check(kept is not None, f"log group {group}", "does not exist: logs are lost.", remedies.apply(module))
        keys.check_logs(context, (kept or {}).get("kmsKeyId"), group, module)
    return function


def check_failure_destination(context: Context, role: str, queue: str, module: str) -> None:
    """What fails asynchronously is kept."""
    name = f"{context.hub.name}-{role}"
    with context.report.looking_at(f"function {name}"):
        context.report.check(
            context.account.failure_destination(name) == context.queue_arn(queue),
            f"function {name}",
            f"has no on-failure destination {context.hub.name}-{queue}: invocations that fail are lost.",
            context.remedies.apply(module),
        )
