"""Gaps of Parameter Store: limits, and permissions of calls that name several parameters."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import ssm

from ds_dashboard_local.engine.authorization import Check, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap, wrap

_MAX_NAMES = _MAX_RESULTS = 10


@gap
def parameter_limits() -> None:
    """Limit a call to ten names, or ten results.

    AWS: accepts ten names in GetParameters, and returns ten results a page in GetParametersByPath.

    Engine: accepts and returns any number.
    """
    wrap(ssm, "_get_parameters", _get_parameters)
    wrap(ssm, "_get_parameters_by_path", _get_parameters_by_path)


def _get_parameters(original: Any, data: dict[str, Any]) -> Any:
    names = data.get("Names") or []
    return _limit_error(names, "names", "length") if len(names) > _MAX_NAMES else original(data)


def _get_parameters_by_path(original: Any, data: dict[str, Any]) -> Any:
    size = int(data.get("MaxResults") or _MAX_RESULTS)
    return _limit_error(size, "maxResults", "value") if size > _MAX_RESULTS else original(data)


@gap
def parameter_types() -> None:
    """Refuse to change the type of a parameter.

    AWS: answers PutParameter with HierarchyTypeMismatchException if it overwrites a parameter with another type.

    Engine: changes the type.
    """
    wrap(ssm, "_put_parameter", _put_parameter)


def _put_parameter(original: Any, data: dict[str, Any]) -> Any:
    existing, wanted = ssm._parameters.get(data.get("Name")), data.get("Type")
    if existing and data.get("Overwrite") and wanted and wanted != existing["Type"]:
        message = (
            f"Parameter Store doesn't support changing a parameter type in a hierarchy: {data['Name']} is a "
            f"{existing['Type']}, and a {wanted} was sent. You must create a new, unique parameter."
        )
        return error_response_json("HierarchyTypeMismatchException", message, 400)
    return original(data)


def _limit_error(value: Any, name: str, kind: str) -> Any:
    message = (
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
        f"Member must have {kind} less than or equal to {_MAX_NAMES}"
    )
    return error_response_json("ValidationException", message, 400)


@gap
def parameter_permissions() -> None:
    """Authorize each parameter that a call names, and a path.

    AWS: evaluates GetParameters and DeleteParameters on the ARN of each parameter, and GetParametersByPath on the ARN
    of the path, as if that were a parameter.

    Engine: evaluates these calls on `*`, which a policy that names its resources does not allow.
    """
    for operation in ("GetParameters", "GetParametersByPath", "DeleteParameters"):
        authorize_parts(f"ssm:{operation}", _checks_for(f"ssm:{operation}"))


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
    # A version or label after the name is not part of the resource.
    return f"arn:aws:ssm:{region}:{account}:parameter/{name.partition(':')[0].lstrip('/').rstrip('/')}"
