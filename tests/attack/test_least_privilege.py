"""Every part of every policy of roles, buses, queues and functions is needed.

Each action, resource and principal is removed on its own, the smallest operation that needs it is tried, and the policy
is restored. A part that nothing needs must not exist. Not covered: a network of the spoke's own (`vpc_config`), whose
statements are those that AWS documents for Lambda.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.journey.hub import Hub
from tests.journey.spoke import Spoke

from .accounts import HUB, NAME, REGION, SPOKE
from .conftest import World
from .policies import Policy, of_account, parts, replaced
from .probes import Probes

# Policies whose probes do not touch what the other probes need, so the two groups are tried in parallel.
INDEPENDENT = ("-refresh", "-watch", "-hub-schedule")
ROLE = f"{NAME}-{REGION}"
DEAD_LETTERS = {HUB: f"{NAME}-function-dead-letters", SPOKE: f"{NAME}-spoke-dead-letters"}
FUNCTIONS = {"archive": HUB, "refresh": HUB, "watch": HUB, "extract": SPOKE}
# Account, installation and function.
SCHEDULES = [(HUB, "hub", "refresh"), (HUB, "hub", "watch"), (SPOKE, "spoke", "extract")]
Probe = Callable[[], bool]


def _probes_of_functions(probes: Probes) -> dict[str, Probe]:
    main = {"archive": probes.archive, "refresh": probes.refresh, "watch": probes.watch, "extract": probes.extract}
    table: dict[str, Probe] = {}
    for name, account in FUNCTIONS.items():
        function, role = f"{NAME}-{name}", f"role {ROLE}-{name} "
        table[f"{role}logs:"] = partial(probes.log, account, function)
        if name != "archive":
            queue = DEAD_LETTERS[account]
            table[f"{role}sqs:SendMessage"] = partial(probes.dead_letter_of_function, account, function, queue)
        table[role] = main[name]
        table[f"trust {ROLE}-{name} "] = partial(probes.update_function, account, function)
    return table


def _probes_of_schedules(probes: Probes) -> dict[str, Probe]:
    table: dict[str, Probe] = {}
    for account, installation, name in SCHEDULES:
        role, function = f"{ROLE}-{installation}-schedule", f"{NAME}-{name}"
        if name != "watch":
            table[f"role {role} sqs:SendMessage"] = partial(
                probes.dead_letter_of_schedule, account, function, role, DEAD_LETTERS[account]
            )
        table[f"role {role} (lambda:InvokeFunction on )?arn:.*:function:{function}$"] = partial(
            probes.schedule, account, function, function
        )
        table[f"trust {role} "] = partial(probes.update_schedule, account, function, f"{NAME}-{installation}")
    return table


def _probes_of_forwarding(probes: Probes) -> dict[str, Probe]:
    to_spoke, to_hub = probes.request_reaches_spoke, probes.value_reaches_hub
    return {
        f"(role|trust) {ROLE}-to-spokes ": to_spoke,
        f"(role|trust) {ROLE}-to-hubs ": to_hub,
        f"bus {NAME}-hub ": to_hub,
        f"bus {NAME}-spoke ": to_spoke,
        f"queue {NAME}-events ": to_hub,
        f"function {NAME}-extract ": to_spoke,
    }


def _probes_of_dead_letters(probes: Probes, keys: dict[str, str]) -> dict[str, Probe]:
    table: dict[str, Probe] = {
        f"queue {NAME}-rule-dead-letters ": probes.dead_letter_of_archive_rule,
        f"queue {NAME}-spoke-dead-letters ": probes.dead_letter_of_extraction_rule,
    }
    for account, bus, installation, prefix, peers in (
        (HUB, probes.hub.bus_arn, "hub", "", "spokes"),
        (SPOKE, probes.spoke.bus_arn, "spoke", "spoke-", "hubs"),
    ):
        queue = f"{NAME}-{prefix}bus-dead-letters"
        table[f"queue {queue} "] = partial(probes.dead_letter_of_bus, account, bus, keys[installation], queue)
        queue = f"{NAME}-to-{peers}-dead-letters"
        role = f"{ROLE}-to-{peers}"
        table[f"queue {queue} "] = partial(probes.dead_letter_of_forwarding, account, bus, role, queue)
    return table


def _probes_by_pattern(world: World, probes: Probes) -> dict[str, Probe]:
    """Return the probe of each part by a pattern of policy and part; the first pattern that matches counts."""
    return {
        f"role {ROLE}-archive sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)": probes.event_source_mapping,
        **_probes_of_functions(probes),
        **_probes_of_schedules(probes),
        **_probes_of_forwarding(probes),
        **_probes_of_dead_letters(probes, world.outputs["keys"]),
    }


def _pattern_of(patterns: Sequence[str], part: str) -> str:
    for pattern in patterns:
        if re.match(pattern, part):
            return pattern
    raise AssertionError(f"no probe for {part}: add one, or remove the part from the modules")


def _superfluous_parts(world: World, probes: Probes, policies: Sequence[Policy]) -> list[str]:
    """Return the parts of `policies` without which their probes still succeed."""
    table = _probes_by_pattern(world, probes)
    tried = [
        (policy, part, _pattern_of([*table], f"{policy.name} {part.description}"))
        for policy in policies
        for part in parts(policy.read())
    ]
    seconds: dict[str, float] = {}
    for pattern in {pattern for _, _, pattern in tried}:
        probes.patience, probes.waited = 30.0, 0.0
        assert table[pattern](), f"{pattern}: does not work as deployed"
        seconds[pattern] = probes.waited
    superfluous = []
    for policy, part, pattern in tried:
        # A multiple of what it takes with the permission.
        probes.patience = 0.5 + 4 * seconds[pattern]
        with replaced(policy, part.remaining):
            if table[pattern]():
                superfluous.append(f"{policy.name} {part.description}")
    return superfluous


def test_without_any_part_of_a_policy_something_fails(world: World, hub: Hub, spoke: Spoke) -> None:
    """An attacker with a role's credentials has only what the role's work needs."""
    policies = [*of_account(world, HUB), *of_account(world, SPOKE)]
    before = {policy: policy.read() for policy in policies}
    groups = [
        [one for one in policies if one.name.endswith(INDEPENDENT) == independent] for independent in (True, False)
    ]
    assert all(groups)
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(_superfluous_parts, world, Probes(world, hub, spoke), group) for group in groups]
    superfluous = [part for future in found for part in future.result()]
    assert superfluous == []
    assert {policy: policy.read() for policy in policies} == before
