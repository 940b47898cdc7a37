"""What was applied stays as it is."""

from .conftest import World


def test_a_second_plan_is_empty(world: World) -> None:
    """With keys, an archive of events and every alarm: whatever a service writes otherwise is planned for ever."""
    assert world.planned_again.actions == {}
