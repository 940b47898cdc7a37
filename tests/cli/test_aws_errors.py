"""Explanations of errors from AWS: the object, the cause, and the remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.exceptions
import pytest
from tests.support.events import RESULT, result
from tests.support.tables import HUB, HubTables

from ds_dashboard.client.installation import Call, Installation
from ds_dashboard_cli.aws_errors import explain
from ds_dashboard_local.client.accounts import allow

COMMANDS = [("latest",), ("spokes",), ("history", "Jobs"), ("export",), ("refresh",)]


def _error(hub: HubTables, *words: str, **env: Any) -> str:
    error = hub.run(*words, code=1, **env)
    assert error.stdout == ""
    assert "Traceback" not in error.stderr
    return " ".join(error.stderr.split())


def test_a_missing_hub_is_reported_with_account_and_region(hub: HubTables) -> None:
    """The remedy names the options for another name, region or account, and the hubs that exist."""
    for words in COMMANDS:
        error = _error(hub, *words, "--name", "elsewhere")
        assert "hub elsewhere: " in error
        assert f"does not exist in account {HUB}, region eu-west-1." in error
        assert hub.name in error
        assert "--name" in error
    other_region = _error(hub, "history", "Jobs", "--region", "us-east-1")
    assert f"{hub.name}-metrics does not exist in account {HUB}, region us-east-1." in other_region


def test_a_denial_names_the_action_the_resource_and_the_caller(hub: HubTables) -> None:
    """One sentence contains everything that an administrator needs."""
    nothing = hub.as_role(allow("sts:GetCallerIdentity"))
    for words, action, resource in (
        (("latest",), "dynamodb:Scan", f"table/{hub.name}-spokes"),
        (("history", "Jobs"), "dynamodb:Query", f"table/{hub.name}-metrics"),
        (("export",), "dynamodb:Scan", f"table/{hub.name}-metrics"),
        (("spokes",), "dynamodb:Scan", f"table/{hub.name}-spokes"),
        (("refresh",), "lambda:InvokeFunction", f"{hub.name}-refresh"),
    ):
        error = _error(hub, *words, **nothing)
        assert f"may not {action} on arn:aws:" in error
        assert resource in error
        assert f"arn:aws:sts::{HUB}:assumed-role/{hub.name}-reader" in error


def test_a_reader_without_access_to_registrations_sees_the_tables(hub: HubTables) -> None:
    """A note names what is missing."""
    hub.send(RESULT, result())
    tables = [f"arn:aws:dynamodb:eu-west-1:{HUB}:table/{hub.name}-*"]
    reader = hub.as_role(allow(["dynamodb:Scan", "dynamodb:Query"], tables))
    assert "P/dev" in hub.run("latest", **reader).stdout
    spokes = hub.run("spokes", **reader)
    assert "ssm:GetParametersByPath" in spokes.stderr
    assert "lambda:GetFunctionConfiguration" in spokes.stderr


@pytest.mark.parametrize("variable", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_comes_from_either_variable(hub: HubTables, variable: str) -> None:
    """The AWS CLI reads both, and boto3 only one of them."""
    none: dict[str, Any] = {"AWS_REGION": None, "AWS_DEFAULT_REGION": None}
    assert hub.run("latest", **{**none, variable: "eu-west-1"})
    assert "--region" in _error(hub, "latest", **none)


def test_missing_credentials_and_profiles_are_reported(hub: HubTables, tmp_path: Path) -> None:
    """The error for a missing profile lists the existing ones."""
    none: dict[str, Any] = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    assert "AWS credentials: not found." in _error(hub, "latest", **none)
    config = tmp_path / "config"
    config.write_text("[profile hub]\nregion = eu-west-1\n[profile spoke]\n")
    error = _error(hub, "latest", "--profile", "hubb", AWS_CONFIG_FILE=str(config))
    assert "profile hubb: does not exist. Existing profiles: hub, spoke." in error
    assert "profile hubb: does not exist" in _error(hub, "latest", AWS_CONFIG_FILE=str(config), AWS_PROFILE="hubb")
    config.write_text("[profile hub]\nnonsense")
    assert "AWS configuration" in _error(hub, "latest", "--profile", "hub", AWS_CONFIG_FILE=str(config))


def test_an_unreachable_endpoint_is_reported(hub: HubTables) -> None:
    """The remedy names the environment variable that sets it."""
    error = _error(hub, "history", "Jobs", AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1")
    assert "http://127.0.0.1:1: cannot be reached" in error
    assert "AWS_ENDPOINT_URL" in error


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL", "garbage"),
        ("AWS_ENDPOINT_URL", "127.0.0.1:4566"),
        ("AWS_ENDPOINT_URL", "http://"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:port"),
        ("AWS_ENDPOINT_URL", "http://[::1"),
        ("AWS_ENDPOINT_URL", "file:///x"),
        ("AWS_ENDPOINT_URL", "ftp://127.0.0.1"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "garbage"),
        ("AWS_MAX_ATTEMPTS", "many"),
        ("AWS_METADATA_SERVICE_TIMEOUT", "1s"),
    ],
)
def test_an_invalid_setting_is_named(hub: HubTables, variable: str, value: str) -> None:
    """boto3 raises a ValueError that does not name the variable. It is not a bug of the command."""
    error = _error(hub, "latest", **{variable: value})
    assert f"Error: {variable}: is '{value}', which is not a" in error


def test_an_invalid_endpoint_of_a_profile_is_reported(hub: HubTables, tmp_path: Path) -> None:
    """The setting is in a file then."""
    config = tmp_path / "config"
    config.write_text("[profile hub]\nregion = eu-west-1\nendpoint_url = garbage\n")
    error = _error(hub, "latest", "--profile", "hub", AWS_CONFIG_FILE=str(config), AWS_ENDPOINT_URL=None)
    assert "AWS configuration: Invalid endpoint: garbage." in error
    assert "endpoint_url" in error


def test_an_unknown_access_key_is_reported(hub: HubTables) -> None:
    """The remedy is to log in."""
    error = _error(hub, "history", "Jobs", AWS_ACCESS_KEY_ID="AKIAUNKNOWN", AWS_SECRET_ACCESS_KEY="x")
    assert "AWS credentials" in error
    assert "aws configure" in error


@pytest.mark.parametrize(
    ("code", "message", "expected"),
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
def test_error_codes_are_explained(code: str, message: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """These are errors that the local cloud does not return."""
    monkeypatch.setattr(Installation, "caller", "arn:aws:iam::1:user/me")
    hub = Installation("hub", None, "eu-west-1")
    call = Call("dynamodb", "Query", {"TableName": "hub-metrics"})
    response: Any = {"Error": {"Code": code, "Message": message}, "Call": call}
    error = botocore.exceptions.ClientError(response, "Query")
    found = explain(error, hub)
    assert found is not None
    assert expected in found.message


def test_an_error_names_its_own_call(hub: HubTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other calls, of other threads or of the cleanup after the error, must not change what the message names."""
    for name, value in hub.cloud.environment(HUB).items():
        monkeypatch.setenv(name, value)
    installation = Installation(hub.name)
    with pytest.raises(botocore.exceptions.ClientError) as missing:
        installation.client("dynamodb").describe_table(TableName="nowhere")
    installation.client("sqs").list_queues()
    found = explain(missing.value, installation)
    assert found is not None
    assert "table nowhere does not exist" in found.message


