"""The permissions of the extraction function: exactly those that its metrics declare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.identity import Names
from ds_dashboard_cli.doctor import policies
from ds_dashboard_cli.packaging import policy
from ds_dashboard_dev.checkout import CHECKOUT

from .cases import CHINA, LONGEST, MANIFEST, SHORT, SIXTY
from .planner import CasesRoot, Plan

FUNCTION = "aws_lambda_function.extractor"
FOR_PEOPLE = ("operator_policy_json", "reader_policy_json")
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/ds-dashboard-spoke"
PARAMETERS = "arn:aws:ssm:eu-west-1:111111111111:parameter"


@pytest.fixture
def sixty(planned: Plan) -> Plan:
    return planned.case("sixty")


@pytest.fixture
def filled(planned: Plan) -> Plan:
    return planned.case("filled")


def test_a_function_that_left_its_vpc_may_still_delete_its_network_interfaces(planned: Plan) -> None:
    """Lambda deletes them up to 20 minutes later, with the function's role. The module's README relies on it."""
    spoke = planned.case("left-vpc")
    assert "ec2:DeleteNetworkInterface" in json.dumps(spoke.values["aws_iam_role_policy.runtime"]["policy"])
    (network,) = spoke.values[FUNCTION]["vpc_config"]
    assert not network["subnet_ids"]
    assert not network["security_group_ids"]
    outside = planned.case("filled").values
    assert "ec2:" not in json.dumps(outside["aws_iam_role_policy.runtime"]["policy"])


def _grants(statements: Iterable[Mapping[str, Any]]) -> set[tuple[str, str, str]]:
    """Return each action on each resource under each condition."""
    listed = [
        {key: [value] if isinstance(value, str) else value for key, value in statement.items()}
        for statement in statements
    ]
    return {
        (action, resource, json.dumps(statement.get("Condition"), sort_keys=True))
        for statement in listed
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_sixty_metrics_fit_into_a_role(sixty: Plan) -> None:
    """Without merging, IAM would reject them: it limits the total size of a role's policies."""
    inline = [values["policy"] for address, values in sixty.values.items() if "aws_iam_role_policy" in address]
    assert len(inline) == 2
    assert sum(len(json.dumps(policy, separators=(",", ":"))) for policy in inline) < 10_240
    declared = [statement for statements in sixty.outputs["metric_permissions"].values() for statement in statements]
    assert len(json.dumps(declared, separators=(",", ":"))) > 10_240


def test_merging_keeps_exactly_the_declared_permissions(sixty: Plan) -> None:
    """Merging by resources only would apply the condition of one metric to another."""
    policy = sixty.outputs["iam_policy_json"]["Statement"]
    declared = [statement for statements in sixty.outputs["metric_permissions"].values() for statement in statements]
    assert _grants(policy) == _grants(declared)
    assert {statement["Effect"] for statement in policy} == {"Allow"}
    assert len(policy) == 3, "one for all resources, one for the buckets, one for those under a condition"


def test_the_policy_shown_is_the_policy_given(sixty: Plan) -> None:
    """A review of `iam_policy_json` reviews the permissions in effect."""
    assert sixty.values["aws_iam_role_policy.metrics"]["policy"] == sixty.outputs["iam_policy_json"]


@pytest.mark.parametrize(
    ("case", "manifest", "chosen"),
    [
        ("sixty", None, [(name, {}) for name in SIXTY]),
        (
            "filled",
            CHECKOUT / "tests" / "terraform" / "fixtures" / "metrics.json",
            [
                ("SSMParameterValue", {"parameter_name": "/team/x"}),
                ("SSMParameterValue", {"parameter_name": "x"}),
                ("SSMParameterValue", {"parameter_name": 'a"b\\c<d>'}),
                ("TaggedBuckets", {}),
                *(("TaggedBuckets", {"prefix": prefix}) for prefix in ("models", "data", "logs")),
                ("QueueAge", {}),
                ("QueueAge", {"queue": "a"}),
                ("QueueAge", {"queue": "b"}),
            ],
        ),
    ],
)
def test_the_policy_that_the_command_prints_is_the_planned_policy(
    case: str, manifest: Path | None, chosen: list[tuple[str, dict[str, str]]], planned: Plan, planned_root: CasesRoot
) -> None:
    """`ds-dashboard metrics --policy` fills in and merges without Terraform."""
    document = json.loads((manifest or planned_root.folder / MANIFEST).read_text())
    spoke = {"PARTITION": "aws", "REGION": "eu-west-1", "ACCOUNT_ID": "111111111111", "EVENT_BUS": "ds-dashboard-spoke"}
    values = {**spoke, "PROJECT_NAME": "Project1", "ENVIRONMENT": "dev"}
    printed = policy.build(document, [policy.Instance(*one) for one in chosen], values)
    assert printed == planned.case(case).outputs["iam_policy_json"]


