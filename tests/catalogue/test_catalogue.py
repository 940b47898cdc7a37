"""The catalogue as a whole: what this repository asks of its own metrics, and that the generated files are fresh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ds_dashboard.metrics import registry
from ds_dashboard_cli.main import cli

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "modules" / "spoke" / "metrics.json").read_text())

every_metric = pytest.mark.parametrize("name", MANIFEST["metrics"])


def test_the_generated_files_are_what_the_metrics_say() -> None:
    """Terraform grants what the committed manifest says, not what the classes say."""
    result = CliRunner().invoke(cli, ["manifest", "--check"])
    assert result.exit_code == 0, result.stderr


def test_a_stale_manifest_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message above is read by somebody who has just added a metric."""
    from ds_dashboard_cli.commands import manifest
    from ds_dashboard_cli.packaging import checkout

    monkeypatch.setattr(manifest, "checkout", lambda: checkout.Checkout(tmp_path))
    result = CliRunner().invoke(cli, ["manifest", "--check"])
    assert result.exit_code == 1
    assert "metrics.json" in result.stderr
    assert result.stderr.endswith("Run: make manifest\n")


@every_metric
def test_every_metric_explains_itself(name: str) -> None:
    """The description is all that somebody sees who chooses metrics: one sentence, and what is counted."""
    entry, cls = MANIFEST["metrics"][name], registry.load(name)
    assert cls.__doc__, f"{name} has no docstring"
    assert entry["description"].endswith("."), f"{name}: the docstring's first line is no sentence"
    assert "unit" in vars(cls) or entry["arguments"], f"{name} declares no unit"
    assert all(spec["description"] for spec in entry["arguments"].values()), f"{name}: an argument is not described"


@every_metric
def test_no_action_is_a_wildcard(name: str) -> None:
    """A least-privilege role is the point of the whole thing."""
    for statement in MANIFEST["metrics"][name]["permissions"]:
        assert not [action for action in statement["Action"] if "*" in action or "?" in action]


@every_metric
def test_a_resource_that_can_be_named_is_named(name: str) -> None:
    """`*` is for operations that IAM offers no resource for; those are the List calls."""
    for statement in MANIFEST["metrics"][name]["permissions"]:
        if "*" in statement["Resource"]:
            assert all(action.split(":")[1].startswith(("List", "Describe")) for action in statement["Action"])
