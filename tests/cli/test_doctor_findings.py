"""What `ds-dashboard doctor` says about installations of which only a part exists, without Terraform."""

from __future__ import annotations

import itertools
import json
import shlex
import time
from datetime import timedelta
from typing import Any

import pytest
from tests.support import pages
from tests.support.events import RUN, run_event
from tests.support.tables import HUB, OTHER, REGION, SPOKE, HubTables

from ds_dashboard_cli.doctor import spoke

_TABLES = {"HISTORY": "metrics", "LATEST": "latest", "SPOKES": "spokes"}


def _findings(hub: HubTables, side: str = "hub", code: int = 1) -> list[dict[str, Any]]:
    return hub.lines("doctor", "--side", side, "--all", code=code)


def _about(hub: HubTables, thing: str, side: str = "hub") -> list[dict[str, Any]]:
    return [finding for finding in _findings(hub, side) if finding["Thing"] == thing]


def test_a_half_destroyed_hub_is_checked(hub: HubTables) -> None:
    """Its tables have the values: "does not exist" would be wrong, and what is missing is listed."""
    hub.account.lambda_.delete_function(FunctionName=f"{hub.name}-watch")
    (bus,) = _about(hub, f"event bus {hub.name}-hub")
    assert (bus["Status"], bus["Cause"]) == ("BROKEN", "does not exist.")
    assert {one["Status"] for one in _about(hub, f"table {hub.name}-latest")} == {"ok"}
    for table in ("metrics", "latest", "spokes"):
        hub.account.dynamodb.delete_table(TableName=f"{hub.name}-{table}")
    assert f"hub {hub.name}: does not exist in account {HUB}" in hub.run("doctor", "--side", "hub", code=1).stderr


def test_a_spoke_that_is_gone_can_be_forgotten_or_registered(hub: HubTables) -> None:
    """The fix has both ways, and the warning ends after either."""
    hub.send(RUN, run_event())
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    (warning,) = _about(hub, "spoke P/dev")
    assert warning["Status"] == "WARNING"
    assert "Forget it if it was removed or renamed. If the account is meant to report" in warning["Cause"]
    command, _, other = warning["Cure"].partition("    # or, if its owner confirms: ")
    assert command.startswith(f"ds-dashboard spokes forget P/dev --name {hub.name}")
    # The operator fills in the account. What the doctor prints registers nobody.
    value = dict(itertools.pairwise(shlex.split(other)))["--value"]
    assert other.startswith(f"aws ssm put-parameter --type String --name {hub.path}/P/dev --value {value} --region ")
    assert value == "ACCOUNT_ID"
    hub.register("P/dev", value.replace("ACCOUNT_ID", SPOKE))
    assert {one["Status"] for one in _about(hub, "spoke P/dev")} == {"ok"}
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    hub.run("spokes", "forget", "P/dev", "--yes")
    assert _about(hub, "spoke P/dev") == []


