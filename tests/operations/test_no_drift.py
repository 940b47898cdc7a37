"""What was applied stays as it is."""

from __future__ import annotations

from .conftest import World


def test_connecting_makes_the_forwarding_and_changes_nothing_else(world: World) -> None:
    """With keys, an archive of events and every alarm: whatever a service writes otherwise would be changed again."""
    assert set(world.connected.actions.values()) == {"create"}
    assert len(world.connected.actions) == 4  # a rule and its target on either side
    assert all(".module.forward[" in address for address in world.connected.actions)
