"""Each `applier-policy.json` is small enough to be attached, and grants access to this system only.

The applied examples show that it is sufficient: their users have no other permissions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .appliers import document_of
from .world import ALL_MODULES, ENCRYPTED_ROOT, World

# Actions that do not support resources, or whose resource does not exist yet. The mapping from a queue to a function
# has the function as a condition.
EVERYWHERE = {
    "cloudwatch:DescribeAlarms",
    "events:ListEventBuses",
    "events:PutPermission",
    "events:RemovePermission",
    "kms:CreateKey",
    "kms:DescribeKey",
    "kms:ListAliases",
    "lambda:CreateEventSourceMapping",
    "lambda:DeleteEventSourceMapping",
    "lambda:UpdateEventSourceMapping",
    "logs:DescribeLogGroups",
    "ssm:DescribeParameters",
}
FOREIGN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "a queue": ("sqs", lambda client: client.create_queue(QueueName="payroll")),
    "a role": ("iam", lambda client: client.create_role(RoleName="payroll", AssumeRolePolicyDocument="{}")),
    "a role's policy": ("iam", lambda client: client.get_role_policy(RoleName="payroll", PolicyName="payroll")),
    "a parameter": ("ssm", lambda client: client.get_parameter(Name="/payroll/password")),
    "a function": ("lambda", lambda client: client.get_function(FunctionName="payroll")),
    "a table": ("dynamodb", lambda client: client.delete_table(TableName="payroll")),
    "the values": ("dynamodb", lambda client: client.scan(TableName="ds-dashboard-latest")),
    "a training job": ("sagemaker", lambda client: client.list_training_jobs()),
}


@pytest.mark.parametrize("folder", [*ALL_MODULES, ENCRYPTED_ROOT])
def test_a_policy_fits_into_one_managed_policy(folder: str) -> None:
    """The READMEs promise it. The limit is 6,144 characters without whitespace."""
    assert len(json.dumps(json.loads(document_of(folder)), separators=(",", ":"))) <= 6_144


@pytest.mark.parametrize("folder", [*ALL_MODULES, ENCRYPTED_ROOT])
def test_a_policy_names_its_resources(folder: str) -> None:
    """No action has a wildcard, and no resource is `*` if AWS supports a name."""
    for statement in json.loads(document_of(folder))["Statement"]:
        actions = statement["Action"]
        resources = [statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"]
        assert not [action for action in actions if "*" in action]
        assert resources != ["*"] or set(actions) <= EVERYWHERE
        if "iam:PassRole" in actions:
            assert statement["Condition"]["StringEquals"]["iam:PassedToService"]


@pytest.mark.parametrize("profile", ["hub", "project1", "project1-connection"])
@pytest.mark.parametrize("what", FOREIGN)
def test_an_applier_has_no_access_to_anything_else(what: str, profile: str, world: World) -> None:
    """Neither to other resources in the account, nor to the values and their sources."""
    service, call = FOREIGN[what]
    with pytest.raises(ClientError) as refused:
        call(world.profiles.client(profile, service))
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")
