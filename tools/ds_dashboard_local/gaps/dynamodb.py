"""Gaps of DynamoDB: permissions of PartiQL, customer managed keys, and the parsing of statements."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from ministack.services import _dynamodb_keywords, dynamodb

from ds_dashboard_local.engine.authorization import Check, authorize_further, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.engine.permissions import resolve_key

_STATEMENT = re.compile(
    r"""^\s*(?P<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM|SELECT\b.*?\bFROM|EXISTS\s*\(\s*SELECT\b.*?\bFROM)\s+
        (?:"(?P<quoted>[^"]+)"|(?P<plain>[A-Za-z0-9_.-]+?))
        (?:\."(?P<index>[^"]+)")?(?=\s|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ACTIONS = {"INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "SELECT": "Select", "EXISTS": "Select"}
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
_CACHE_SIZE = 1024


@gap
def partiql_permissions() -> None:
    """Authorize each PartiQL statement by its verb and its table.

    AWS: ExecuteStatement, BatchExecuteStatement and ExecuteTransaction are not actions of IAM. Each statement needs
    `dynamodb:PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete` or `PartiQLSelect` on its table, or on its index.

    Engine: authorizes `dynamodb:BatchExecuteStatement` and the like on `*`.
    """
    for operation in ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"):
        authorize_parts(f"dynamodb:{operation}", _statement_checks)


def _statement_checks(request: Request, account: str, region: str) -> list[Check]:
    try:
        body = json.loads(request.body)
        parts = body.get("Statements") or body.get("TransactStatements") or [body]
        return [check for part in parts if (check := _statement_check(part["Statement"], account, region))]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _statement_check(statement: str, account: str, region: str) -> Check | None:
    match = _STATEMENT.match(statement)
    if match is None:
        return None
    action = _ACTIONS[re.split(r"[\s(]", match["verb"].upper(), maxsplit=1)[0]]
    table = match["quoted"] or match["plain"]
    arn = table if table.startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    return Check(f"dynamodb:PartiQL{action}", f"{arn}/index/{match['index']}" if match["index"] else arn)


@gap
def encrypted_tables() -> None:
    """Require the customer managed key of a table for its items.

    AWS: whoever reads or writes items needs kms:Decrypt on the key, by its own policies and by the key's, as DynamoDB
    decrypts the table's key in the caller's name.

    Engine: stores the key's id and evaluates nothing.
    """
    authorize_further("dynamodb", _key_checks)


def _key_checks(request: Request, checks: list[Check]) -> list[Check]:
    if request.headers.get("x-amz-target", "").partition(".")[2] not in _ITEM_CALLS:
        return []
    tables = dict.fromkeys(check.resource.partition("/index/")[0] for check in checks)
    return [check for table in tables if (check := _key_check(table)) is not None]


def _key_check(table_arn: str) -> Check | None:
    name = table_arn.partition(":table/")[2]
    description = (dynamodb._tables.get(name) or {}).get("SSEDescription") or {}
    identifier = str(description.get("KMSMasterKeyArn", ""))
    if not identifier or identifier.endswith(":alias/aws/dynamodb"):
        return None
    key = resolve_key(identifier, table_arn)
    region, account = table_arn.split(":")[3:5]
    context = {
        "kms:viaservice": f"dynamodb.{region}.amazonaws.com",
        "kms:encryptioncontext:aws:dynamodb:tablename": name,
        "kms:encryptioncontext:aws:dynamodb:subscriberid": account,
    }
    return Check("kms:Decrypt", key, context, service="kms")


@gap
def dynamodb_texts() -> None:
    """Parse each text of a statement or condition once.

    AWS: the time of a statement does not depend on how often the same text was sent.

    Engine: parses each statement anew, twice in a batch, and a condition once for each item that a query reads: a third
    of its work while a hub archives.
    """
    for module, name in (
        (_dynamodb_keywords, "_tokenize"),
        (dynamodb, "_tokenize"),
        (dynamodb, "_condition_syntax_error"),
    ):
        wrap(module, name, functools.lru_cache(_CACHE_SIZE)(_call))


def _call(original: Any, *arguments: Any, **named: Any) -> Any:
    return original(*arguments, **named)