@pytest.mark.parametrize(
    ("look_back", "words"),
    [(timedelta(days=2), "since its log group was created"), (timedelta(0), "in the last 0 days")],
    ids=["minutes old", "older than two days"],
)
def test_a_new_function_has_not_run_since_it_was_created(
    hub: HubTables, look_back: timedelta, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a function that is minutes old, "has not run in the last 2 days" would be misleading."""
    monkeypatch.setattr(spoke, "_LOOK_BACK", look_back)
    hub.function("extract", "def handler(event, context):\n    return {}\n")
    hub.account.logs.create_log_group(logGroupName=f"/aws/lambda/{hub.name}-extract")
    (warning,) = _about(hub, f"extraction of {hub.name}-extract", "spoke")
    assert f"has not run {words}" in warning["Cause"]


@pytest.mark.parametrize("side", ["hub", "spoke"])
def test_installations_that_read_the_same_parameters_are_noticed(hub: HubTables, side: str) -> None:
    """The default paths are the same for all installations. The description of a bus ends with its path."""
    path = hub.path if side == "hub" else "/monitors"
    others = {f"{hub.name}same": path, f"{hub.name}below": f"{path}/team", f"{hub.name}beside": f"{path}-other"}
    for name, its_path in others.items():
        hub.account.events.create_event_bus(Name=f"{name}-{side}", Description=f"They are below {its_path}")
    hub.function("extract", "def handler(event, context):\n    return {}\n")
    warnings = [one for one in _about(hub, f"parameters below {path}", side) if "of this account" in one["Cause"]]
    assert sorted(one["Cause"].split()[1] for one in warnings) == [f"{hub.name}below", f"{hub.name}same"]
    assert {one["Status"] for one in warnings} == {"WARNING"}
    assert all(("monitors_path" if side == "spoke" else "monitored_projects_path") in one["Cure"] for one in warnings)


def _recreate_role(hub: HubTables, name: str) -> None:
    iam = hub.account.iam
    document = json.dumps(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)
    time.sleep(1.1)  # IAM's dates have no fractions of a second
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)


def test_a_function_whose_role_was_created_again_must_be_replaced(hub: HubTables) -> None:
    """Lambda's grant to decrypt the environment is for the unique ID of the previous role."""
    thing, words = f"function {hub.name}-watch", "was deleted and created again"
    role = hub.account.lambda_.get_function_configuration(FunctionName=f"{hub.name}-watch")["Role"].rsplit("/", 1)[-1]
    assert not [one for one in _about(hub, thing) if words in one["Cause"]]
    _recreate_role(hub, role)
    (found,) = [one for one in _about(hub, thing) if words in one["Cause"]]
    assert found["Cure"].startswith("terraform apply '-replace=module.hub.aws_lambda_function.functions[\"watch\"]'")
    hub.account.iam.delete_role(RoleName=role)
    (missing,) = _about(hub, f"role {role}")
    assert (missing["Status"], missing["Cause"]) == ("BROKEN", "does not exist.")
    assert missing["Cure"] == found["Cure"]


def test_code_that_terraform_did_not_deploy_is_noticed(hub: HubTables) -> None:
    """Terraform's state has the new hash even if the update of the code failed."""
    thing, name = f"function {hub.name}-watch", f"{hub.name}-watch"
    code = hub.account.lambda_.get_function_configuration(FunctionName=name)["CodeSha256"]
    for recorded, finding in ((code, False), ("another", True)):
        hub.account.lambda_.update_function_configuration(
            FunctionName=name, Environment={"Variables": {"DS_DASHBOARD_PACKAGE_SHA256": recorded}}
        )
        found = [one for one in _about(hub, thing) if "runs another package" in one["Cause"]]
        assert bool(found) is finding
    assert f"CodeSha256 is {code}, expected another" in found[0]["Cause"]
    assert "-replace" in found[0]["Cure"]


def test_each_variable_that_a_function_reads_is_checked(hub: HubTables) -> None:
    """Without one of them, each batch of events fails, and everything else looks healthy."""
    url = hub.account.sqs.create_queue(QueueName=f"{hub.name}-rejected")["QueueUrl"]
    variables = {
        "DS_DASHBOARD_NAME": hub.name,
        **{f"DS_DASHBOARD_{one}_TABLE": f"{hub.name}-{name}" for one, name in _TABLES.items()},
        "DS_DASHBOARD_REJECTED_QUEUE_URL": url,
        "DS_DASHBOARD_MONITORED_PROJECTS_PATH": hub.path,
    }
    hub.function("archive", "def handler(event, context):\n    return {}\n", **variables)
    for change, cause in (
        ({}, None),
        ({"DS_DASHBOARD_REJECTED_QUEUE_URL": None}, "REJECTED_QUEUE_URL is not set: it fails each time that it runs."),
        ({"DS_DASHBOARD_REJECTED_QUEUE_URL": f"{url}x"}, f"REJECTED_QUEUE_URL is '{url}x', expected '{url}'."),
        ({"DS_DASHBOARD_NAME": "other"}, f"DS_DASHBOARD_NAME is 'other', expected '{hub.name}'."),
        ({"DS_DASHBOARD_RETENTION_DAYS": "soon"}, "RETENTION_DAYS is 'soon', which is not a number of days: it fails"),
    ):
        changed = {name: value for name, value in {**variables, **change}.items() if value is not None}
        hub.account.lambda_.update_function_configuration(
            FunctionName=f"{hub.name}-archive", Environment={"Variables": changed}
        )
        causes = [one["Cause"] for one in _about(hub, f"function {hub.name}-archive") if "DS_DASHBOARD" in one["Cause"]]
        assert len(causes) == (cause is not None)
        assert not causes or cause in causes[0]


def test_policies_that_were_added_to_a_role_are_noticed(hub: HubTables) -> None:
    """A Deny is not a missing permission: to apply the module would not help."""
    iam = hub.account.iam
    role = hub.account.lambda_.get_function_configuration(FunctionName=f"{hub.name}-watch")["Role"].rsplit("/", 1)[-1]
    more = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Action": "dynamodb:Scan", "Resource": "*"}
    managed = iam.create_policy(PolicyName=f"{hub.name}-more", PolicyDocument=json.dumps({"Statement": [more]}))
    iam.attach_role_policy(RoleName=role, PolicyArn=managed["Policy"]["Arn"])
    iam.put_role_policy(RoleName=role, PolicyName="freeze", PolicyDocument=json.dumps({"Statement": [deny]}))
    found = {one["Cause"]: one for one in _about(hub, f"role {role}")}
    (denied,) = [one for cause, one in found.items() if "explicitly denies" in cause]
    assert denied["Status"] == "BROKEN"
    assert "inline policy freeze explicitly denies dynamodb:Scan on arn:aws:dynamodb:" in denied["Cause"]
    assert denied["Cure"].startswith(f"aws iam delete-role-policy --role-name {role} --policy-name freeze")
    assert not any("does not allow dynamodb:Scan" in cause for cause in found)
    (added,) = [one for cause, one in found.items() if f"policy/{hub.name}-more" in cause]
    assert added["Status"] == "WARNING"
    assert added["Cure"].startswith(f"aws iam detach-role-policy --role-name {role} --policy-arn arn:aws:iam::")


def test_a_statement_that_was_added_to_a_function_is_noticed(hub: HubTables) -> None:
    """Somebody else may invoke the function then."""
    hub.account.lambda_.add_permission(
        FunctionName=f"{hub.name}-watch",
        StatementId="Extra",
        Action="lambda:InvokeFunction",
        Principal="999999999999",
    )
    (found,) = _about(hub, f"policy of function {hub.name}-watch")
    assert (found["Status"], "statement Extra" in found["Cause"], "999999999999" in found["Cause"]) == (
        "WARNING",
        True,
        True,
    )
    assert found["Cure"].startswith(
        f"aws lambda remove-permission --function-name {hub.name}-watch --statement-id Extra"
    )


def _policy(*sids: str) -> str:
    statements = [
        {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "sqs:SendMessage", "Resource": "*"}
        for sid in sids
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize(
    ("role", "own", "cure"),
    [
        ("events", "ArchiveRule", "terraform apply    # the root with modules/hub"),
        ("rule-dead-letters", "EventBridge", "terraform apply    # the root with modules/hub"),
        ("rejected", None, "aws sqs set-queue-attributes --queue-url "),
        ("events-dead-letters", None, "aws sqs set-queue-attributes --queue-url "),
        ("function-dead-letters", None, "aws sqs set-queue-attributes --queue-url "),
    ],
)
def test_a_statement_that_was_added_to_a_queue_is_noticed(
    hub: HubTables, role: str, own: str | None, cure: str
) -> None:
    """Somebody else may send what an operator redrives. Terraform does not read a policy that it has not written."""
    policy = _policy(*filter(None, [own, "Extra"]))
    hub.account.sqs.create_queue(QueueName=f"{hub.name}-{role}", Attributes={"Policy": policy})
    added = [one for one in _about(hub, f"policy of queue {hub.name}-{role}") if "not of the modules" in one["Cause"]]
    assert [(one["Status"], one["Cause"]) for one in added] == [
        (
            "WARNING",
            f'has the statement Extra, which is not of the modules: {{"AWS": "{OTHER}"}} may sqs:SendMessage.',
        )
    ]
    assert added[0]["Cure"].startswith(cure)
    command = shlex.split(added[0]["Cure"])
    if own is None:
        attributes = json.loads(command[command.index("--attributes") + 1])
        url = command[command.index("--queue-url") + 1]
        hub.account.sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        assert "not of the modules" not in str(_about(hub, f"policy of queue {hub.name}-{role}"))


@pytest.mark.parametrize(("side", "own"), [("hub", "Spokes"), ("spoke", "Hubs")])
def test_a_statement_that_was_added_to_a_bus_is_noticed(hub: HubTables, side: str, own: str) -> None:
    """Without a registered peer, no connection manages the policy of the bus, and no plan shows it."""
    bus = f"{hub.name}-{side}"
    hub.account.events.create_event_bus(Name=bus)
    for sid in (own, "Extra"):
        hub.account.events.put_permission(EventBusName=bus, StatementId=sid, Action="events:PutEvents", Principal=OTHER)
    (added,) = [one for one in _about(hub, f"policy of event bus {bus}", side) if "not of the modules" in one["Cause"]]
    assert (added["Status"], OTHER in added["Cause"]) == ("WARNING", True)
    assert added["Cause"].startswith("has the statement Extra, ")
    assert added["Cure"].startswith(f"aws events remove-permission --event-bus-name {bus} --statement-id Extra")


@pytest.mark.parametrize("rule", ["archive", "to-spoke"])
def test_a_target_that_was_added_to_a_rule_is_noticed(hub: HubTables, rule: str) -> None:
    """It gets a copy of every event."""
    events, bus, name = hub.account.events, f"{hub.name}-hub", f"{hub.name}-{rule}"
    hub.register("P/dev", HUB)
    events.create_event_bus(Name=bus)
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": ["metric_extractor"]}))
    target = hub.account.arn("events", f"event-bus/{hub.name}-spoke")
    events.create_event_bus(Name=f"{hub.name}-spoke")
    own = target if rule == "to-spoke" else hub.account.arn("sqs", f"{hub.name}-events")
    other = hub.account.arn("sqs", "elsewhere")
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "own", "Arn": own}, {"Id": "x", "Arn": other}])
    (added,) = [one for one in _about(hub, f"rule {name}") if one["Status"] == "WARNING"]
    assert added["Cause"] == f"also sends to {other}, which is not of the modules. No plan shows it."
    assert added["Cure"].startswith(f"aws events remove-targets --rule {name} --event-bus-name {bus} --ids x --region")


