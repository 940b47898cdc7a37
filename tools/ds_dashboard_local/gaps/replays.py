"""Replays of archived events.

AWS replays to the rules that `Destination.FilterArns` names, or to all of the bus where it names none, refuses a rule
of another bus and an end that is not after the beginning, and says how far a replay has come.

The engine replays to all rules of the bus, whatever the filter says.

Replaces `eventbridge._start_replay`, and wraps `eventbridge._invoke_target`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any


def close(engine: Any, state: Path) -> None:
    from ministack.services import eventbridge

    start, invoke = eventbridge._start_replay, eventbridge._invoke_target

    def _start_replay(data: dict[str, Any]) -> Any:
        return _refusal(data) or start(data)

    def _invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        name = event.get("ReplayName")
        replay = None if name is None else eventbridge._replays.get(name)
        if replay is not None:
            filters = replay["Destination"].get("FilterArns")
            if replay["State"] == "CANCELLED" or (filters and rule["Arn"] not in filters):
                return
            replay["EventLastReplayedTime"] = event["Time"]
        invoke(target, event, rule, view)

    eventbridge._start_replay = _start_replay
    eventbridge._invoke_target = _invoke_target


def _refusal(data: dict[str, Any]) -> Any:
    from ministack.core.responses import error_response_json
    from ministack.services import eventbridge

    destination = data.get("Destination") or {}
    bus_rules = str(destination.get("Arn", "")).replace(":event-bus/", ":rule/") + "/"
    strangers = [arn for arn in destination.get("FilterArns") or [] if not arn.startswith(bus_rules)]
    if strangers:
        message = f"Parameter Destination.FilterArns is not valid. Reason: {strangers[0]} is no rule of the event bus."
        return error_response_json("ValidationException", message, 400)
    begin, end = (eventbridge._coerce_timestamp(data.get(name, 0)) for name in ("EventStartTime", "EventEndTime"))
    if end <= begin:
        message = "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."
        return error_response_json("ValidationException", message, 400)
    return None
