"""Logs of functions, as CloudWatch has them."""

from __future__ import annotations

import json
from typing import Any


def log_lines(logs: Any, function: str, **wanted: Any) -> list[dict[str, Any]]:
    """The lines of a function's log that have these keys and values."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
    return [line for line in lines if all(line.get(key) == value for key, value in wanted.items())]
