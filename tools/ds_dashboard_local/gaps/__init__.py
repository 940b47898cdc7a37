"""What neither the engine (ministack) nor moto does, one gap a file.

Each module says what AWS does, what the engine of this version does, and which of its functions it replaces, so
that it can be offered upstream; its `close` does the replacing. `close_all` runs them once, before the first request.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

# Order matters where one wraps what another replaced: authorization before what registers checks with it.
_NAMES = (
    "authorization",
    "organization_membership",
    "event_bus_policy",
    "event_bus_deletion",
    "rule_quota",
    "put_events",
    "put_targets",
    "target_delivery",
    "replays",
    "encrypted_buses",
    "schedules",
    "schedule_client_tokens",
    "queue_batches",
    "encrypted_queues",
    "alarms_query_protocol",
    "alarm_evaluation",
    "lambda_worker_script",
    "lambda_imports",
    "lambda_errors",
    "lambda_logs",
    "lambda_environment_limit",
    "lambda_roles",
    "lambda_async",
    "function_updates",
    "encrypted_functions",
    "function_metrics",
    "queue_metrics",
    "queue_polling",
    "embedded_metrics",
    "partiql_permissions",
    "encrypted_tables",
    "encrypted_logs",
    "dynamodb_texts",
    "parameter_limits",
    "parameter_permissions",
    "asked_resources",
    "moto_services",
)


def close_all(engine: Any, state: Path) -> None:
    """Replace the engine's functions named in each module's docstring."""
    for name in _NAMES:
        import_module(f"{__name__}.{name}").close(engine, state)
