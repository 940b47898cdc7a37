"""Dead letters and what was refused, put back as an operator does once the fault is gone."""

from collections.abc import Sequence

from ds_dashboard import exactjson
from ds_dashboard_dev.soak.ledger import Ledger
from ds_dashboard_dev.soak.side import Hub, Side, Spoke


def redrive(ledger: Ledger, spokes: Sequence[Spoke]) -> int:
    """Take all dead letters of the hub and of ``spokes`` and put each back where it was going; returns how many."""
    moved = 0
    for side in (ledger.hub, *spokes):
        for role in side.LETTERS:
            letters = side.take(role)
            for letter in letters:
                _put_back(side, role, letter["Body"])
            ledger.dead_letters += len(letters)
            moved += len(letters)
    ledger.redriven += moved
    return moved


def _put_back(side: Side, role: str, body: str) -> None:
    content = exactjson.loads(body)
    if isinstance(content, dict) and "requestPayload" in content:
        # The record of a function that failed.
        function = content["requestContext"]["functionArn"].split(":")[6]
        payload = exactjson.dumps(content["requestPayload"])
        side.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
    elif isinstance(side, Hub) and role != "to-spokes-dead-letters":
        side.enqueue([body])
    else:
        side.put_again(content)
