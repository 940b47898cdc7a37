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

from ds_dashboard_dev.testing.installation import Hub, Spoke

from .policies import Policy, of_account, parts, replaced
from .probes import Probes

# Policies whose probes do not touch what the other probes need, so the two groups are tried in parallel.
INDEPENDENT = ("-refresh", "-watch", "-report", "-widget", "-hub-schedule")
Probe = Callable[[], bool]


def _probes_of_functions(probes: Probes) -> dict[str, Probe]:
    hub, spoke = probes.hub, probes.spoke
    table: dict[str, Probe] = {}
    for installation, name, main, queue in (
        (hub, "archive", probes.archive, None),
        (hub, "refresh", probes.refresh, "function-dead-letters"),
        (hub, "watch", probes.watch, "function-dead-letters"),
        (hub, "report", probes.report, "function-dead-letters"),
        (hub, "widget", probes.widget, None),
        (spoke, "extract", probes.extract, "spoke-dead-letters"),
    ):
        role = f"{installation.name}-{installation.region}-{name}"
        table[f"role {role} logs:"] = partial(probes.log, installation, name)
        if queue:
            table[f"role {role} sqs:SendMessage"] = partial(probes.dead_letter_of_function, installation, name, queue)
        table[f"role {role} "] = main
        table[f"trust {role} "] = partial(probes.update_function, installation, name)
    return table


def _probes_of_schedules(probes: Probes) -> dict[str, Probe]:
    hub, spoke = probes.hub, probes.spoke
    table: dict[str, Probe] = {}
    for installation, name, queue in (
        (hub, "refresh", "function-dead-letters"),
        (hub, "watch", None),
        (hub, "report", None),
        (spoke, "extract", "spoke-dead-letters"),
    ):
        role = f"{installation.name}-{installation.region}-{installation.kind}-schedule"
        if queue:
            table[f"role {role} sqs:SendMessage"] = partial(probes.dead_letter_of_schedule, installation, name, queue)
        function = f"arn:.*:function:{installation.function_name(name)}$"
        table[f"role {role} (lambda:InvokeFunction on )?{function}"] = partial(probes.schedule, installation, name)
        table[f"trust {role} "] = partial(probes.update_schedule, installation, name)
    return table


def _probes_of_events(probes: Probes) -> dict[str, Probe]:
    hub, spoke = probes.hub, probes.spoke
    table: dict[str, Probe] = {
        f"queue {hub.name}-events ": probes.value_reaches_hub,
        f"function {spoke.function_name('extract')} ": probes.request_reaches_spoke,
        f"queue {hub.name}-rule-dead-letters ": probes.dead_letter_of_archive_rule,
        f"queue {spoke.name}-spoke-dead-letters ": probes.dead_letter_of_extraction_rule,
    }
    for installation, peers, arrives_here, arrives_there, bus_queue in (
        (hub, "spokes", probes.value_reaches_hub, probes.request_reaches_spoke, "bus-dead-letters"),
        (spoke, "hubs", probes.request_reaches_spoke, probes.value_reaches_hub, "spoke-bus-dead-letters"),
    ):
        name = installation.name
        table[f"bus {installation.bus_name} "] = arrives_here
        table[f"(role|trust) {name}-{installation.region}-to-{peers} "] = arrives_there
        table[f"queue {name}-{bus_queue} "] = partial(probes.dead_letter_of_bus, installation, bus_queue)
        table[f"queue {name}-to-{peers}-dead-letters "] = partial(probes.dead_letter_of_forwarding, installation, peers)
    return table


def _probes_by_pattern(probes: Probes) -> dict[str, Probe]:
    """Return the probe of each part by a pattern of policy and part; the first pattern that matches counts."""
    archive = f"{probes.hub.name}-{probes.hub.region}-archive"
    return {
        f"role {archive} sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)": probes.event_source_mapping,
        **_probes_of_functions(probes),
        **_probes_of_schedules(probes),
        **_probes_of_events(probes),
    }


def _pattern_of(patterns: Sequence[str], part: str) -> str:
    for pattern in patterns:
        if re.match(pattern, part):
            return pattern
    raise AssertionError(f"no probe for {part}: add one, or remove the part from the modules")


def _superfluous_parts(probes: Probes, policies: Sequence[Policy]) -> list[str]:
    """Return the parts of `policies` without which their probes still succeed."""
    table = _probes_by_pattern(probes)
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


def test_without_any_part_of_a_policy_something_fails(hub: Hub, spoke: Spoke) -> None:
    """An attacker with a role's credentials has only what the role's work needs."""
    policies = [*of_account(hub), *of_account(spoke)]
    before = {policy: policy.read() for policy in policies}
    groups = [
        [one for one in policies if one.name.endswith(INDEPENDENT) == independent] for independent in (True, False)
    ]
    assert all(groups)
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(_superfluous_parts, Probes(hub, spoke), group) for group in groups]
    superfluous = [part for future in found for part in future.result()]
    assert superfluous == []
    assert {policy: policy.read() for policy in policies} == before
