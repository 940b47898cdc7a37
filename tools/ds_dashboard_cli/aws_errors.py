"""Explanations of errors from AWS and from boto3: the object, the cause, and the remedy."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import exceptions as aws
from botocore.utils import is_valid_endpoint_url

from ds_dashboard.client.errors import (
    HubError,
    InvalidConfiguration,
    error_code,
    failed_call,
    is_denied,
    is_without_credentials,
)
from ds_dashboard.identity import TABLES
from ds_dashboard.shell import command
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Call, Installation

# Error codes for a table, function, queue or role that does not exist.
NOT_FOUND = {
    "ResourceNotFoundException",
    "QueueDoesNotExist",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchEntity",
}
_EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN_KEY = ("InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "AuthFailure", "InvalidToken")
_SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignature", "IncompleteSignature")
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "ProvisionedThroughputExceeded", "SlowDown")
_NUMBERS = ("AWS_MAX_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS")
_READS = {"BatchGetItem", "DescribeTable", "GetItem", "PartiQLSelect", "Query", "Scan"}
_LOG_IN = "Log in, for example with `aws configure` or `aws sso login`, or choose a profile with --profile."
_DENIAL = re.compile(
    r"User: (?P<caller>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>\S+))?(?P<because> because .*| with an explicit deny.*)?",
    re.DOTALL,
)

_SERVICE_PREFIXES = {"monitoring": "cloudwatch"}
# Operations whose IAM action has a different name.
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "dynamodb:ExecuteStatement": "dynamodb:PartiQLSelect",
}
# Parameters that name a resource -> the kind of the resource.
_KINDS = {
    "TableName": "table",
    "FunctionName": "function",
    "QueueUrl": "queue",
    "QueueName": "queue",
    "Path": "parameters below",
    "Name": "",
    "RoleName": "role",
    "EventBusName": "event bus",
    "ReplayName": "replay",
    "ArchiveName": "archive",
    "Rule": "rule",
}


def explain(error: BaseException, installation: Installation) -> UserError | None:
    """Explain an error of AWS, of the client, or before a call reached AWS; returns None for any other error."""
    if isinstance(error, InvalidConfiguration) and (found := _explain_invalid_setting(error.__cause__)):
        return found
    if isinstance(error, HubError):
        return UserError(error.subject, error.cause, error.remedy, details=error.details)
    if isinstance(error, aws.ClientError):
        return _explain_response(error, installation)
    if isinstance(error, aws.BotoCoreError):
        return _explain_no_response(error, installation)
    if isinstance(error, ValueError):
        # The port of an endpoint is read with the first request.
        return _explain_invalid_setting(error)
    return None


def _explain_invalid_setting(error: BaseException | None) -> UserError | None:
    """Explain an error that botocore raises for an invalid setting without naming it; None for any other one."""
    for name, value in sorted(os.environ.items()):
        if name.startswith("AWS_ENDPOINT_URL") and not _is_url(value):
            return UserError(
                name,
                f"is {value!r}, which is not a URL.",
                "Set it to a URL such as http://127.0.0.1:4566 (`ds-dashboard local env` prints it), or unset it.",
            )
    for name in _NUMBERS:
        value = os.environ.get(name, "1")
        if not value.isdigit():
            return UserError(name, f"is {value!r}, which is not a number.", "Correct it, or unset it.")
    if str(error).startswith("Invalid endpoint"):
        return UserError("AWS configuration", f"{error}.", "Correct `endpoint_url` in the AWS configuration file.")
    return None


def _is_url(text: str) -> bool:
    try:
        # The port is parsed here, and raises ValueError if it is not a number.
        scheme, _ = urlsplit(text).scheme, urlsplit(text).port
        return scheme in ("http", "https") and bool(is_valid_endpoint_url(text))
    except ValueError:
        return False


def suggest_other_places(installation: Installation) -> str:
    """Return a sentence on where else an installation may be, and which option selects it."""
    others = [name for name in _hubs_here(installation) if name != installation.name]
    found = f"Hubs in this account and region: {', '.join(others)} (choose one with --name). " if others else ""
    return f"{found}For another region, use --region; for another account, --profile; for another `name`, --name."


def _hubs_here(installation: Installation) -> list[str]:
    """List the hubs in this account and region by their tables; empty if the caller may not list tables."""
    tables: set[str] = set()
    with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
        for page in installation.client("dynamodb").get_paginator("list_tables").paginate():
            tables.update(page["TableNames"])
    first = f"-{TABLES[0]}"
    names = {table.removesuffix(first) for table in tables if table.endswith(first)}
    return sorted(name for name in names if all(f"{name}-{role}" in tables for role in TABLES))


def _credentials(installation: Installation) -> str:
    return f"profile {installation.profile}" if installation.profile else "AWS credentials"


def _explain_no_response(error: aws.BotoCoreError, installation: Installation) -> UserError:
    credentials = _credentials(installation)
    if isinstance(error, aws.ProfileNotFound) and not error.kwargs.get("profile"):
        return UserError("AWS_PROFILE", "is empty, which boto3 takes for a profile without a name.", "Unset it.")
    if isinstance(error, aws.ProfileNotFound):
        return UserError(f"profile {error.kwargs.get('profile')}", "does not exist.", _suggest_profiles())
    if isinstance(error, aws.NoRegionError):
        return UserError("region", "not set.", "Set it with --region, AWS_REGION, or `region` in the profile.")
    if isinstance(error, aws.NoCredentialsError):
        return UserError(credentials, "not found.", _LOG_IN)
    if isinstance(error, aws.SSOError | aws.SSOTokenLoadError | aws.TokenRetrievalError | aws.LoginError):
        login = command("aws", "sso", "login", *(["--profile", installation.profile] if installation.profile else []))
        return UserError(credentials, f"the login has expired or is missing ({error}).", f"Run: {login}")
    if isinstance(error, aws.PartialCredentialsError | aws.CredentialRetrievalError | aws.InvalidConfigError):
        return UserError(credentials, f"cannot be used: {error}", _LOG_IN)
    if isinstance(error, aws.ConfigParseError | aws.UnknownCredentialError | aws.ConfigNotFound):
        return UserError("AWS configuration", str(error), "Correct the file, or set AWS_CONFIG_FILE to another one.")
    if isinstance(
        error, aws.InvalidRegionError | aws.UnknownRegionError | aws.InvalidEndpointDiscoveryConfigurationError
    ):
        return UserError(f"region {installation.region}", "does not exist.", "Set the hub's region with --region.")
    if isinstance(error, aws.ConnectionError | aws.HTTPClientError):
        return _explain_unreachable(error, installation)
    subject = "AWS configuration" if type(error).__name__.startswith("Invalid") else "AWS"
    return UserError(
        subject, f"{type(error).__name__}: {error}", "Check --profile, --region and the AWS configuration."
    )


def _suggest_profiles() -> str:
    import botocore.session

    names = sorted(botocore.session.Session().available_profiles)
    return f"Existing profiles: {', '.join(names)}. Choose one with --profile." if names else f"No profiles. {_LOG_IN}"


def _explain_unreachable(error: aws.BotoCoreError, installation: Installation) -> UserError:
    if isinstance(error, aws.ProxyConnectionError):
        return UserError(
            f"proxy {error.kwargs.get('proxy_url')}",
            "cannot be reached.",
            "Check HTTP_PROXY and HTTPS_PROXY, also in lower case; NO_PROXY lists hosts that need no proxy.",
        )
    url = urlsplit(str(error.kwargs.get("endpoint_url") or ""))
    endpoint = f"{url.scheme}://{url.netloc}" if url.netloc else "AWS"
    reason = "" if isinstance(error, aws.EndpointConnectionError) else f" ({str(error).rstrip('.')})"
    if type(error) is aws.HTTPClientError:
        if found := _explain_invalid_setting(error):
            return found
        # The text of an HTTP client may contain a header of the request, with the session token.
        reason = f" ({type(error.kwargs.get('error')).__name__})"
    override = os.environ.get("AWS_ENDPOINT_URL")
    remedy = (
        f"AWS_ENDPOINT_URL is {override}: start the local cloud (ds-dashboard local up), or unset the variable."
        if override
        else f"Check the network, the proxy and the region ({installation.region})."
    )
    return UserError(endpoint, f"cannot be reached{reason}.", remedy)


def explain_credentials(error: aws.ClientError, installation: Installation) -> UserError | None:
    """Explain an error that AWS returns for any call with these credentials; None for any other one."""
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
    credentials = _credentials(installation)
    if code.startswith(_EXPIRED):
        return UserError(credentials, "the session token has expired.", _LOG_IN)
    if code.startswith(_UNKNOWN_KEY):
        return UserError(credentials, f"AWS does not recognize the access key ({code}).", _LOG_IN)
    if code.startswith(_SIGNATURE):
        return UserError(
            credentials,
            f"the signature does not match ({code}).",
            "Check the secret key, and the clock of this machine: AWS accepts a difference of five minutes.",
        )
    if is_without_credentials(error):
        return UserError(
            credentials,
            f"{error.operation_name} failed before the first call: {code}: {message.rstrip('.')}.",
            "Check `role_arn` and `source_profile` of the profile and the trust policy of the role, or choose another "
            "--profile.",
        )
    return None


def _explain_response(error: aws.ClientError, installation: Installation) -> UserError:
    if found := explain_credentials(error, installation):
        return found
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
    action, resource = _describe(failed_call(error))
    if is_denied(error):
        return _explain_denial(message, action, resource, installation)
    if code.startswith(_THROTTLED):
        return UserError(
            resource,
            f"AWS throttled {error.operation_name} and all retries.",
            "Wait a moment and try again. AWS_MAX_ATTEMPTS=10 allows more retries.",
        )
    if code in NOT_FOUND:
        account = "?"
        with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
            account = installation.account
        return UserError(
            f"hub {installation.name}",
            f"{resource} does not exist in account {account}, region {installation.region}.",
            suggest_other_places(installation),
        )
    return UserError(resource, f"{error.operation_name} failed: {code}: {message}", "See the message of AWS above.")


def _explain_denial(message: str, action: str, resource: str, installation: Installation) -> UserError:
    found: dict[str, Any] = denial.groupdict() if (denial := _DENIAL.search(message)) else {}
    action, resource = found.get("action") or action, (found.get("resource") or "").rstrip(".,") or resource
    caller = found.get("caller")
    if not caller:
        caller = "the caller"
        with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
            caller = installation.caller
    because = (found.get("because") or "").strip().rstrip(".")
    service, _, operation = action.partition(":")
    remedy = (
        "Attach the hub's output reader_policy_json to this principal, or choose another --profile."
        if service == "dynamodb" and operation in _READS
        else f"Allow this principal {action} on {resource}, or choose another --profile."
    )
    reason = f" ({because})" if because else "" if found else f" (message of AWS: {message})"
    return UserError("access denied", f"{caller} may not {action} on {resource}{reason}.", remedy)


def _describe(call: Call | None) -> tuple[str, str]:
    """Return the IAM action and the resource of a call."""
    if call is None:
        return "the action", "AWS"
    action = f"{_SERVICE_PREFIXES.get(call.service, call.service)}:{call.operation}"
    return _ACTIONS.get(action, action), _describe_resource(call.params) or f"{call.service} (any resource)"


def _describe_resource(params: Mapping[str, Any]) -> str | None:
    for key, kind in _KINDS.items():
        if isinstance(params.get(key), str):
            return f"{kind} {params[key].rsplit('/', 1)[-1] if key == 'QueueUrl' else params[key]}".strip()
    if isinstance(params.get("RequestItems"), Mapping):
        return f"table {', '.join(params['RequestItems'])}"
    return None
