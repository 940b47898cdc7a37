"""What a function can import.

On AWS a Python function finds the standard library, boto3 and what boto3 needs, its layers, and what is in its package;
nothing else. So a dependency that was not packaged is an ImportError.

In the engine a worker has the import path of the server's own virtual environment, which hides that mistake.

Replaces `lambda_runtime.execution_credentials` (to tell the worker where the runtime's packages are, and to set the
variables of AWS's runtime that the engine leaves out); `lambda_worker/prologue.py` does the rest.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


def close(engine: Any, state: Path) -> None:
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    folder = state / "python"
    folder.mkdir(exist_ok=True)
    for name in PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        place = origin.parent if origin.name == "__init__.py" else origin
        (folder / place.name).symlink_to(place)
    credentials = lambda_runtime.execution_credentials

    def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
        logging = config.get("LoggingConfig") or {}
        runtime = str(config.get("Runtime", ""))
        variables = {
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": logging.get("LogFormat", "Text"),
            "AWS_LAMBDA_LOG_LEVEL": logging.get("ApplicationLogLevel", "INFO"),
            "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{config.get('FunctionName')}",
            "_HANDLER": str(config.get("Handler", "")),
            "_DS_DASHBOARD_LOCAL_PYTHON": str(folder),
        }
        return {**credentials(config), **variables}

    lambda_runtime.execution_credentials = execution_credentials
    lambda_svc.execution_credentials = execution_credentials
