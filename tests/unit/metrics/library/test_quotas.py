"""Service quotas: what is in use and has no quota."""

from __future__ import annotations

from tests.catalogue.scenarios import quotas

from ds_dashboard.testing import FakeAccount


def test_use_without_a_quota_is_named() -> None:
    """Service Quotas leaves out quotas without a value of the account, and names of new ones are not known."""
    with FakeAccount(quotas.SAGEMAKER) as account:
        measured = account.measure("SageMakerQuotaUtilisation")
    assert measured.metadata == {"WithoutQuota": ["ml.g6.xlarge for training job usage"]}
