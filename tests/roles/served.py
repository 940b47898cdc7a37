"""Which metrics the local cloud can serve: it has all operations that they call in their scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, EndpointConnectionError
from tests.catalogue.scenarios import scenarios_of

from ds_dashboard.testing import Call, Scenario

from .resources import Client

# Operations whose answers lack what AWS always returns.
_INCOMPLETE = {
    ("iam", "GetAccountSummary"): "whether the root user has a password",
    ("sagemaker", "DescribeProcessingJob"): "the time when the job started",
    ("service-quotas", "GetServiceQuota"): "quotas of other services than VPC",
}
_MISSING = ("has not been implemented", "Unknown ", "not implemented")


def valued(metric: str) -> Scenario:
    """Return the first scenario in which a metric has a value."""
    return next(one for one in scenarios_of(metric) if one.value is not None)


def unserved(metrics: list[str], client: Client) -> dict[str, str]:
    """Return the metrics that need an operation which the local cloud lacks, with this operation."""
    calls = {metric: _calls(valued(metric)) for metric in metrics}
    distinct = {_key(call): call for made in calls.values() for call in made}
    with ThreadPoolExecutor(4) as pool:
        missing = dict(zip(distinct, pool.map(lambda call: _is_missing(call, client), distinct.values()), strict=True))
    needed = {
        metric: [f"{call.service} {call.operation}" for call in made if missing[_key(call)]]
        for metric, made in calls.items()
    }
    return {metric: operations[0] for metric, operations in needed.items() if operations}


def _calls(scenario: Scenario) -> list[Call]:
    with scenario.account() as account:
        account.measure(scenario.metric, **scenario.arguments)
        return list(account.calls)


def _key(call: Call) -> tuple[str, str, str]:
    """Return what decides whether an operation is missing: of these two, the local cloud has a part."""
    partly = call.operation in ("GetMetricData", "Search")
    return call.service, call.operation, repr(call.parameters) if partly else ""


def _is_missing(call: Call, client: Client) -> bool:
    """Make a call as the account's root. Any other error than for a missing operation is the operation's own."""
    if (call.service, call.operation) in _INCOMPLETE:
        return True
    try:
        answer: Mapping[str, Any] = getattr(client(call.service), xform_name(call.operation))(**call.parameters)
    except ClientError as error:
        code, text = error.response["Error"]["Code"], str(error)
        return code.isdecimal() or any(words in text for words in _MISSING)
    except EndpointConnectionError:
        # The service has a host of its own for each account.
        return True
    # CloudWatch without searches and percentiles, and a search that only asks for the number of hits.
    if any(one.get("StatusCode") != "Complete" for one in answer.get("MetricDataResults", ())):
        return True
    return call.operation == "Search" and call.parameters.get("MaxResults") == 1 and "TotalHits" not in answer
