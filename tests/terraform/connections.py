"""One account with several installations, and how their connections change from one apply to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ds_dashboard_local import RunningCloud

from .planner import Call
from .workshop import REGION

OTHERS = [str(number) for number in range(800_000_000_001, 800_000_000_052)]
FIFTY, MIDDLE = OTHERS[:50], OTHERS[25]
TWELVE = OTHERS[:12]
# What all the others call their buses, so that one bus each serves every installation here.
HUB, SPOKE = "their-hub", "their-spoke"
LONG = "a-name-that-is-so-long-that-it-is-cut"
ALIKE = [f"{LONG}-here", f"{LONG}-there"]


def arn(account: str, bus: str = SPOKE) -> str:
    return f"arn:aws:events:{REGION}:{account}:event-bus/{bus}"


def _hub(name: str, projects: Mapping[str, Mapping[str, str]] | None, **variables: Any) -> Call:
    """An installation's hub: its own bus is called <name>-hub."""
    return Call(
        "connection",
        {"name": name, "spoke_bus_name": SPOKE, "monitors": {}, "monitored_projects": projects, **variables},
    )


ONE, TWO, THREE = ({f"P{i}": {"dev": account}} for i, account in enumerate(OTHERS[:3]))
SPOKES_ONLY: dict[str, Any] = {"name": "both", "hub_bus_name": HUB, "monitors": None, "monitors_path": "/both/monitors"}
SHARED = {"P": {"dev": OTHERS[0], "prod": OTHERS[0]}, "Q": {"dev": arn(OTHERS[0])}}

ALONE = Call("connection", {**SPOKES_ONLY, "monitored_projects": {}})
BOTH = Call("connection", {**SPOKES_ONLY, "monitored_projects": {"P": {"dev": arn(OTHERS[0])}}})

# What each installation is at each step; the last one stands for those after it.
STEPS: dict[str, list[Call]] = {
    "fifty": [_hub("fifty", None, monitored_projects_path="/fifty/projects")],
    "stages": [_hub("stages", ONE, stage="permissions"), _hub("stages", ONE, stage="forwarding"), _hub("stages", ONE)],
    "held": [
        _hub("held", ONE | TWO),
        _hub("held", ONE | TWO | THREE, hold=["/monitored_projects/P2/dev"]),
        _hub("held", ONE | TWO | THREE),
    ],
    "alike": [_hub("alike", {"P": {bus: arn(OTHERS[0], bus) for bus in ALIKE}})],
    "shared": [
        _hub("shared", SHARED),
        _hub("shared", SHARED | {"R": {"dev": OTHERS[0]}}),
        _hub("shared", {"P": SHARED["P"]}),
    ],
    # These two only change in the last step, which is not applied: making and deleting queues takes half a minute.
    "both": [ALONE, ALONE, ALONE, BOTH],
    "last": [*[_hub("last", ONE)] * 3, _hub("last", {}, allow_none=True)],
}


def calls(step: int) -> dict[str, Call]:
    """What the installations are at a step."""
    return {name: steps[min(step, len(steps) - 1)] for name, steps in STEPS.items()}


def prepare(cloud: RunningCloud, account: str) -> None:
    """Buses on both sides; the others' let everybody in, as after the stage of permissions."""
    events = cloud.client("events", account, REGION)
    for name in STEPS:
        for bus in ("hub", "spoke"):
            events.create_event_bus(Name=f"{name}-{bus}")
    events.create_event_bus(Name=HUB)
    for other in OTHERS:
        for bus in [SPOKE, HUB, *(ALIKE if other == OTHERS[0] else [])]:
            _open_bus(cloud, other, bus)


def _open_bus(cloud: RunningCloud, account: str, bus: str) -> None:
    events = cloud.client("events", account, REGION)
    events.create_event_bus(Name=bus)
    statement = {
        "Sid": "All",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": arn(account, bus),
    }
    events.put_permission(EventBusName=bus, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
