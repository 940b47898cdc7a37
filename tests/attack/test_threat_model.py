"""The threat model names the test that shows each of its claims."""

from __future__ import annotations

import re

from ds_dashboard_dev.checkout import CHECKOUT

TEXT = (CHECKOUT / "docs" / "threat-model.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith("| stopped")]


def test_each_claim_names_an_existing_test() -> None:
    """Whoever renames a test must update the claim."""
    assert len(ROWS) > 20
    for row in ROWS:
        names = re.findall(r"`([\w/]+\.py)::(test_\w+)`", row)
        assert names, row
        for file, name in names:
            assert f"def {name}(" in (CHECKOUT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"
