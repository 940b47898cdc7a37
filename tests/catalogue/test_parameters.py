"""Parameters: which values are read."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from ds_dashboard import aws
from ds_dashboard.metrics import registry


@pytest.fixture
def ssm() -> Iterator[Stubber]:
    client = boto3.client("ssm", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
    aws.use("ssm", client)
    with Stubber(client) as stub:
        yield stub
    aws.forget()


def test_a_secret_is_not_read(ssm: Stubber) -> None:
    """Everybody who can read the hub would see it, and its ciphertext would be useless."""
    ssm.add_response("get_parameter", {"Parameter": {"Name": "/key", "Value": "AQICAH", "Type": "SecureString"}})
    metric = registry.create("Key", "SSMParameterValue", {"parameter_name": "/key"}, "Project1", "dev")
    with pytest.raises(ValueError, match="/key is a SecureString"):
        metric._compute_value()
