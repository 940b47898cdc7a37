"""The number of rules on a bus.

AWS allows 300, unless the quota is raised, and refuses the next one.

The engine takes any number.

Replaces `eventbridge._put_rule`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

RULES_A_BUS = 300


def close(engine: Any, state: Path) -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import eventbridge

    put_rule = eventbridge._put_rule

    def _put_rule(data: dict[str, Any]) -> Any:
        bus = data.get("EventBusName") or "default"
        key = eventbridge._rule_key(data.get("Name"), bus)
        if key not in eventbridge._rules:
            on_bus = sum(rule["EventBusName"] == bus for rule in eventbridge._rules.values())
            if on_bus >= RULES_A_BUS:
                return error_response_json(
                    "LimitExceededException", "The requested resource exceeds the maximum number allowed.", 400
                )
        return put_rule(data)

    eventbridge._put_rule = _put_rule
