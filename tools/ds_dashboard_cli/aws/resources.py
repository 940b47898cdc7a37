"""Actions and resources as IAM names them, from the call that was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ds_dashboard.client.installation import Call

_PREFIXES = {"monitoring": "cloudwatch"}
# Where IAM's word is another than the operation's.
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "dynamodb:ExecuteStatement": "dynamodb:PartiQLSelect",
}
_KINDS = {
    "TableName": "table",
    "FunctionName": "function",
    "QueueUrl": "queue",
    "QueueName": "queue",
    "Path": "parameters below",
    "Name": "",
    "RoleName": "role",
    "EventBusName": "event bus",
    "ReplayName": "replay",
    "ArchiveName": "archive",
    "Rule": "rule",
}


def described(call: Call | None) -> tuple[str, str]:
    """The IAM action of a call, and the resource that it was on."""
    if call is None:
        return "an action", "AWS"
    action = f"{_PREFIXES.get(call.service, call.service)}:{call.operation}"
    return _ACTIONS.get(action, action), _resource(call.params) or f"{call.service} (any resource)"


def _resource(params: Mapping[str, Any]) -> str | None:
    for key, kind in _KINDS.items():
        if isinstance(params.get(key), str):
            return f"{kind} {params[key].rsplit('/', 1)[-1] if key == 'QueueUrl' else params[key]}".strip()
    if isinstance(params.get("RequestItems"), Mapping):
        return f"table {', '.join(params['RequestItems'])}"
    return None
