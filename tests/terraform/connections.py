"""One account with several installations, whose connections change from one apply to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ds_dashboard_dev.terraform import Changes
from ds_dashboard_local import RunningCloud

from .planner import REGION, Call, Workshop

PEERS = [str(number) for number in range(800_000_000_001, 800_000_000_025)]
# Three pages of Parameter Store. One of the second page is removed and added again, when another one is removed.
MANY, REMOVED, REMOVED_LATER = PEERS[:23], PEERS[15], PEERS[3]
TWELVE = PEERS[:12]
# The buses of all peers, so that one hub's bus and one spoke's bus per peer serve all installations.
HUB, SPOKE = "peer-hub", "peer-spoke"
# Names that are equal after truncation.
ALIKE = [f"a-name-that-is-too-long-for-a-rule-{end}" for end in ("here", "there")]


def arn(account: str, bus: str = SPOKE) -> str:
    """Return the ARN of a peer's bus."""
    return f"arn:aws:events:{REGION}:{account}:event-bus/{bus}"


def _hub(name: str, projects: Mapping[str, Mapping[str, str]] | None, **variables: Any) -> Call:
    """The connection of an installation that is a hub, with the bus <name>-hub."""
    return Call(
        "connection",
        {"name": name, "spoke_bus_name": SPOKE, "monitors": {}, "monitored_projects": projects, **variables},
    )


ONE, TWO, THREE = ({f"P{i}": {"dev": account}} for i, account in enumerate(PEERS[:3]))
SPOKES_ONLY: dict[str, Any] = {"name": "both", "hub_bus_name": HUB, "monitors": None, "monitors_path": "/both/monitors"}
SHARED = {"P": {"dev": PEERS[0], "prod": PEERS[0]}, "Q": {"dev": arn(PEERS[0])}}

ALONE = Call("connection", {**SPOKES_ONLY, "monitored_projects": {}})
BOTH = Call("connection", {**SPOKES_ONLY, "monitored_projects": {"P": {"dev": arn(PEERS[0])}}})
RENAMED = Call("connection", {**SPOKES_ONLY, "name": "renamed", "monitored_projects": {}})

# The connection of each installation at each step. The last one stays in later steps.
STEPS: dict[str, list[Call]] = {
    "many": [_hub("many", None, monitored_projects_path="/many/projects")],
    "stages": [_hub("stages", ONE, stage="permissions"), _hub("stages", ONE, stage="forwarding"), _hub("stages", ONE)],
    "held": [
        _hub("held", ONE | TWO),
        _hub("held", ONE | TWO | THREE, hold=["/monitored_projects/P2/dev"]),
        _hub("held", ONE | TWO | THREE),
    ],
    "alike": [_hub("alike", {"P": {bus: arn(PEERS[0], bus) for bus in ALIKE}})],
    "shared": [
        _hub("shared", SHARED),
        _hub("shared", SHARED | {"R": {"dev": PEERS[0]}}),
        _hub("shared", {"P": SHARED["P"]}),
    ],
    "both": [ALONE, ALONE, BOTH],
    "last": [_hub("last", ONE), _hub("last", ONE), _hub("last", {}, allow_none=True)],
    # Its bus is created after a first attempt, and deleted before the connection.
    "gone": [_hub("gone", None, monitored_projects_path="/gone/projects", stage="permissions")],
}


def calls(step: int) -> dict[str, Call]:
    """Return the connections at a step."""
    return {name: steps[min(step, len(steps) - 1)] for name, steps in STEPS.items()}


@dataclass(frozen=True, slots=True)
class Applied:
    """The results of all runs.

    Attributes:
        steps: The changes of the three steps.
        rules: The names of forwarding rules after the first step, by installation.
        held_policy: The policy of the bus of `held` after the second step.
        destroyed: The changes of `terraform destroy`.
        left: The addresses in the state after it.
        early: An apply of `gone` before its bus exists.
        early_state: The addresses in the state after it.
        renamed: A plan of `both` with a name that no spoke has.
    """

    steps: list[Changes]
    rules: dict[str, list[str]]
    held_policy: str
    destroyed: Changes
    left: list[str]
    early: Changes
    early_state: list[str]
    renamed: Changes


def run(workshop: Workshop) -> Applied:
    """Apply all installations step by step, then destroy them."""
    root = workshop.root("connections", calls(0))
    workshop.put_parameters(root.account, {"/gone/projects/P/dev": PEERS[0]})
    early = root.attempt("apply", "-auto-approve", "-target=module.gone")
    early_state = root.state()

    _create_buses(workshop.cloud, root.account)
    workshop.put_parameters(root.account, {_of_many(account): account for account in MANY})
    workshop.put_parameters(root.account, {f"/both/monitors/H{number}": number for number in TWELVE})
    steps = [root.apply()]
    rules = {name: outputs["forward_rule_names"] for name, outputs in root.outputs().items()}

    ssm, events = (workshop.cloud.client(service, root.account, REGION) for service in ("ssm", "events"))
    ssm.delete_parameter(Name=_of_many(REMOVED))
    root.write(calls(1))
    steps.append(root.apply())
    held_policy = events.describe_event_bus(Name="held-hub")["Policy"]

    ssm.delete_parameter(Name=_of_many(REMOVED_LATER))
    workshop.put_parameters(root.account, {_of_many(REMOVED): REMOVED})
    root.write(calls(2))
    steps.append(root.apply())
    root.write({**calls(2), "both": RENAMED})
    renamed = root.attempt("plan", "-lock=false", "-refresh=false", "-target=module.both")
    root.write(calls(2))
    workshop.cloud.client("events", root.account, REGION).delete_event_bus(Name="gone-hub")
    return Applied(steps, rules, held_policy, root.destroy(), root.state(), early, early_state, renamed)


def _of_many(account: str) -> str:
    return f"/many/projects/P/e{account}"


def _create_buses(cloud: RunningCloud, account: str) -> None:
    """Create the buses of all installations and peers. Those of peers let every account send."""
    events = cloud.client("events", account, REGION)
    for name in STEPS:
        for kind in ("hub", "spoke"):
            events.create_event_bus(Name=f"{name}-{kind}")
    events.create_event_bus(Name=HUB)
    for peer in PEERS:
        for bus in [SPOKE, HUB, *(ALIKE if peer == PEERS[0] else [])]:
            _create_open_bus(cloud, peer, bus)


def _create_open_bus(cloud: RunningCloud, account: str, bus: str) -> None:
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
