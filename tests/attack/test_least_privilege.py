"""Every statement of every role, bus, queue and function is needed: without it, something that must work does not.

Each action, resource and principal is taken away by itself, the smallest thing that needs it is tried, and it is put
back. What nothing misses must not be there. Not in the world: a network of the spoke's own (`vpc_config`), whose
statements are the ones that AWS documents for Lambda.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.journey.hub import Hub
from tests.journey.spoke import Spoke

from .accounts import HUB, SPOKE
from .conftest import World
from .needs import Needs
from .parts import having, parts
from .policies import Policy, of_account

# Whose trials touch nothing that the others' trials need, so both are tried side by side.
APART = ("-refresh", "-watch", "-hub-schedule")


def _what_nothing_misses(needs: Needs, policies: Sequence[Policy]) -> list[str]:
    """Those parts of `policies` without which everything works that is said to need them."""
    wanted = [
        (policy, part, needs.of(f"{policy.name} {part.told}")) for policy in policies for part in parts(policy.read())
    ]
    seconds: dict[str, float] = {}
    for pattern in {pattern for _, _, pattern in wanted}:
        needs.be_patient(30.0)
        assert needs.table[pattern](), f"{pattern}: does not work as deployed"
        seconds[pattern] = needs.waited()
    superfluous = []
    for policy, part, pattern in wanted:
        # It would have happened by then.
        needs.be_patient(0.5 + 4 * seconds[pattern])
        with having(policy, part.left):
            if needs.table[pattern]():
                superfluous.append(f"{policy.name} {part.told}")
    return superfluous


def test_without_any_part_of_a_policy_something_breaks(world: World, hub: Hub, spoke: Spoke) -> None:
    """An attacker who has a role has only what the role's work needs."""
    policies = [*of_account(world, HUB), *of_account(world, SPOKE)]
    before = {policy: policy.read() for policy in policies}
    groups = [[one for one in policies if one.name.endswith(APART) == apart] for apart in (True, False)]
    assert all(groups)
    with ThreadPoolExecutor() as pool:
        found = [pool.submit(_what_nothing_misses, Needs(world, hub, spoke), group) for group in groups]
    superfluous = [told for future in found for told in future.result()]
    assert superfluous == []
    assert {policy: policy.read() for policy in policies} == before
