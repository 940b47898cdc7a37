"""What AWS's refusals mean, and what to do: the thing, the cause, the cure."""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore import exceptions as aws

from ds_dashboard.client.errors import error_code, is_denied
from ds_dashboard_cli.aws import missing
from ds_dashboard_cli.aws.resources import described
from ds_dashboard_cli.errors import UserError

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Installation

_DENIAL = re.compile(
    r"User: (?P<caller>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: (?P<resource>\S+))?(?P<because> because .*| with an explicit deny.*)?",
    re.DOTALL,
)
_EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired")
_UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId", "AuthFailure", "InvalidToken")
_SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignature", "IncompleteSignature")
_THROTTLED = ("Throttl", "TooManyRequests", "RequestLimitExceeded", "ProvisionedThroughputExceeded", "SlowDown")
_READING = {"BatchGetItem", "DescribeTable", "GetItem", "PartiQLSelect", "Query", "Scan"}
_LOG_IN = "Log in, for example with `aws configure` or `aws sso login`, or name a profile with --profile."


def explained(error: BaseException, hub: Installation) -> UserError | None:
    """What an error of AWS or of the way to it means to a user; None for any other error."""
    if isinstance(error, aws.ClientError):
        return _answered(error, hub)
    if isinstance(error, aws.BotoCoreError):
        return _before_an_answer(error, hub)
    return None


def _before_an_answer(error: aws.BotoCoreError, hub: Installation) -> UserError:
    whose = f"profile {hub.profile}" if hub.profile else "AWS credentials"
    if isinstance(error, aws.ProfileNotFound):
        return UserError(f"profile {error.kwargs.get('profile')}", "there is no such profile.", _profiles())
    if isinstance(error, aws.NoRegionError):
        return UserError(
            "region", "none is set.", "Name the hub's with --region, AWS_REGION, or `region` in the profile."
        )
    if isinstance(error, aws.NoCredentialsError):
        return UserError(whose, "there are none.", _LOG_IN)
    if isinstance(error, aws.SSOError | aws.SSOTokenLoadError | aws.TokenRetrievalError | aws.LoginError):
        login = f"aws sso login --profile {hub.profile}" if hub.profile else "aws sso login"
        return UserError(whose, f"the log-in has expired or is missing ({error}).", f"Run: {login}")
    if isinstance(error, aws.PartialCredentialsError | aws.CredentialRetrievalError | aws.InvalidConfigError):
        return UserError(whose, f"cannot be used: {error}", _LOG_IN)
    if isinstance(error, aws.ConfigParseError | aws.UnknownCredentialError | aws.ConfigNotFound):
        return UserError("AWS configuration", str(error), "Correct the file, or name another with AWS_CONFIG_FILE.")
    if isinstance(
        error, aws.InvalidRegionError | aws.UnknownRegionError | aws.InvalidEndpointDiscoveryConfigurationError
    ):
        return UserError(f"region {hub.region}", "there is no such region.", "Name the hub's with --region.")
    if isinstance(error, aws.ConnectionError | aws.HTTPClientError):
        return _unreachable(error, hub)
    return UserError("AWS", f"{type(error).__name__}: {error}", "Check --profile, --region and the AWS configuration.")


def _profiles() -> str:
    import botocore.session

    names = sorted(botocore.session.Session().available_profiles)
    return f"There are: {', '.join(names)}. Name one with --profile." if names else f"There are none. {_LOG_IN}"


def _unreachable(error: aws.BotoCoreError, hub: Installation) -> UserError:
    url = urlsplit(str(error.kwargs.get("endpoint_url") or ""))
    where = f"{url.scheme}://{url.netloc}" if url.netloc else "AWS"
    why = "" if isinstance(error, aws.EndpointConnectionError) else f" ({str(error).rstrip('.')})"
    address = os.environ.get("AWS_ENDPOINT_URL")
    cure = (
        f"AWS_ENDPOINT_URL is {address}: start what should answer there (ds-dashboard local up), or unset it."
        if address
        else f"Check the network, the proxy and the region ({hub.region})."
    )
    return UserError(where, f"cannot be reached{why}.", cure)


def _answered(error: aws.ClientError, hub: Installation) -> UserError:
    code, message = error_code(error), str(error.response.get("Error", {}).get("Message", ""))
    whose = f"profile {hub.profile}" if hub.profile else "AWS credentials"
    if code.startswith(_EXPIRED):
        return UserError(whose, "the session's token has expired.", _LOG_IN)
    if code.startswith(_UNKNOWN):
        return UserError(whose, f"AWS does not know them ({code}).", _LOG_IN)
    if code.startswith(_SIGNATURE):
        return UserError(
            whose,
            f"the signature does not match ({code}).",
            "Check the secret key, and this machine's clock: AWS takes five minutes of difference.",
        )
    if is_denied(error):
        return _denied(message, hub)
    if code.startswith(_THROTTLED):
        return UserError(
            _thing(hub),
            f"AWS throttled {error.operation_name}, and went on doing so when asked again.",
            "Wait a little and try again; AWS_MAX_ATTEMPTS=10 makes it more patient.",
        )
    if code in missing.CODES:
        return missing.explained(hub)
    return UserError(_thing(hub), f"{error.operation_name} failed: {code}: {message}", "See the message of AWS above.")


def _thing(hub: Installation) -> str:
    return described(hub.last_call)[1] if hub.last_call else "AWS"


def _denied(message: str, hub: Installation) -> UserError:
    found: dict[str, Any] = denial.groupdict() if (denial := _DENIAL.search(message)) else {}
    action, resource = described(hub.last_call)
    action, resource = found.get("action") or action, _without_dot(found.get("resource")) or resource
    caller = found.get("caller")
    if not caller:
        caller = "the caller"
        with contextlib.suppress(aws.ClientError, aws.BotoCoreError):
            caller = hub.caller
    because = (found.get("because") or "").strip().rstrip(".")
    cure = (
        "Attach the hub's output reader_policy_json to it, or name another --profile."
        if action.partition(":")[0] == "dynamodb" and action.partition(":")[2] in _READING
        else f"Allow it {action} on {resource}, or name another --profile."
    )
    reason = f" ({because})" if because else "" if found else f" (AWS said: {message})"
    return UserError("access denied", f"{caller} may not {action} on {resource}{reason}.", cure)


def _without_dot(resource: str | None) -> str | None:
    return resource.rstrip(".,") if resource else None
