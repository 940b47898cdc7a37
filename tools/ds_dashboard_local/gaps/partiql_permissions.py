"""IAM for PartiQL.

On AWS ExecuteStatement, BatchExecuteStatement and ExecuteTransaction are no actions of IAM: each statement needs
`dynamodb:PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete` or `PartiQLSelect` on its table, a select on an index the
index's ARN.

The engine asks for `dynamodb:BatchExecuteStatement` and the like on `*`.

Registers its checks with the `authorization` gap.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps.authorization import Check, checks_of

_STATEMENT = re.compile(
    r"""^\s*(?P<verb>INSERT\s+INTO|UPDATE|DELETE\s+FROM|SELECT\b.*?\bFROM|EXISTS\s*\(\s*SELECT\b.*?\bFROM)\s+
        (?:"(?P<quoted>[^"]+)"|(?P<plain>[A-Za-z0-9_.-]+?))
        (?:\."(?P<index>[^"]+)")?(?=\s|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ACTIONS = {"INSERT": "Insert", "UPDATE": "Update", "DELETE": "Delete", "SELECT": "Select", "EXISTS": "Select"}


def close(engine: Any, state: Path) -> None:
    for operation in ("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"):
        checks_of(f"dynamodb:{operation}", _checks)


def _checks(request: Request, account: str, region: str) -> list[Check]:
    try:
        body = json.loads(request.body)
        parts = body.get("Statements") or body.get("TransactStatements") or [body]
        return [check for part in parts if (check := _check(part["Statement"], account, region))]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _check(statement: str, account: str, region: str) -> Check | None:
    match = _STATEMENT.match(statement)
    if match is None:
        return None
    action = _ACTIONS[re.split(r"[\s(]", match["verb"].upper(), maxsplit=1)[0]]
    table = match["quoted"] or match["plain"]
    arn = table if table.startswith("arn:") else f"arn:aws:dynamodb:{region}:{account}:table/{table}"
    return Check(f"dynamodb:PartiQL{action}", f"{arn}/index/{match['index']}" if match["index"] else arn)