def test_an_expired_sso_login_is_reported_with_the_command() -> None:
    """This is the most common error in the morning."""
    error = botocore.exceptions.UnauthorizedSSOTokenError()
    found = explain(error, Installation("hub", "work", "eu-west-1"))
    assert found is not None
    assert "aws sso login --profile work" in found.message
    assert explain(ValueError(), Installation("hub")) is None


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
@pytest.mark.parametrize("text", ["secret-{}\n", " secret-{}", "secret-{}\tx", "secret-{}\u00e9"])
def test_credentials_with_white_space_are_named_and_not_shown(hub: HubTables, variable: str, text: str) -> None:
    """A copied token often ends with a line break. The error of the HTTP client would contain it."""
    for words in (("spokes",), ("doctor", "--side", "hub"), ("rejected",)):
        error = _error(hub, *words, **{variable: text.format("abc")})
        assert f"Error: {variable}: contains white space" in error
        assert "abc" not in error


def test_a_region_with_white_space_is_named(hub: HubTables) -> None:
    """It would be a host that does not exist."""
    assert "Error: region: is 'eu-west-1 ', which contains white space." in _error(
        hub, "spokes", AWS_REGION="eu-west-1 "
    )


def test_no_text_of_an_http_client_is_shown() -> None:
    """It may contain a header of the request, and so the session token."""
    cause = ValueError("Invalid header value b'token\\n'")
    found = explain(botocore.exceptions.HTTPClientError(error=cause), Installation("hub", None, "eu-west-1"))
    assert found is not None
    assert "token" not in found.message
    assert "(ValueError)" in found.message


def test_a_role_that_cannot_be_assumed_is_no_missing_permission_of_a_call(hub: HubTables, tmp_path: Path) -> None:
    """Commands continue without some permissions. Without credentials, none can."""
    hub.account.role(f"{hub.name}-closed")
    config = tmp_path / "config"
    arn = f"arn:aws:iam::{HUB}:role/{hub.name}-closed"
    config.write_text(f"[profile hub]\nregion = eu-west-1\nrole_arn = {arn}\ncredential_source = Environment\n")
    nobody = hub.as_role(allow("dynamodb:*"))
    for words in (("spokes",), ("latest",), ("doctor", "--side", "hub")):
        error = _error(hub, *words, "--profile", "hub", AWS_CONFIG_FILE=str(config), **nobody)
        assert "Error: profile hub: AssumeRole failed before the first call: AccessDenied" in error
        assert "GetParametersByPath" not in error
        assert "trust policy" in error


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"AWS_PROFILE": ""}, "AWS_PROFILE: is empty"),
        (
            {"AWS_RETRY_MODE": "often"},
            'AWS configuration: InvalidRetryModeError: Invalid value provided to "mode": "often"',
        ),
        ({"AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere"}, "'/nowhere'"),
        (
            {"HTTP_PROXY": "http://me:secret@127.0.0.1:1", "AWS_ENDPOINT_URL": "http://192.0.2.1"},
            "proxy http://***:***@",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_mistake_in_the_environment_is_no_bug(hub: HubTables, variables: dict[str, str], named: str) -> None:
    """It is found with the first client, whatever the command is."""
    keys: dict[str, Any] = {"AWS_MAX_ATTEMPTS": "1", "no_proxy": None, "NO_PROXY": None}
    if "AWS_ROLE_ARN" in variables:
        keys |= {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    for words in (("spokes",), ("doctor", "--side", "hub"), ("rejected",), ("import", "T")):
        error = _error(hub, *words, **{**keys, **variables})
        assert named in error
        assert "bug" not in error
        assert "secret" not in error
