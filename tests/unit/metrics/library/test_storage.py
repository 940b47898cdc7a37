"""Storage: how old a bucket's size is."""

from __future__ import annotations

from tests.catalogue.scenarios import storage

from ds_dashboard.testing import FakeAccount


def test_the_day_of_a_size_is_told() -> None:
    """S3 publishes sizes a day or two late."""
    answers = {"cloudwatch.get_metric_data": storage.bucket_metrics("BucketSizeBytes", storage.SIZES)}
    with FakeAccount(answers) as account:
        measured = account.measure("BucketSizeBytes", **storage.BUCKET)
    assert measured.metadata == {"Day": "2026-11-22"}
