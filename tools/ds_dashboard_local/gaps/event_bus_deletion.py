"""The order in which buses, rules and targets can be deleted.

AWS refuses to delete a bus that still has rules and a rule that still has targets (ValidationException). Deleting
what does not exist succeeds.

The engine deletes a bus with its rules, and a rule with its targets.

Replaces `eventbridge._delete_event_bus` and `eventbridge._delete_rule`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def close(engine: Any, state: Path) -> None:
    from ministack.core.responses import error_response_json
    from ministack.services import eventbridge

    delete_bus, delete_rule = eventbridge._delete_event_bus, eventbridge._delete_rule

    def _delete_event_bus(data: dict[str, Any]) -> Any:
        name = data.get("Name")
        if any(rule["EventBusName"] == name for rule in eventbridge._rules.values()):
            return error_response_json("ValidationException", f"Event bus {name} has rules and cannot be deleted.", 400)
        # The engine keeps the policy, which a bus of the same name would inherit.
        eventbridge._event_bus_policies.pop(name, None)
        return delete_bus(data)

    def _delete_rule(data: dict[str, Any]) -> Any:
        key = eventbridge._rule_key(data.get("Name"), data.get("EventBusName") or "default")
        if eventbridge._targets.get(key):
            return error_response_json("ValidationException", "Rule can't be deleted since it has targets.", 400)
        return delete_rule(data)

    eventbridge._delete_event_bus = _delete_event_bus
    eventbridge._delete_rule = _delete_rule
