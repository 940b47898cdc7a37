"""Values of your own."""

from __future__ import annotations

import boto3
from botocore.exceptions import ClientError

from ds_dashboard.testing import Scenario

ARGUMENTS = {"parameter_name": "/team/quality"}


def a_parameter() -> None:
    """Create the parameter."""
    boto3.client("ssm").put_parameter(Name=ARGUMENTS["parameter_name"], Value="0.93", Type="String")


SCENARIOS = [
    Scenario("SSMParameterValue", value="0.93", arguments=ARGUMENTS, seed=a_parameter, empty=ClientError),
    # Everybody who can read the hub would see it, and its ciphertext would be useless.
    Scenario(
        "SSMParameterValue",
        fails="/team/quality is a SecureString",
        arguments=ARGUMENTS,
        answers={"ssm.get_parameter": {"Parameter": {"Value": "AQICAH", "Type": "SecureString"}}},
        title="a secret",
    ),
]
