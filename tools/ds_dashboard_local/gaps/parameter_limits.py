"""How many parameters one call may ask for.

AWS takes ten names in GetParameters, and ten results a page in GetParametersByPath.

The engine takes any number of either.

Replaces `ssm._get_parameters` and `ssm._get_parameters_by_path`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

LIMIT = 10


def close(engine: Any, state: Path) -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import ssm

    get, by_path = ssm._get_parameters, ssm._get_parameters_by_path

    def refuse(value: Any, name: str, kind: str) -> Any:
        message = (
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
            f"Member must have {kind} less than or equal to {LIMIT}"
        )
        return error_response_json("ValidationException", message, 400)

    def _get_parameters(data: dict[str, Any]) -> Any:
        names = data.get("Names") or []
        return refuse(names, "names", "length") if len(names) > LIMIT else get(data)

    def _get_parameters_by_path(data: dict[str, Any]) -> Any:
        size = int(data.get("MaxResults") or LIMIT)
        return refuse(size, "maxResults", "value") if size > LIMIT else by_path(data)

    ssm._get_parameters = _get_parameters
    ssm._get_parameters_by_path = _get_parameters_by_path
