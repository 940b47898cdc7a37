"""Which IAM action a call of an AWS API needs.

Most operations need the action of their own name. For the others, `operation_actions.json` has what AWS documents
(`make iam-actions`), and the table below has the rest.
"""

from __future__ import annotations

import functools
import json
from importlib.resources import files
from typing import TYPE_CHECKING

from ds_dashboard_cli.authoring import iam_reference

if TYPE_CHECKING:
    from botocore.model import ServiceModel

# Signing name of a service -> its prefix in IAM, where they differ.
_PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag"}
# Service in boto3 and operation -> action, where AWS documents no action, or several for different requests.
EXCEPTIONS = {
    ("budgets", "DescribeBudget"): "budgets:ViewBudget",
    ("budgets", "DescribeBudgets"): "budgets:ViewBudget",
    ("s3", "GetPublicAccessBlock"): "s3:GetBucketPublicAccessBlock",
    ("s3", "HeadBucket"): "s3:ListBucket",
    ("s3", "HeadObject"): "s3:GetObject",
    ("s3", "ListObjects"): "s3:ListBucket",
    ("s3control", "GetPublicAccessBlock"): "s3:GetAccountPublicAccessBlock",
}


@functools.cache
def needed(service: str, operation: str) -> frozenset[str]:
    """Return the actions that can permit a call.

    Args:
        service: the service's name in boto3, such as "cloudwatch".
        operation: the operation's name in the API, such as "GetMetricData".

    Returns:
        Usually one action. Several if the action depends on what the call does; none if it is not known.
    """
    if (service, operation) in EXCEPTIONS:
        return frozenset([EXCEPTIONS[service, operation]])
    model = _model(service)
    prefix = _PREFIXES.get(model.signing_name, model.signing_name)
    known = iam_reference.actions_of(prefix)
    if operation in known:
        return frozenset([f"{prefix}:{operation}"])
    method = model.operation_model(operation).http.get("method")
    if prefix == "apigateway" and method in known:
        # Its actions are the methods of HTTP.
        return frozenset([f"{prefix}:{method}"])
    return frozenset(
        action for action in _documented().get(f"{prefix}:{operation}", ()) if iam_reference.exists(action)
    )


@functools.cache
def _model(service: str) -> ServiceModel:
    import botocore.session

    return botocore.session.get_session().get_service_model(service)


@functools.cache
def _documented() -> dict[str, list[str]]:
    text = files("ds_dashboard_cli.authoring").joinpath("operation_actions.json").read_text(encoding="utf-8")
    documented: dict[str, list[str]] = json.loads(text)
    return documented
