"""The size of a function's environment.

AWS takes 4 KB of environment variables, names and values together, and refuses more.

The engine takes any size.

Replaces `lambda_svc._create_function` and `lambda_svc._update_config`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LIMIT = 4096


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    create, update = lambda_svc._create_function, lambda_svc._update_config

    def _create_function(data: dict[str, Any]) -> Any:
        return _refusal(data) or create(data)

    def _update_config(name: str, data: dict[str, Any]) -> Any:
        return _refusal(data) or update(name, data)

    lambda_svc._create_function = _create_function
    lambda_svc._update_config = _update_config


def _refusal(data: dict[str, Any]) -> Any:
    from ministack.core.responses import error_response_json

    variables = (data.get("Environment") or {}).get("Variables") or {}
    if sum(len(name.encode()) + len(str(value).encode()) for name, value in variables.items()) <= LIMIT:
        return None
    message = (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"exceeded the 4KB limit. String measured: {json.dumps(variables, separators=(',', ':'))}"
    )
    return error_response_json("InvalidParameterValueException", message, 400)
