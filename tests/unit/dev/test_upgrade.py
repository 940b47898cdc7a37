"""The report of `make upgrade-plan`: what a plan over the state of an earlier version would do."""

from __future__ import annotations

from typing import Any

import pytest

from ds_dashboard_dev.plans.upgrade import Upgrade


def _change(address: str, *actions: str, **more: Any) -> dict[str, Any]:
    change = {"actions": list(actions), "before": {}, "after": {}, "after_unknown": {}}
    return {"address": address, "mode": "managed", "change": {**change, **more.pop("change", {})}, **more}


def _report(*changes: dict[str, Any], **more: Any) -> Upgrade:
    return Upgrade.parse({"resource_changes": list(changes), **more})


@pytest.mark.parametrize(
    ("actions", "word"),
    [
        (("create",), "create"),
        (("delete",), "delete"),
        (("delete", "create"), "replace"),
        (("create", "delete"), "replace"),
        (("forget",), "forget"),
    ],
)
def test_whatever_is_not_an_update_is_unsafe(actions: tuple[str, ...], word: str) -> None:
    """A user would lose a resource, or get a second one."""
    upgrade = _report(_change("aws_sqs_queue.this", *actions))
    assert not upgrade.is_safe
    assert f"{word}: aws_sqs_queue.this" in upgrade.lines()


def test_an_update_is_reported_by_attribute() -> None:
    """Attributes that become known only when applied count as changed, wherever the unknown part is."""
    change = {
        "before": {"name": "a", "description": "old", "target": [{"arn": "x"}], "tags": None},
        "after": {"name": "a", "description": "new", "target": [{}], "tags": None},
        "after_unknown": {"target": [{"arn": True}], "name": False, "tags": {}, "environment": [{"variables": {}}]},
    }
    upgrade = _report(_change("aws_sqs_queue.this", "update", change=change))
    assert upgrade.is_safe
    assert next(iter(upgrade.lines())) == "update: aws_sqs_queue.this: description, target"


def test_moves_are_grouped_by_what_differs() -> None:
    """One `moved` block moves all resources of a module."""
    upgrade = _report(
        *(
            _change(
                f"module.new[0].aws_sqs_queue.{name}", "no-op", previous_address=f"module.old[0].aws_sqs_queue.{name}"
            )
            for name in ("a", "b")
        )
    )
    assert upgrade.is_safe
    assert next(iter(upgrade.lines())) == "moved: module.old -> module.new (2 resources)"


def test_a_removed_output_is_unsafe() -> None:
    """A user's configuration that refers to it would fail."""
    change = {"before": {"name": "a", "arn": "b", "url": "c"}, "after": {"name": "a"}, "after_unknown": {"url": True}}
    upgrade = _report(output_changes={"hub": change})
    assert not upgrade.is_safe
    assert "output removed: hub.arn" in upgrade.lines()
