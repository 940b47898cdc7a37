"""Putting engine, gaps and control door together, and taking them apart when the server ends."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ds_dashboard_local import gaps
from ds_dashboard_local.engine import middleware, organizations
from ds_dashboard_local.faults import deliveries
from ds_dashboard_local.faults.middleware import inject_faults
from ds_dashboard_local.server.control import control_middleware
from ds_dashboard_local.server.sdk_retries import replay_answers


def build(engine: Any, state: Path, port: int, organization_flags: list[str]) -> None:
    """Close the gaps and open the doors for control and for faults, before the first request."""
    for flag in organization_flags:
        identifier, accounts = organizations.parse_flag(flag)
        organizations.set_members(identifier, accounts)
    gaps.close_all(engine, state)
    deliveries.install(engine)
    # Control calls run into no faults, or nobody could lift them.
    middlewares = [
        control_middleware(state, port),
        replay_answers(),
        inject_faults(engine),
        middleware.remember_request,
    ]
    middleware.install(engine, middlewares)


def teardown(state: Path) -> None:
    """End the Lambda workers and remove what they left: no child process outlives the server."""
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    for leftover in ("tmp", "engine", "s3", "python"):
        shutil.rmtree(state / leftover, ignore_errors=True)