def test_permissions_are_listed_by_metric(sixty: Plan) -> None:
    """A reviewer sees which metric needs a permission."""
    assert set(sixty.outputs["metric_permissions"]) == set(SIXTY)


def test_placeholders_are_filled_from_account_and_variables(sixty: Plan) -> None:
    """In conditions too, where an unfilled placeholder would never match."""
    text = json.dumps(sixty.outputs["iam_policy_json"])
    assert "**" not in text
    assert "arn:aws:s3:::models-111111111111-eu-west-1" in text
    assert "arn:aws:s3:::data-Project1-dev" in text
    assert '{"s3:prefix": ["Project1/*"]}' in text


def test_arguments_fill_permissions(filled: Plan) -> None:
    """Given values and defaults, separately for each instance."""
    permissions = filled.outputs["metric_permissions"]
    assert permissions["Data"] == [
        {
            "Action": ["s3:ListBucket"],
            "Resource": ["arn:aws:s3:::data-Project1-dev"],
            "Condition": {"StringEquals": {"aws:ResourceAccount": "111111111111"}},
        }
    ]
    assert permissions["Models"][0]["Resource"] == ["arn:aws:s3:::models-Project1-dev"]


def test_a_parameters_slash_is_not_doubled(filled: Plan) -> None:
    """`parameter//team/x` matches no parameter, and the call would be denied."""
    permissions = filled.outputs["metric_permissions"]
    assert permissions["Deep"][0]["Resource"] == [f"{PARAMETERS}/team/x"]
    assert permissions["Plain"][0]["Resource"] == [f"{PARAMETERS}/x"]


def test_a_value_is_escaped_in_a_policy(filled: Plan) -> None:
    """Placeholders are replaced in JSON text. A quote in an argument must not add a resource."""
    assert filled.outputs["metric_permissions"]["Quoted"][0]["Resource"] == [f'{PARAMETERS}/a"b\\c<d>']


def test_the_function_gets_arguments_unchanged(filled: Plan) -> None:
    """With the leading slash: the filter is for the ARN only."""
    environment = filled.values[FUNCTION]["environment"][0]["variables"]
    assert environment["DS_DASHBOARD_METRIC_INSTANCES"]["Deep"]["arguments"] == {"parameter_name": "/team/x"}


def test_a_function_without_metrics_can_only_report(planned: Plan) -> None:
    """The base permissions are to put events on its own bus."""
    statements = planned.case("other-spoke").outputs["iam_policy_json"]["Statement"]
    assert _grants(statements) == {("events:PutEvents", BUS.replace("ds-dashboard", "other"), "null")}


@pytest.mark.parametrize(("partition", "region"), [("aws", "ap-northeast-3"), ("aws-us-gov", "us-gov-west-1")])
@pytest.mark.parametrize("case", ["hub-everything", "spoke-everything"])
def test_a_policy_for_people_fits_into_a_managed_policy(planned: Plan, case: str, partition: str, region: str) -> None:
    """6,144 characters, with everything that an installation can have, for the longest name, region and partition."""
    outputs = planned.case(case).outputs
    sizes = [
        len(
            json.dumps(outputs[name], separators=(",", ":"))
            .replace(outputs["name"], LONGEST)
            .replace("arn:aws:", f"arn:{partition}:")
            .replace("eu-west-1", region)
        )
        for name in outputs
        if name in FOR_PEOPLE
    ]
    assert sizes
    assert max(sizes) <= 6144


@pytest.mark.parametrize(
    ("partition", "region", "accounts"),
    [("aws", "ap-southeast-1", 304), ("aws-cn", "cn-northwest-1", 278), ("aws-us-gov", "us-gov-west-1", 250)],
)
def test_a_bus_policy_names_as_many_accounts_as_documented(
    planned: Plan, partition: str, region: str, accounts: int
) -> None:
    """EventBridge allows 10,240 characters. Longer names of partition and region leave less space."""
    address = "module.hub_forwarding[0].aws_cloudwatch_event_bus_policy.this"
    policy = planned.case("connection-hub").values[address]["policy"]
    (statement,) = policy["Statement"]

    def size(count: int) -> int:
        principals = [f"arn:aws:iam::{number}:root" for number in range(10**11, 10**11 + count)]
        full = {**policy, "Statement": [{**statement, "Principal": {"AWS": principals}}]}
        text = json.dumps(full, separators=(",", ":"))
        return len(text.replace("arn:aws:", f"arn:{partition}:").replace(":eu-west-1:", f":{region}:"))

    assert size(accounts) <= 10_240 < size(accounts + 1)
    in_partition = f"{accounts} accounts" if partition == "aws" else f"{accounts} in `{partition}`"
    assert in_partition in (CHECKOUT / "docs/scale.md").read_text()


