"""Policies that IAM rejects, and keys of their conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.settings import PARTITION


@gap
def policy_partitions() -> None:
    """Refuse policies with ARNs of another partition.

    AWS: rejects a policy whose resources, or a trust policy whose principals, have the ARN of another partition, as a
    whole, with MalformedPolicyDocument. (The local cloud is the partition `aws`, in every region.)

    Engine: stores it.
    """
    wrap(iam_evaluator, "validate_policy_document", _validate_policy_document)
    wrap(iam, "_trust_policy_not_principal_error", _trust_policy_error)


@gap
def secure_transport() -> None:
    """Let the connection of a call count as encrypted.

    AWS: `aws:SecureTransport` is true for a call over TLS, which is what SDKs use. Policies of buckets usually refuse
    all others.

    Engine: it is false, because the engine listens on the loopback address without TLS.
    """
    wrap(iam_evaluator, "_resolve_condition_key", _resolve_condition_key)


def _resolve_condition_key(original: Any, key: str, ctx: Any) -> Any:
    return "true" if key.lower() == "aws:securetransport" else original(key, ctx)


def _validate_policy_document(original: Any, doc: str | dict[str, Any]) -> str | None:
    if error := original(doc):
        return str(error)
    for statement in _statements(doc):
        for arn in _texts(statement.get("Resource"), statement.get("NotResource")):
            if _is_foreign(arn):
                return f'Partition "{arn.split(":")[1]}" is not valid for resource "{arn}".'
    return None


def _trust_policy_error(original: Any, doc: Any) -> str | None:
    if error := original(doc):
        return str(error)
    for statement in _statements(doc):
        principal = statement.get("Principal")
        for kind, named in principal.items() if isinstance(principal, dict) else ():
            for arn in _texts(named):
                if _is_foreign(arn):
                    return f'Invalid principal in policy: "{kind}":"{arn}"'
    return None


def _statements(document: Any) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(document) if isinstance(document, str) else document
        found = parsed["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    statements = found if isinstance(found, list) else [found]
    return [statement for statement in statements if isinstance(statement, dict)]


def _texts(*values: Any) -> Iterator[str]:
    for value in values:
        yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, str))


def _is_foreign(arn: str) -> bool:
    parts = arn.split(":")
    return len(parts) > 1 and parts[0] == "arn" and parts[1] not in (PARTITION, "*")
