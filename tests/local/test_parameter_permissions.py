"""Permissions on several parameters at once, by the name of each."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from ds_dashboard_local import LocalCloud

ACCOUNT = "410000000001"


@pytest.mark.parametrize("operation", ["get_parameters", "get_parameters_by_path"])
def test_each_named_parameter_is_asked_for_and_a_path_too(local_cloud: LocalCloud, operation: str) -> None:
    """One name outside the policy refuses the whole call, as on AWS."""
    iam = local_cloud.client("iam", ACCOUNT)
    ssm = local_cloud.client("ssm", ACCOUNT)
    for name in ("/mine/a", "/mine/b", "/other/c"):
        ssm.put_parameter(Name=name, Value="v", Type="String", Overwrite=True)
    role = f"reader-{operation}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    resources = [f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/mine", f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/mine/*"]
    statement = {
        "Effect": "Allow",
        "Action": ["ssm:GetParameters", "ssm:GetParametersByPath"],
        "Resource": resources,
    }
    iam.put_role_policy(
        RoleName=role,
        PolicyName="read",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    reader = local_cloud.client_as_role("ssm", arn)
    allowed, refused = (
        ({"Names": ["/mine/a", "/mine/b"]}, {"Names": ["/mine/a", "/other/c"]})
        if operation == "get_parameters"
        else ({"Path": "/mine"}, {"Path": "/other"})
    )
    assert len(getattr(reader, operation)(**allowed)["Parameters"]) == 2
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(reader, operation)(**refused)
