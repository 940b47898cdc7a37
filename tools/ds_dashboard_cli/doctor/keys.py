"""Checks of customer managed keys: the grants that the output `kms_key_policy_json` of the modules contains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ds_dashboard_cli.doctor import policies
from ds_dashboard_cli.doctor.context import Context

_EVENTS = ("Service", "events.amazonaws.com")
_USE = ("kms:Decrypt", "kms:GenerateDataKey")
_LOGS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo")


def check_usable(context: Context, key: str | None, thing: str) -> None:
    """Check that a resource's key exists, is enabled, and can be used through the policies of the account."""
    if not key or "alias/aws/" in key:
        return
    aws = context.remedies.aws
    with context.report.checking(f"key {key}"):
        found = context.account.key(key)
        if found is None:
            context.report.broken(f"key {key}", f"of {thing} does not exist.", aws("kms", "list-keys"))
            return
        metadata = found[0]
        if metadata.get("KeyManager") == "AWS":
            return
        state, identifier = str(metadata.get("KeyState", "Enabled")), str(metadata["KeyId"])
        remedy = aws("kms", "enable-key", "--key-id", identifier)
        if state == "PendingDeletion":
            remedy = f"{aws('kms', 'cancel-key-deletion', '--key-id', identifier)} && {remedy}"
        context.report.check(state == "Enabled", f"key {identifier}", f"is {state}; {thing} uses it.", remedy)
        root = context.account.arn("iam", "root")
        _check_grant(context, key, "Account", ("AWS", root), _USE, {}, thing)


def check_bus(context: Context, key: str | None, side: str) -> None:
    """Check that EventBridge can use the key of a bus; otherwise events become encrypted dead letters."""
    arn, thing = context.bus_arn(side), f"event bus {context.names.bus(side)}"
    check_usable(context, key, thing)
    if key:
        sender = {"aws:SourceAccount": context.account.id, "aws:SourceArn": arn}
        _check_grant(context, key, "EventBridge", _EVENTS, ("kms:DescribeKey",), sender, thing)
        encryption = {"kms:EncryptionContext:aws:events:event-bus:arn": arn}
        _check_grant(context, key, "Bus", _EVENTS, _USE, {**sender, **encryption}, thing)


def check_queue(context: Context, key: str | None, rule_arn: str, queue_arn: str, thing: str) -> None:
    """Check that EventBridge can use the key of the queue that a rule sends to."""
    if key and "alias/aws/" not in key:
        sender = {"aws:SourceAccount": context.account.id, "aws:SourceArn": rule_arn}
        encryption = {"kms:EncryptionContext:aws:sqs:arn": queue_arn}
        _check_grant(context, key, "Queue", _EVENTS, _USE, {**sender, **encryption}, thing)


def check_logs(context: Context, key: str | None, group: str) -> None:
    """Check that CloudWatch Logs can use the key of a log group."""
    if key:
        check_usable(context, key, f"log group {group}")
        suffix = "amazonaws.com.cn" if context.account.partition == "aws-cn" else "amazonaws.com"
        logs = ("Service", f"logs.{context.account.region}.{suffix}")
        encryption = {"kms:EncryptionContext:aws:logs:arn": context.account.arn("logs", f"log-group:{group}")}
        _check_grant(context, key, "Logs", logs, _LOGS, encryption, f"log group {group}")


def _check_grant(
    context: Context,
    key: str,
    statement: str,
    principal: tuple[str, str],
    actions: Sequence[str],
    request_context: Mapping[str, str],
    thing: str,
) -> None:
    """Check that a key's policy allows a principal all of these actions.

    Args:
        context: the context of the check.
        key: the key's ARN.
        statement: the end of the statement's Sid in `kms_key_policy_json`.
        principal: the principal, in the form of `policies.allows`.
        actions: the actions.
        request_context: the condition keys that the principal sends.
        thing: the resource that uses the key.
    """
    with context.report.checking(f"policy of key {key}"):
        found = context.account.key(key)
        if found is None:
            return
        metadata, policy = found
        missing = [
            action
            for action in actions
            if not policies.allows(
                [policy], action, str(metadata["Arn"]), principal=principal, request_context=request_context
            )
        ]
        side = "Spoke" if "-spoke" in thing or "-extract" in thing else "Hub"
        context.report.check(
            not missing,
            f"policy of key {metadata['KeyId']}",
            f"does not allow {principal[1]} {', '.join(missing)} for {thing}: add the grant "
            f"{context.names.key_sid}{side}{statement} of the output kms_key_policy_json.",
            context.remedies.aws(
                *("kms", "put-key-policy", "--key-id", str(metadata["KeyId"]), "--policy-name", "default"),
                *("--policy", "file://kms_key_policy.json"),
            ),
        )
