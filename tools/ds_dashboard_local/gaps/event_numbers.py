"""The numbers in an event's detail.

AWS hands the detail on as it was sent: `0.1`, `1e-7` and numbers of 38 digits reach the target unchanged.

The engine parses the detail into binary floats and serializes it again, which changes `1e-7` to `1e-07` and cuts long
numbers off after 17 digits.

`text_of` takes the place of `json.dumps(view.event_with_detail())` in `eventbridge._invoke_target` (which the
`target_delivery` gap replaces). Numbers that an input transformer picks out of the detail are not covered.
"""

from __future__ import annotations

import json
from typing import Any


def text_of(event: dict[str, Any], view: Any) -> str:
    """The event as JSON text, its detail verbatim."""
    detail = event.get("Detail", "{}")
    if not isinstance(detail, str):
        return json.dumps(view.event_with_detail())
    envelope = json.dumps(view.envelope(), ensure_ascii=False)
    return f'{envelope[:-1]}, "detail": {detail.strip()}}}'


def input_of(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any) -> str | None:
    """What the target asks for in place of the event; None for the event itself."""
    from ministack.services import eventbridge

    if target.get("InputTransformer"):
        return str(eventbridge._apply_input_transformer(target["InputTransformer"], rule, view))
    if target.get("Input"):
        return str(target["Input"])
    path = target.get("InputPath")
    if not path or path == "$":
        return None
    if path == "$.detail" and isinstance(event.get("Detail"), str):
        return str(event["Detail"])
    value: Any = view.event_with_detail()
    for part in path.removeprefix("$.").split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return json.dumps(value)
