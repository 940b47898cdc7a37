"""Gaps of S3: customer managed keys."""

from __future__ import annotations

from ministack.services import s3

from ds_dashboard_local.engine.authorization import Check, authorize_further
from ds_dashboard_local.engine.middleware import Request
from ds_dashboard_local.engine.patching import gap

_KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
_KEY_ACTIONS = {"s3:PutObject": "kms:GenerateDataKey", "s3:GetObject": "kms:Decrypt"}


@gap
def encrypted_buckets() -> None:
    """Require the customer managed key of a bucket for its objects.

    AWS: whoever puts an object needs kms:GenerateDataKey on the key, and whoever gets one kms:Decrypt, as S3 calls KMS
    in the caller's name.

    Engine: stores the key's id and evaluates nothing.
    """
    authorize_further("s3", _key_checks)


def _key_checks(_: Request, checks: list[Check]) -> list[Check]:
    found = []
    for check in checks:
        bucket = check.resource.partition(":::")[2].partition("/")[0]
        key = s3._bucket_default_sse_headers(bucket).get(_KEY_ID, "")
        if check.action in _KEY_ACTIONS and key.startswith("arn:"):
            # A bucket and its key are in the same region.
            context = {"kms:viaservice": f"s3.{key.split(':')[3]}.amazonaws.com"}
            found.append(Check(_KEY_ACTIONS[check.action], key, context, service="kms"))
    return found
