"""What PutEvents checks, and onto whose bus it may put.

AWS checks each entry on its own (source, detail type, detail; a detail that is no JSON object is `MalformedDetail`)
and answers 200 with `FailedEntryCount`; refuses the request as a whole when it has no entry, more than ten or 1 MB of
them; takes the sender's `Time`; evaluates IAM for each entry with `events:source` and `events:detail-type`; and takes a
bus of another account by ARN when that bus's policy permits it. A bus that does not exist in the own account is no
error: the event gets an id and is lost.

The engine checks the number of entries and the `aws.` sources only, ignores `Time`, has no `events:` condition keys,
and answers ResourceNotFoundException for every bus of another account.

Replaces `eventbridge._put_events`, and registers its checks with the `authorization` gap.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.gaps import event_bus_policy
from ds_dashboard_local.gaps.authorization import Check, checks_of

MAXIMUM_REQUEST_BYTES = 1_048_576
ACTION = "events:PutEvents"

logger = logging.getLogger("ds_dashboard_local")


def close(engine: Any, state: Path) -> None:
    from ministack.services import eventbridge

    eventbridge._put_events = put_events
    checks_of(ACTION, _checks)


def _checks(request: Request, account: str, region: str) -> list[Check]:
    try:
        entries = json.loads(request.body)["Entries"]
        return [Check(ACTION, _bus_arn(e, account, region), _context(e)) for e in entries]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _bus_arn(entry: dict[str, Any], account: str, region: str) -> str:
    bus = entry.get("EventBusName") or "default"
    return bus if bus.startswith("arn:") else f"arn:aws:events:{region}:{account}:event-bus/{bus}"


def _context(entry: dict[str, Any]) -> dict[str, Any]:
    return {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}


def put_events(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
    """`eventbridge._put_events`; only the engine's own emitters pass `allow_aws_source`."""
    from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid

    entries = data.get("Entries") or []
    if not 1 <= len(entries) <= 10:
        wanted = "less than or equal to 10" if entries else "greater than or equal to 1"
        return error_response_json(
            "ValidationException",
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
            f"Member must have length {wanted}",
            400,
        )
    if sum(map(_size, entries)) > MAXIMUM_REQUEST_BYTES:
        return error_response_json(
            "ValidationException", "Total size of the entries in the request is over the limit.", 400
        )
    account, region = get_account_id(), get_region()
    for entry in entries:
        arn = _bus_arn(entry, account, region)
        if arn.split(":")[4] != account and not _foreign_bus_permits(arn, entry, account, region):
            message = (
                f"User: {_caller()} is not authorized to perform: {ACTION} on resource: {arn} "
                f"because no resource-based policy allows the {ACTION} action"
            )
            return error_response_json("AccessDeniedException", message, 400)
    results: list[dict[str, str]] = []
    for entry in entries:
        refusal = _refusal(entry, allow_aws_source)
        if refusal:
            results.append({"ErrorCode": refusal[0], "ErrorMessage": refusal[1]})
            continue
        event_id = new_uuid()
        results.append({"EventId": event_id})
        _emit(entry, event_id, _bus_arn(entry, account, region), account, region)
    failed = sum("ErrorCode" in result for result in results)
    return json_response({"FailedEntryCount": failed, "Entries": results})


def _size(entry: dict[str, Any]) -> int:
    """The size of an entry as AWS counts it: 14 bytes for a time, and the texts."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return (14 if entry.get("Time") is not None else 0) + sum(len(text.encode()) for text in texts if text)


def _refusal(entry: dict[str, Any], allow_aws_source: bool) -> tuple[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    if not allow_aws_source and entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"], parse_constant=_no_constant)
    except (ValueError, RecursionError):
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def _no_constant(literal: str) -> None:
    raise ValueError(f"{literal} is not JSON")


def _caller() -> str:
    from ministack.core.iam_evaluator import caller_arn

    return str(caller_arn())


def _foreign_bus_permits(arn: str, entry: dict[str, Any], account: str, region: str) -> bool:
    """The bus's side of the question; a root caller is asked nothing else by the engine."""
    from ministack.core import iam_evaluator

    # An endpoint serves the buses of its own region.
    found = event_bus_policy.policy_of(arn) if arn.split(":")[3] == region else None
    if found is None:
        return False
    caller = _caller()
    context = iam_evaluator.EvalContext(
        principal_arn=caller,
        principal_type="Root" if caller.endswith(":root") else "AssumedRole",
        principal_account=account,
        action=ACTION,
        resource_arn=arn,
        region=region,
        service_context=_context(entry),
    )
    return bool(iam_evaluator.evaluate_resource_policy(found[0], context).decision == "Allow")


def _emit(entry: dict[str, Any], event_id: str, bus_arn: str, account: str, region: str) -> None:
    from ministack.core.responses import request_scope
    from ministack.services import eventbridge

    _, _, _, bus_region, bus_account, resource = bus_arn.split(":", 5)
    bus = resource.removeprefix("event-bus/")
    time = entry.get("Time")
    event = {
        "EventId": event_id,
        "Source": entry["Source"],
        "DetailType": entry["DetailType"],
        "Detail": entry["Detail"],
        "EventBusName": bus,
        "Time": int(eventbridge._now_ts() if time is None else eventbridge._coerce_timestamp(time)),
        "Resources": entry.get("Resources") or [],
        "Account": account,
        "Region": region,
    }
    with request_scope(bus_account, bus_region):
        if bus not in eventbridge._event_buses and bus != "default":
            logger.warning("event %s is lost: bus %s does not exist (AWS answers with an id too)", event_id, bus_arn)
            return
        view = eventbridge._pattern_event_view(event)
        eventbridge._dispatch_event(event, view)
        eventbridge._archive_event(event, view)
