"""IAM for Parameter Store calls that name several parameters, or a path.

AWS evaluates GetParameters on the ARN of each parameter that it names, and GetParametersByPath on the ARN of the path,
as if that were a parameter.

The engine knows the resource of calls with a single `Name`; these it takes for `*`, which no policy with a resource
allows.

Registers its checks with the `authorization` gap.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps.authorization import Check, checks_of


def close(engine: Any, state: Path) -> None:
    for operation in ("GetParameters", "GetParametersByPath", "DeleteParameters"):
        checks_of(f"ssm:{operation}", _checks_for(f"ssm:{operation}"))


def _checks_for(action: str) -> Any:
    def checks(request: Request, account: str, region: str) -> list[Check]:
        try:
            body = json.loads(request.body)
            names = body.get("Names") or [body["Path"]]
            return [Check(action, _arn(name, account, region)) for name in names]
        except (ValueError, KeyError, TypeError, AttributeError):
            return []

    return checks


def _arn(name: str, account: str, region: str) -> str:
    if name.startswith("arn:"):
        return name
    # A version or label behind the name is no part of the resource.
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.partition(':')[0].lstrip('/').rstrip('/')}"
