# mypy: ignore-errors
"""A metric in the style of the AWS sample: no types, and a client at module level."""

from __future__ import annotations

import boto3

from ds_dashboard.metrics import Metric

sagemaker = boto3.client("sagemaker")


class EndpointsOfTheSample(Metric):
    def _compute_value(self):
        return len(sagemaker.list_endpoints(StatusEquals="InService")["Endpoints"])

    def get_iam_permissions(self, region, account_id):
        return [
            {
                "Effect": "Allow",
                "Action": ["sagemaker:ListEndpoints"],
                "Resource": [f"arn:aws:sagemaker:{region}:{account_id}:*", "*"],
            }
        ]
