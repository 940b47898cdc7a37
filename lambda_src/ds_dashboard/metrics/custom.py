"""Values of your own, which other programs write: SSM parameters."""

from __future__ import annotations

from typing import Any

from ds_dashboard.metrics import Metric


class SSMParameterValue(Metric):
    """The value of a parameter in SSM Parameter Store, as text.

    It reads no SecureString: everybody who reads the hub would see the secret. It does not say when the parameter was
    written last: a program that stopped writing it leaves the last value.
    """

    calls = "1"
    arguments = {
        "parameter_name": {
            "type": "string",
            "required": True,
            "description": "The parameter's name, with or without a slash in front: /team/quality or quality.",
        }
    }
    _iam_permissions = Metric._iam_permissions + [
        {
            "Action": "ssm:GetParameter",
            "Resource": "arn:**PARTITION**:ssm:**REGION**:**ACCOUNT_ID**:"
            "parameter/**ARG:parameter_name|no-leading-slash**",
        }
    ]

    def _compute_value(self) -> Any:
        name = self.arguments["parameter_name"]
        parameter = self.client("ssm").get_parameter(Name=name)["Parameter"]
        # Without decryption, the value is the ciphertext. With it, everybody who reads the hub would see a secret.
        if parameter["Type"] == "SecureString":
            raise ValueError(f"{name} is a SecureString; choose a parameter that is not a secret")
        return parameter["Value"]
