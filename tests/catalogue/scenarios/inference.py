"""Endpoints."""

from __future__ import annotations

from typing import Any

import boto3
from moto.sagemaker.models import sagemaker_backends

from ds_dashboard.testing import Scenario

ACCOUNT, REGION = "123456789012", "eu-west-1"


def three_endpoints_and_one_in_creation() -> None:
    """Create endpoints, which are in service at once in moto."""
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="model", ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/any")
    variant: Any = {
        "VariantName": "all",
        "ModelName": "model",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    sagemaker.create_endpoint_config(EndpointConfigName="config", ProductionVariants=[variant])
    for name in ("one", "two", "three", "in-creation"):
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName="config")
    sagemaker_backends[ACCOUNT][REGION].endpoints["in-creation"].endpoint_status = "Creating"


SCENARIOS = [Scenario("NumberEndPointsInService", value=3, seed=three_endpoints_and_one_in_creation)]
