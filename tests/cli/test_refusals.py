"""What AWS refuses, and how it is explained: the thing, the cause, the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest

from ds_dashboard.client.installation import Call, Installation
from ds_dashboard_cli.aws.failures import explained
from ds_dashboard_local.client.accounts import allow

from .events import RESULT, result
from .world import HUB, Hub

COMMANDS = [("latest",), ("spokes",), ("history", "Jobs"), ("export",), ("refresh",)]


def _refused(hub: Hub, *words: str, **env: Any) -> str:
    told = hub.run(*words, code=1, **env)
    assert told.stdout == ""
    assert "Traceback" not in told.stderr
    return " ".join(told.stderr.split())


def test_a_hub_that_is_not_there_is_named_with_account_and_region(hub: Hub) -> None:
    """Another name, another region, another account: the cure names the option, and the hubs that are there."""
    for words in COMMANDS:
        told = _refused(hub, *words, "--name", "elsewhere")
        assert "hub elsewhere: there is no" in told
        assert f"in account {HUB}, region eu-west-1." in told
        assert hub.name in told
        assert "--name" in told
    other_region = _refused(hub, "history", "Jobs", "--region", "us-east-1")
    assert f"{hub.name}-metrics in account {HUB}, region us-east-1." in other_region


def test_a_denial_names_the_action_the_resource_and_who_was_denied(hub: Hub) -> None:
    """What an administrator needs to know stands in one sentence."""
    nothing = hub.as_role(allow("sts:GetCallerIdentity"))
    for words, action, resource in (
        (("latest",), "dynamodb:Scan", f"table/{hub.name}-latest"),
        (("history", "Jobs"), "dynamodb:Query", f"table/{hub.name}-metrics"),
        (("export",), "dynamodb:Scan", f"table/{hub.name}-metrics"),
        (("spokes",), "dynamodb:Scan", f"table/{hub.name}-spokes"),
        (("refresh",), "lambda:InvokeFunction", f"{hub.name}-refresh"),
    ):
        told = _refused(hub, *words, **nothing)
        assert f"may not {action} on arn:aws:" in told
        assert resource in told
        assert f"arn:aws:sts::{HUB}:assumed-role/{hub.name}-reader" in told


def test_a_reader_without_the_registry_sees_the_tables(hub: Hub) -> None:
    """Less is shown, and what is missing is said."""
    hub.send(RESULT, result())
    tables = [f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{hub.name}-*"]
    reader = hub.as_role(allow(["dynamodb:Scan", "dynamodb:Query"], tables))
    assert "P/dev" in hub.run("latest", **reader).stdout
    spokes = hub.run("spokes", **reader)
    assert "ssm:GetParametersByPath" in spokes.stderr
    assert "lambda:GetFunctionConfiguration" in spokes.stderr


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_comes_from_either_variable(hub: Hub, variable: str) -> None:
    """The AWS CLI reads both, boto3 only one."""
    none: dict[str, Any] = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    assert hub.run("latest", **{**none, variable: "eu-west-1"})
    assert "--region" in _refused(hub, "latest", **none)


def test_credentials_and_profiles_that_are_missing_are_said(hub: Hub, tmp_path: Path) -> None:
    """A profile that does not exist is answered with those that do."""
    none: dict[str, Any] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    assert "AWS credentials: there are none." in _refused(hub, "latest", **none)
    config = tmp_path / "config"
    config.write_text("[profile hub]\nregion = eu-west-1\n[profile spoke]\n")
    told = _refused(hub, "latest", "--profile", "hubb", AWS_CONFIG_FILE=str(config))
    assert "profile hubb: there is no such profile. There are: hub, spoke." in told
    assert "there is no such profile" in _refused(hub, "latest", AWS_CONFIG_FILE=str(config), AWS_PROFILE="hubb")
    config.write_text("[profile hub]\nnonsense")
    assert "AWS configuration" in _refused(hub, "latest", "--profile", "hub", AWS_CONFIG_FILE=str(config))


def test_an_endpoint_that_does_not_answer_is_named(hub: Hub) -> None:
    """With the variable that leads there."""
    told = _refused(hub, "history", "Jobs", AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1")
    assert "http://127.0.0.1:1: cannot be reached" in told
    assert "AWS_ENDPOINT_URL" in told


def test_a_key_that_aws_does_not_know_is_said(hub: Hub) -> None:
    """As is a session whose token is over, below."""
    told = _refused(hub, "history", "Jobs", AWS_ACCESS_KEY_ID="AKIAUNKNOWN", AWS_SECRET_ACCESS_KEY="x")
    assert "AWS credentials" in told
    assert "aws configure" in told


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        ("ExpiredTokenException", "The security token included in the request is expired", "token has expired"),
        ("RequestExpired", "Request has expired.", "token has expired"),
        ("InvalidSignatureException", "Signature not yet current", "clock"),
        ("ThrottlingException", "Rate exceeded", "throttled Query"),
        ("ProvisionedThroughputExceededException", "", "throttled Query"),
        ("AccessDeniedException", "", "may not dynamodb:Query on table hub-metrics"),
        ("InternalServerError", "oops", "table hub-metrics: Query failed: InternalServerError: oops"),
    ],
)
def test_answers_of_aws_are_put_into_words(code: str, message: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the local cloud does not give."""
    monkeypatch.setattr(Installation, "caller", "arn:aws:iam::1:user/me")
    hub = Installation("hub", None, "eu-west-1")
    hub.last_call = Call("dynamodb", "Query", {"TableName": "hub-metrics"})
    error = botocore.exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "Query")
    found = explained(error, hub)
    assert found is not None
    assert told in found.message


def test_an_sso_log_in_that_is_over_is_answered_with_the_command() -> None:
    """The most common morning error."""
    error = botocore.exceptions.UnauthorizedSSOTokenError()
    found = explained(error, Installation("hub", "work", "eu-west-1"))
    assert found is not None
    assert "aws sso login --profile work" in found.message
    assert explained(ValueError(), Installation("hub")) is None
