"""Functions whose environment variables are under a customer-managed key.

On AWS a function whose role may not decrypt its environment variables does not start: an invocation that waits for the
answer gets KMSAccessDeniedException, an asynchronous one is retried and goes to its destination, and what came from a
queue stays there.

The engine keeps the key's id and asks nothing.

Wraps `lambda_svc._execute_function_dispatch`, before the `function_metrics` gap does, so that it counts an error, and
`lambda_svc._invoke`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ds_dashboard_local import customer_keys

_ERROR = "KMSAccessDeniedException"


def close(engine: Any, state: Path) -> None:
    from ministack.services import lambda_svc

    execute, invoke = lambda_svc._execute_function_dispatch, lambda_svc._invoke

    def _execute_function_dispatch(
        func: dict[str, Any], config: dict[str, Any], event: Any, request_id: str, started: float
    ) -> Any:
        return _refusal(config) or execute(func, config, event, request_id, started)

    async def _invoke(*arguments: Any, **named: Any) -> Any:
        status, headers, body = await invoke(*arguments, **named)
        if (headers or {}).get("X-Amz-Function-Error") == _ERROR:
            told = {"Type": "User", "Message": json.loads(body)["errorMessage"]}
            return 502, {"Content-Type": "application/json", "x-amzn-errortype": _ERROR}, json.dumps(told).encode()
        return status, headers, body

    lambda_svc._execute_function_dispatch = _execute_function_dispatch
    lambda_svc._invoke = _invoke


def _refusal(config: dict[str, Any]) -> dict[str, Any] | None:
    identifier, arn = config.get("KMSKeyArn"), str(config.get("FunctionArn", ""))
    if not identifier or not (config.get("Environment") or {}).get("Variables"):
        return None
    key = customer_keys.resolve(identifier, arn)
    context = {
        "kms:viaservice": f"lambda.{arn.split(':')[3]}.amazonaws.com",
        "kms:encryptioncontext:aws:lambda:functionarn": arn,
    }
    if customer_keys.role_may(config, "kms:Decrypt", key, context):
        return None
    message = (
        "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the "
        f"function's KMS key settings. KMS Exception: AccessDeniedException KMS Message: {config.get('Role')} is not "
        f"authorized to perform: kms:Decrypt on resource: {key}"
    )
    return {"body": {"errorMessage": message, "errorType": _ERROR}, "error": True, "function_error": _ERROR}
