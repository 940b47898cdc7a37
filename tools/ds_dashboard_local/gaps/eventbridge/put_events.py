"""PutEvents: what it validates and authorizes, and the text of the event that it emits."""

from __future__ import annotations

import json
import logging
from typing import Any

from ministack.core.iam_evaluator import EvalContext, caller_arn
from ministack.core.responses import (
    error_response_json,
    get_account_id,
    get_region,
    json_response,
    new_uuid,
    request_scope,
)
from ministack.services import eventbridge

from ds_dashboard_local.engine.authorization import Check, authorize_parts
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap, replace
from ds_dashboard_local.engine.permissions import resource_policy_allows
from ds_dashboard_local.gaps.eventbridge.buses import bus_policy

ACTION = "events:PutEvents"

_MAX_ENTRIES = 10
_MAX_REQUEST_BYTES = 1_048_576

logger = logging.getLogger("ds_dashboard_local")


@gap
def put_events() -> None:
    """Validate and authorize each entry of PutEvents, also for buses of other accounts.

    AWS: validates each entry and answers 200 with `FailedEntryCount` (a detail that is not a JSON object is
    `MalformedDetail`); rejects a request with no entry, more than ten, or over 1 MB; uses the sender's `Time`;
    evaluates IAM for each entry with `events:source` and `events:detail-type`; accepts the ARN of another account's bus
    if that bus's policy allows it. An event for an unknown bus of the own account gets an id and is lost.

    Engine: checks only the number of entries and the sources that start with `aws.`, ignores `Time`, has no `events:`
    condition keys, and answers ResourceNotFoundException for every bus of another account.
    """
    replace(eventbridge, "_put_events", put_entries)
    authorize_parts(ACTION, _checks)


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


def put_entries(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
    """Put the entries of a PutEvents request; only the engine's own emitters set `allow_aws_source`."""
    entries = data.get("Entries") or []
    if error := _request_error(entries):
        return error
    account, region = get_account_id(), get_region()
    for entry in entries:
        arn = _bus_arn(entry, account, region)
        if arn.split(":")[4] != account and not _foreign_bus_allows(arn, entry, account, region):
            message = (
                f"User: {caller_arn()} is not authorized to perform: {ACTION} on resource: {arn} "
                f"because no resource-based policy allows the {ACTION} action"
            )
            return error_response_json("AccessDeniedException", message, 400)
    results: list[dict[str, str]] = []
    for entry in entries:
        if error := _entry_error(entry, allow_aws_source):
            results.append({"ErrorCode": error[0], "ErrorMessage": error[1]})
            continue
        event_id = new_uuid()
        results.append({"EventId": event_id})
        _emit(entry, event_id, _bus_arn(entry, account, region), account, region)
    failed = sum("ErrorCode" in result for result in results)
    return json_response({"FailedEntryCount": failed, "Entries": results})


def _request_error(entries: list[dict[str, Any]]) -> Any:
    if not 1 <= len(entries) <= _MAX_ENTRIES:
        bound = f"less than or equal to {_MAX_ENTRIES}" if entries else "greater than or equal to 1"
        message = (
            "1 validation error detected: Value at 'entries' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
        return error_response_json("ValidationException", message, 400)
    if sum(map(_size, entries)) > _MAX_REQUEST_BYTES:
        message = "Total size of the entries in the request is over the limit."
        return error_response_json("ValidationException", message, 400)
    return None


def _size(entry: dict[str, Any]) -> int:
    """The bytes of an entry as AWS counts them: 14 for a time, and the texts."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return (14 if entry.get("Time") is not None else 0) + sum(len(text.encode()) for text in texts if text)


def _entry_error(entry: dict[str, Any], allow_aws_source: bool) -> tuple[str, str] | None:
    for name in ("Source", "DetailType", "Detail"):
        if not entry.get(name):
            return "InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument."
    if not allow_aws_source and entry["Source"].startswith("aws."):
        return "NotAuthorizedForSourceException", "Not authorized for the source."
    try:
        detail = json.loads(entry["Detail"], parse_constant=_reject_constant)
    except (ValueError, RecursionError):
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def _reject_constant(literal: str) -> None:
    raise ValueError(f"{literal} is not JSON")


def _foreign_bus_allows(arn: str, entry: dict[str, Any], account: str, region: str) -> bool:
    """Whether the bus's own policy allows the caller; the engine evaluates nothing else for a root."""
    # An endpoint serves the buses of its own region.
    found = bus_policy(arn) if arn.split(":")[3] == region else None
    if found is None:
        return False
    caller = str(caller_arn())
    request = EvalContext(
        principal_arn=caller,
        principal_type="Root" if caller.endswith(":root") else "AssumedRole",
        principal_account=account,
        action=ACTION,
        resource_arn=arn,
        region=region,
        service_context=_context(entry),
    )
    return resource_policy_allows(found[0], request)


def _emit(entry: dict[str, Any], event_id: str, bus_arn: str, account: str, region: str) -> None:
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


def event_text(event: dict[str, Any], view: Any) -> str:
    """Return the event as JSON text with its detail verbatim.

    The engine parses the detail into binary floats and serializes it again, which changes `1e-7` to `1e-07` and cuts
    numbers of 38 digits off after 17.
    """
    detail = event.get("Detail", "{}")
    if not isinstance(detail, str):
        return json.dumps(view.event_with_detail())
    envelope = json.dumps(view.envelope(), ensure_ascii=False)
    return f'{envelope[:-1]}, "detail": {detail.strip()}}}'
