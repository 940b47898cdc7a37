"""The grant to a function's role on AWS's own key for the environment variables."""

from __future__ import annotations

from typing import Any

from ministack.services import iam, lambda_svc

from ds_dashboard_local.engine.patching import gap, wrap
from ds_dashboard_local.gaps.awslambda.configuration import key_denied

_GRANTED = "ds_dashboard_local_granted_role"  # in the engine's record of a function


@gap
def function_grants() -> None:
    """Let only the role that a function was created with decrypt its environment under AWS's own key.

    AWS: grants the key to the unique id of the role when the function is created or gets another role. If the role is
    deleted and created again, its name and ARN are the same and its unique id is not: invocations fail with
    KMSAccessDeniedException until the function is replaced.

    Engine: knows no grant.
    """
    wrap(lambda_svc, "_create_function", _create_function)
    wrap(lambda_svc, "_update_config", _update_config)
    wrap(lambda_svc, "_execute_function_dispatch", _execute_with_grant)


def _create_function(original: Any, data: dict[str, Any]) -> Any:
    answer = original(data)
    if answer[0] < 300:
        _grant(str(data["FunctionName"]).rsplit(":", 1)[-1])
    return answer


def _update_config(original: Any, name: str, data: dict[str, Any]) -> Any:
    before = lambda_svc._functions.get(name, {}).get("config", {}).get("Role")
    answer = original(name, data)
    if answer[0] < 300 and data.get("Role") not in (None, before):
        _grant(name)
    return answer


def _grant(name: str) -> None:
    if (function := lambda_svc._functions.get(name)) is not None:
        function[_GRANTED] = _role_id(function["config"])


def _role_id(config: dict[str, Any]) -> str | None:
    role = iam._roles.get(str(config.get("Role", "")).rsplit("/", 1)[-1])
    return role["RoleId"] if role else None


def _execute_with_grant(
    original: Any, func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
) -> Any:
    encrypted = (config.get("Environment") or {}).get("Variables") and not config.get("KMSKeyArn")
    if encrypted and _GRANTED in func and func[_GRANTED] != _role_id(config):
        return key_denied(config, f"arn:aws:kms:{str(config.get('FunctionArn')).split(':')[3]}:aws:alias/aws/lambda")
    return original(func, config, event, request_id, started)
