"""The rules for the metrics of this repository, and the manifest that is generated from them."""

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


def test_the_manifest_is_up_to_date() -> None:
    """Terraform reads the committed manifest, not the classes."""
    result = CliRunner().invoke(cli, ["manifest", "--check"])
    assert result.exit_code == 0, result.stderr


def test_an_outdated_manifest_is_reported_with_the_fix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The reader of the message has just added a metric."""
    from ds_dashboard_cli.commands import manifest
    from ds_dashboard_cli.packaging import checkout

    monkeypatch.setattr(manifest, "checkout", lambda: checkout.Checkout(tmp_path))
    result = CliRunner().invoke(cli, ["manifest", "--check"])
    assert result.exit_code == 1
    assert "metrics.json" in result.stderr
    assert result.stderr.endswith("Run: make manifest\n")


@every_metric
def test_every_metric_has_a_description_and_a_unit(name: str) -> None:
    """Users choose metrics by their description and their unit."""
    entry, cls = MANIFEST["metrics"][name], registry.load(name)
    assert cls.__doc__, f"{name} has no docstring"
    assert entry["description"].endswith("."), f"{name}: the docstring's first line is not a sentence"
    assert "unit" in vars(cls) or entry["arguments"], f"{name} declares no unit"
    assert all(spec["description"] for spec in entry["arguments"].values()), f"{name}: an argument has no description"
