"""Gaps of KMS: what a policy sees of a call."""

from __future__ import annotations

import json

from ministack.core.iam_actions import extract_resource_arn

from ds_dashboard_local.engine.authorization import Check, Parts, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap

# The actions whose operations have one encryption context. ReEncrypt has two.
_ACTIONS = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")


@gap
def encryption_context() -> None:
    """Let policies see the encryption context of a call.

    AWS: each pair of the encryption context is a condition key, such as
    `kms:EncryptionContext:aws:events:event-bus:arn`.

    Engine: evaluates a policy without them, so that a condition on one of them never holds.
    """
    for action in _ACTIONS:
        authorize_parts(action, _checks(action))


def _checks(action: str) -> Parts:
    def checks(request: Request, account: str, region: str) -> list[Check]:
        try:
            given = json.loads(request.body)["EncryptionContext"]
            context = {f"kms:encryptioncontext:{name.lower()}": str(value) for name, value in given.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return []
        key = extract_resource_arn(
            "kms", request.method, request.path, request.headers, request.body, dict(request.query), region, account
        )
        return [Check(action, key, context)]

    return checks
