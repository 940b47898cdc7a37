"""The threat model names the test behind each thing that it says is stopped."""

from __future__ import annotations

import re

from ds_dashboard_dev.checkout import CHECKOUT

TEXT = (CHECKOUT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| stopped")]


def test_each_claim_names_a_test_that_is_there() -> None:
    """A test that is renamed takes its claim with it."""
    assert len(ROWS) > 20
    for row in ROWS:
        names = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row)
        assert names, row
        for file, name in names:
            assert f"def {name}(" in (CHECKOUT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"
