"""Policies that IAM rejects, and keys of their conditions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local.client.accounts import Account, allow, document

FOREIGN = "arn:aws-cn:sqs:cn-north-1:111111111111:q"
PUTS: dict[str, Callable[[Any, str], Any]] = {
    "a role's policy": lambda iam, text: iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=text),
    "a user's policy": lambda iam, text: iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=text),
    "a policy": lambda iam, text: iam.create_policy(PolicyName="p", PolicyDocument=text),
}


def _code(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize("what", PUTS)
def test_a_policy_with_an_arn_of_another_partition_is_rejected_as_a_whole(account: Account, what: str) -> None:
    """Also if its other statements are right; a wildcard as the partition is accepted."""
    account.role("r")
    account.iam.create_user(UserName="u")
    good, put = allow("sqs:SendMessage", "arn:*:sqs:*:*:q"), PUTS[what]
    for bad in (allow("sqs:*", FOREIGN), {"Effect": "Deny", "Action": "sqs:*", "NotResource": ["*", FOREIGN]}):
        assert _code(partial(put, account.iam, document(good, bad))) == "MalformedPolicyDocument"
    put(account.iam, document(good))


def test_a_trust_policy_with_a_principal_of_another_partition_is_rejected(account: Account) -> None:
    def trust(arn: str) -> str:
        return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["111111111111", arn]}})

    bad, good = trust("arn:aws-us-gov:iam::222222222222:root"), trust("arn:aws:iam::222222222222:root")
    create = account.iam.create_role
    assert _code(lambda: create(RoleName="r", AssumeRolePolicyDocument=bad)) == "MalformedPolicyDocument"
    create(RoleName="r", AssumeRolePolicyDocument=good)
    update = account.iam.update_assume_role_policy
    assert _code(lambda: update(RoleName="r", PolicyDocument=bad)) == "MalformedPolicyDocument"


def test_a_bucket_that_refuses_calls_without_tls_can_be_used(account: Account) -> None:
    """Most companies require this policy. Calls to AWS are over TLS."""
    account.s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    refuse = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    account.s3.put_bucket_policy(Bucket="tls-only", Policy=document(refuse))
    account.role("writer", allow("s3:*", "*"))
    writer = account.as_role("s3", "writer")
    writer.put_object(Bucket="tls-only", Key="k", Body=b"v")
    refuse["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    account.s3.put_bucket_policy(Bucket="tls-only", Policy=document(refuse))
    assert _code(lambda: writer.put_object(Bucket="tls-only", Key="k", Body=b"v")) == "AccessDenied"
