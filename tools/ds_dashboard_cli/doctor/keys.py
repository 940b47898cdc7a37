"""Customer-managed keys: who must be able to use them, as output `kms_key_policy_json` says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ds_dashboard_cli.doctor import policies

if TYPE_CHECKING:
    from ds_dashboard_cli.doctor.walk import Walk

_EVENTS = "events.amazonaws.com"
_USE = ("kms:Decrypt", "kms:GenerateDataKey")
_LOGS = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptTo")


def check_usable(walk: Walk, key: str | None, thing: str) -> None:
    """The key of something is there, enabled, and lets the account's own policies count."""
    if not key or "alias/aws/" in key:
        return
    with walk.report.looking_at(f"key {key}"):
        found = walk.account.key(key)
        if found is None:
            walk.report.broken(f"key {key}", f"of {thing} does not exist.", walk.cures.aws("kms", "list-keys"))
            return
        if found[0].get("KeyManager") == "AWS":
            return
        state = str(found[0].get("KeyState", "Enabled"))
        identifier = str(found[0]["KeyId"])
        cure = (
            f"{walk.cures.aws('kms', 'cancel-key-deletion', '--key-id', identifier)} && "
            + walk.cures.aws("kms", "enable-key", "--key-id", identifier)
            if state == "PendingDeletion"
            else walk.cures.aws("kms", "enable-key", "--key-id", identifier)
        )
        walk.report.check(state == "Enabled", f"key {identifier}", f"is {state}; {thing} is under it.", cure)
        root = walk.account.arn("iam", "root")
        _grant(walk, key, "Account", ("AWS", root), ("kms:Decrypt", "kms:GenerateDataKey"), {}, thing)


def check_bus(walk: Walk, key: str | None, side: str) -> None:
    """EventBridge may use the key of a bus: without that, events lie encrypted in its dead-letter queue."""
    bus = walk.bus_arn(side)
    check_usable(walk, key, f"event bus {walk.hub.name}-{side}")
    if key:
        sender = {"aws:SourceAccount": walk.account.id, "aws:SourceArn": bus}
        service = ("Service", _EVENTS)
        _grant(walk, key, "EventBridge", service, ("kms:DescribeKey",), sender, f"event bus {walk.hub.name}-{side}")
        context = {**sender, "kms:EncryptionContext:aws:events:event-bus:arn": bus}
        _grant(walk, key, "Bus", service, _USE, context, f"event bus {walk.hub.name}-{side}")


def check_queue(walk: Walk, key: str | None, rule_arn: str, thing: str) -> None:
    """EventBridge may use the key of the queue that a rule sends to."""
    if key and "alias/aws/" not in key:
        context = {"aws:SourceAccount": walk.account.id, "aws:SourceArn": rule_arn}
        _grant(walk, key, "Queue", ("Service", _EVENTS), _USE, context, thing)


def check_logs(walk: Walk, key: str | None, group: str, module: str) -> None:
    """CloudWatch may use the key of a log group."""
    if key:
        check_usable(walk, key, f"log group {group}")
        suffix = "amazonaws.com.cn" if walk.account.partition == "aws-cn" else "amazonaws.com"
        context = {"kms:EncryptionContext:aws:logs:arn": walk.account.arn("logs", f"log-group:{group}")}
        service = ("Service", f"logs.{walk.account.region}.{suffix}")
        _grant(walk, key, "Logs", service, _LOGS, context, f"log group {group}")


def _grant(
    walk: Walk,
    key: str,
    statement: str,
    principal: tuple[str, str],
    actions: Sequence[str],
    context: Mapping[str, str],
    thing: str,
) -> None:
    """The key's policy lets a principal do all of these actions.

    Args:
        statement: what the Sid of that statement in `kms_key_policy_json` ends with.
    """
    with walk.report.looking_at(f"policy of key {key}"):
        found = walk.account.key(key)
        if found is None:
            return
        metadata, policy = found
        lacking = [
            action
            for action in actions
            if not policies.allows([policy], action, str(metadata["Arn"]), principal=principal, context=context)
        ]
        side = "Spoke" if "-spoke" in thing or "-extract" in thing else "Hub"
        # As Terraform's title() makes it, which leaves capitals alone.
        name = "".join(word[:1].upper() + word[1:] for word in walk.hub.name.split("-"))
        sid = f"{name}{side}{statement}"
        walk.report.check(
            not lacking,
            f"policy of key {metadata['KeyId']}",
            f"does not let {principal[1]} {', '.join(lacking)} for {thing}: the grant {sid} of output "
            "kms_key_policy_json is missing.",
            walk.cures.aws(
                *("kms", "put-key-policy", "--key-id", str(metadata["KeyId"]), "--policy-name", "default"),
                *("--policy", "file://kms_key_policy.json"),
            ),
        )
