"""Tables under a customer-managed key.

On AWS whoever reads or writes items of such a table needs kms:Decrypt on the key, by its own policies and by the key's:
DynamoDB decrypts the table's key in the caller's name.

The engine keeps the key's id and asks nothing.

Registers its checks with the `authorization` gap.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ds_dashboard_local import customer_keys
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps.authorization import Check, further_checks_of

_ITEM_CALLS = (
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
)


def close(engine: Any, state: Path) -> None:
    further_checks_of("dynamodb", _checks)


def _checks(request: Request, asked: list[Check]) -> list[Check]:
    if request.headers.get("x-amz-target", "").partition(".")[2] not in _ITEM_CALLS:
        return []
    tables = dict.fromkeys(check.resource.partition("/index/")[0] for check in asked)
    return [check for table in tables if (check := _check(table)) is not None]


def _check(table_arn: str) -> Check | None:
    from ministack.services import dynamodb

    name = table_arn.partition(":table/")[2]
    description = (dynamodb._tables.get(name) or {}).get("SSEDescription") or {}
    identifier = str(description.get("KMSMasterKeyArn", ""))
    if not identifier or identifier.endswith(":alias/aws/dynamodb"):
        return None
    key = customer_keys.resolve(identifier, table_arn)
    region, account = table_arn.split(":")[3:5]
    context = {
        "kms:viaservice": f"dynamodb.{region}.amazonaws.com",
        "kms:encryptioncontext:aws:dynamodb:tablename": name,
        "kms:encryptioncontext:aws:dynamodb:subscriberid": account,
    }
    return Check("kms:Decrypt", key, context, service="kms")
