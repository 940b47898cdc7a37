"""Dead letters and what was refused, put back as an operator does once the fault is gone."""

from __future__ import annotations

from collections.abc import Sequence

from ds_dashboard import canonical_json
from ds_dashboard_dev.soak.ledger import Ledger
from ds_dashboard_dev.soak.side import Hub, Side, Spoke


def redrive(ledger: Ledger, spokes: Sequence[Spoke]) -> int:
    """Take all dead letters of the hub and of `spokes` and put each back where it was going; returns how many."""
    moved = 0
    for side in (ledger.hub, *spokes):
        for role in side.LETTERS:
            bodies = [letter["Body"] for letter in side.take(role)]
            _put_back(side, role, bodies)
            moved += len(bodies)
    ledger.dead_letters += moved
    ledger.redriven += moved
    return moved


def _put_back(side: Side, role: str, bodies: Sequence[str]) -> None:
    letters = [(body, canonical_json.loads(body)) for body in bodies]
    for _, record in letters:
        if "requestPayload" in record:
            # The record of a function that failed.
            function = record["requestContext"]["functionArn"].split(":")[6]
            payload = canonical_json.dumps(record["requestPayload"])
            side.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    events = [(body, content) for body, content in letters if "requestPayload" not in content]
    if isinstance(side, Hub) and role != "to-spokes-dead-letters":
        side.enqueue([body for body, _ in events])
    else:
        side.put_again([content for _, content in events])
