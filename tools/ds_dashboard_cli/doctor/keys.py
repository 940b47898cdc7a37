"""Customer-managed keys: who must be able to use them, as output `kms_key_policy_json` says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ds_dashboard_cli.doctor import policies

if TYPE_CHECKING:
    from ds_dashboard_cli.doctor.context import Context

_EVENTS = "events.amazonaws.com"
_USE = ("kms:Decrypt", "kms:GenerateDataKey")
_LOGS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo")


def check_usable(context: Context, key: str | None, thing: str) -> None:
    """The key of something is there, enabled, and lets the account's own policies count."""
    if not key or "alias/aws/" in key:
        return
    with context.report.looking_at(f"key {key}"):
        found = context.account.key(key)
        if found is None:
            context.report.broken(f"key {key}", f"of {thing} does not exist.", context.remedies.aws("kms", "list-keys"))
            return
        if found[0].get("KeyManager") == "AWS":
            return
        state = str(found[0].get("KeyState", "Enabled"))
        identifier = str(found[0]["KeyId"])
        cure = (
            f"{context.remedies.aws('kms', 'cancel-key-deletion', '--key-id', identifier)} && "
            + context.remedies.aws("kms", "enable-key", "--key-id", identifier)
            if state == "PendingDeletion"
            else context.remedies.aws("kms", "enable-key", "--key-id", identifier)
        )
        context.report.check(state == "Enabled", f"key {identifier}", f"is {state}; {thing} is under it.", cure)
        root = context.account.arn("iam", "root")
        _grant(context, key, "Account", ("AWS", root), ("kms:Decrypt", "kms:GenerateDataKey"), {}, thing)


def check_bus(context: Context, key: str | None, side: str) -> None:
    """EventBridge may use the key of a bus: without that, events lie encrypted in its dead-letter queue."""
    bus = context.bus_arn(side)
    check_usable(context, key, f"event bus {context.hub.name}-{side}")
    if key:
        sender = {"aws:SourceAccount": context.account.id, "aws:SourceArn": bus}
        service = ("Service", _EVENTS)
        _grant(
            context, key, "EventBridge", service, ("kms:DescribeKey",), sender, f"event bus {context.hub.name}-{side}"
        )
        request_context = {**sender, "kms:EncryptionContext:aws:events:event-bus:arn": bus}
        _grant(context, key, "Bus", service, _USE, request_context, f"event bus {context.hub.name}-{side}")


def check_queue(context: Context, key: str | None, rule_arn: str, thing: str) -> None:
    """EventBridge may use the key of the queue that a rule sends to."""
    if key and "alias/aws/" not in key:
        request_context = {"aws:SourceAccount": context.account.id, "aws:SourceArn": rule_arn}
        _grant(context, key, "Queue", ("Service", _EVENTS), _USE, request_context, thing)


def check_logs(context: Context, key: str | None, group: str, module: str) -> None:
    """CloudWatch may use the key of a log group."""
    if key:
        check_usable(context, key, f"log group {group}")
        suffix = "amazonaws.com.cn" if context.account.partition == "aws-cn" else "amazonaws.com"
        request_context = {"kms:EncryptionContext:aws:logs:arn": context.account.arn("logs", f"log-group:{group}")}
        service = ("Service", f"logs.{context.account.region}.{suffix}")
        _grant(context, key, "Logs", service, _LOGS, request_context, f"log group {group}")


def _grant(
    context: Context,
    key: str,
    statement: str,
    principal: tuple[str, str],
    actions: Sequence[str],
    request_context: Mapping[str, str],
    thing: str,
) -> None:
    """The key's policy lets a principal do all of these actions.

    Args:
        statement: what the Sid of that statement in `kms_key_policy_json` ends with.
    """
    with context.report.looking_at(f"policy of key {key}"):
        found = context.account.key(key)
        if found is None:
            return
        metadata, policy = found
        lacking = [
            action
            for action in actions
            if not policies.allows(
                [policy], action, str(metadata["Arn"]), principal=principal, request_context=request_context
            )
        ]
        side = "Spoke" if "-spoke" in thing or "-extract" in thing else "Hub"
        # As Terraform's title() makes it, which leaves capitals alone.
        name = "".join(word[:1].upper() + word[1:] for word in context.hub.name.split("-"))
        sid = f"{name}{side}{statement}"
        context.report.check(
            not lacking,
            f"policy of key {metadata['KeyId']}",
            f"does not let {principal[1]} {', '.join(lacking)} for {thing}: the grant {sid} of output "
            "kms_key_policy_json is missing.",
            context.remedies.aws(
                *("kms", "put-key-policy", "--key-id", str(metadata["KeyId"]), "--policy-name", "default"),
                *("--policy", "file://kms_key_policy.json"),
            ),
        )