@pytest.mark.parametrize("module", ["hub", "spoke", "connection"])
def test_another_partition_has_its_own_arns(planned: Plan, module: str) -> None:
    """IAM rejects a policy with an ARN of another partition, and some services have other names there."""
    plan = planned.case(f"china-{module}")
    text = json.dumps([plan.values, plan.outputs])
    assert "arn:aws:" not in text
    assert "arn:aws-cn:" in text
    if "kms_key_policy_json" in plan.outputs:
        logs = plan.outputs["kms_key_policy_json"]["Statement"][-1]["Principal"]
        assert logs == {"Service": f"logs.{CHINA}.amazonaws.com.cn"}


@pytest.mark.parametrize("name", [LONGEST, SHORT])
@pytest.mark.parametrize("side", ["hub", "spoke"])
def test_the_doctor_knows_the_sids_of_a_key_policy(planned: Plan, name: str, side: str) -> None:
    """It names the statement that is missing."""
    statements = planned.case(f"{name}-{side}").outputs["kms_key_policy_json"]["Statement"]
    assert all(one["Sid"].startswith(f"{Names(name).key_sid}{side.title()}") for one in statements)


def test_no_policy_decrypts_anything_but_what_services_and_buses_encrypted(planned: Plan) -> None:
    """A company's key often encrypts other data too: a function or a person of the dashboard must not read it."""
    documents = [
        *((address, values.get("policy")) for address, values in planned.values.items() if "_role_policy." in address),
        *((name, outputs.get(name)) for outputs in planned.outputs.values() for name in FOR_PEOPLE),
    ]
    found = [
        (place, statement)
        for place, policy in documents
        for statement in (policy or {}).get("Statement", ())
        if {"kms:Decrypt", "kms:GenerateDataKey", "kms:*", "*"} & set(statement["Action"])
    ]
    assert len(found) > 10
    for place, statement in found:
        (condition,) = statement["Condition"].items()
        ((key, values),) = condition[1].items()
        assert (condition[0], key) in {
            ("StringEquals", "kms:ViaService"),
            ("StringEquals", "kms:EncryptionContext:aws:events:event-bus:arn"),
        }, (place, statement)
        assert "*" not in json.dumps(values)


@pytest.mark.parametrize(
    ("case", "bus", "allowed"),
    [
        ("hub-everything", "arn:aws:events:eu-west-1:222222222222:event-bus/ds-dashboard-spoke", True),
        ("hub-everything", "arn:aws:events:us-east-1:333333333333:event-bus/other-spoke", True),
        ("hub-everything", "arn:aws:events:eu-west-1:111111111111:event-bus/team-a-hub", True),
        ("hub-everything", "arn:aws:events:eu-west-1:222222222222:event-bus/ds-dashboard-hub", False),
        ("hub-everything", "arn:aws:events:eu-west-1:222222222222:event-bus/orders", False),
        ("hub-everything", "arn:aws:events:eu-west-1:222222222222:event-bus/default", False),
        ("china-hub", f"arn:aws-cn:events:cn-northwest-1:222222222222:event-bus/{SHORT}", True),
        ("china-hub", "arn:aws-cn:events:cn-northwest-1:222222222222:event-bus/orders", False),
    ],
)
def test_an_operator_of_the_hub_can_put_refreshes_on_buses_of_spokes(
    planned: Plan, case: str, bus: str, allowed: bool
) -> None:
    """Those that modules/spoke names, and those that are registered. No other bus of any account."""
    operator = [planned.case(case).outputs["operator_policy_json"]]
    refresh = {"events:source": "metric_extractor", "events:detail-type": "metric_extractor"}
    assert policies.allows(operator, "events:PutEvents", bus, request_context=refresh) == allowed
    failure = {**refresh, "events:detail-type": "metric_extractor_failure"}
    assert not policies.allows(operator, "events:PutEvents", bus, request_context=failure)
    assert not policies.allows(operator, "events:PutEvents", bus)
