"""DynamoDB items as plain values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ds_dashboard.typed_json import plain_item


@pytest.mark.parametrize("text", [f"1{'0' * 60}", f"-12{'0' * 100}", "1E+125", f"0.{'0' * 100}7", "9" * 38, "1.50"])
def test_every_number_of_dynamodb_is_read_exactly(text: str) -> None:
    """It writes large ones out in full, and boto3 alone would reject them."""
    read = plain_item({"MetricValue": {"N": text}, "Row": {"L": [{"N": text}]}, "Set": {"NS": [text]}})
    assert (read["MetricValue"], read["Row"], read["Set"]) == (Decimal(text), [Decimal(text)], {Decimal(text)})
    assert len(read["MetricValue"].as_tuple().digits) <= 38