def test_two_spokes_of_an_account_that_report_its_metrics_are_noted(
    hub: HubTables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cost of an account is the same in each of its spokes, and a sum over spokes counts it twice."""
    scopes = {"Cost": "account", "Findings": "account", "Jobs": "region"}
    manifest = {name: {"scope": scope} for name, scope in scopes.items()}
    monkeypatch.setattr("ds_dashboard_cli.doctor.shared_metrics._manifest", lambda: manifest)
    hub.register("P/prod")
    hub.register("P/test")
    hub.send(RUN, run_event(Metrics=["Cost", "Jobs", "Own"]), run_event(Environment="test", Metrics=["Findings"]))
    hub.send(RUN, run_event(ProjectName="Q", Environment="prod", Metrics=["Cost", "Findings"]), account=OTHER)
    assert [one for one in _findings(hub) if one["Status"] == "NOTE"] == []
    hub.send(RUN, run_event(Environment="prod", Metrics=["Cost", "Jobs", "Findings", "Own"]))
    notes = [(one["Thing"], one["Cause"]) for one in _findings(hub) if one["Status"] == "NOTE"]
    assert [thing for thing, _ in notes] == ["metric Cost", "metric Findings"]
    assert f"the whole account {SPOKE}, and P/dev, P/prod of it all report that" in notes[0][1]
    assert "keep it in `metrics` of one of them" in notes[0][1]


@pytest.mark.parametrize(("kind", "value"), [("SecureString", SPOKE), ("StringList", f"{SPOKE},{OTHER}")])
def test_the_fix_of_a_registration_keeps_to_what_aws_accepts(hub: HubTables, kind: str, value: str) -> None:
    """AWS refuses to change a type: a SecureString is deleted first, and what is overwritten keeps its type."""
    hub.account.events.create_event_bus(Name=f"{hub.name}-hub")
    hub.account.ssm.delete_parameter(Name=f"{hub.path}/P/dev")
    hub.account.ssm.put_parameter(Name=f"{hub.path}/P/dev", Value=value, Type=kind)
    (finding,) = _about(hub, f"parameter {hub.path}/P/dev")
    assert finding["Status"] == "BROKEN"
    assert SPOKE not in finding["Cause"] or kind != "SecureString"
    for line in finding["Cure"].replace("ACCOUNT_ID", SPOKE).split(" && "):
        pages.run_aws(shlex.split(line), lambda service: getattr(hub.account, service))
    assert {one["Status"] for one in _about(hub, f"parameter {hub.path}/P/dev")} == {"ok"}


@pytest.mark.parametrize("role", ["report", "widget"])
def test_a_function_that_not_every_hub_has_is_missed_if_it_was_deleted(hub: HubTables, role: str) -> None:
    """Its log group is left. Without one, the hub never had the function."""
    function = f"function {hub.name}-{role}"
    assert _about(hub, function) == []
    hub.account.logs.create_log_group(logGroupName=f"/aws/lambda/{hub.name}-{role}")
    (missing,) = _about(hub, function)
    assert (missing["Status"], missing["Cause"]) == ("BROKEN", "does not exist.")


def test_a_dashboard_that_was_deleted_is_missed(hub: HubTables) -> None:
    """Only a hub with a widget has one."""
    dashboard = f"{hub.name}-hub-{REGION}"
    assert _about(hub, f"dashboard {dashboard}") == []
    hub.function("widget", "def handler(event, context):\n    return ''\n")
    (missing,) = _about(hub, f"dashboard {dashboard}")
    assert missing["Status"] == "BROKEN"
    assert missing["Cause"].startswith("does not exist")
    hub.account.cloudwatch.put_dashboard(DashboardName=dashboard, DashboardBody='{"widgets": []}')
    (found,) = _about(hub, f"dashboard {dashboard}")
    assert found["Status"] == "ok"
