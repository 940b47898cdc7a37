"""The errors of the client: what is wrong, why, and what to do about it.

Errors of AWS (`botocore.exceptions.ClientError` and `BotoCoreError`) are not wrapped: they reach the caller unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ds_dashboard.shell import command

if TYPE_CHECKING:
    from ds_dashboard.client.installation import Call

_DENIED = ("AccessDenied", "UnauthorizedOperation", "AuthorizationError", "KMSAccessDenied", "NotAuthorized")

_EXPIRED = ("ExpiredToken", "RequestExpired", "TokenRefreshRequired", "UnrecognizedClient", "InvalidClientTokenId")
_LOGIN_ERRORS = {"UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "CredentialRetrievalError"}

# The calls by which boto3 gets credentials, with clients of its own.
_CREDENTIAL_CALLS = {"AssumeRole", "AssumeRoleWithWebIdentity", "GetRoleCredentials", "CreateToken"}


class HubError(Exception):
    """A request that the client cannot fulfil.

    Attributes:
        subject: the object that the error is about, such as `function ds-dashboard-refresh`.
        cause: what is wrong with it, as the rest of a sentence that begins with the subject.
        remedy: what to do, as a sentence.
        details: one line for each part of the problem; empty if the cause says it all.
    """

    def __init__(self, subject: str, cause: str, remedy: str, details: tuple[str, ...] = ()) -> None:
        super().__init__("\n".join([f"{subject}: {cause}", *(f"  {detail}" for detail in details), remedy]))
        self.subject, self.cause, self.remedy, self.details = subject, cause, remedy, details


class InvalidConfiguration(HubError):
    """A setting of boto3 that it cannot use, and that its own errors do not name."""

    def __init__(self, error: Exception) -> None:
        super().__init__(
            "AWS configuration",
            f"cannot be used: {type(error).__name__}: {error}",
            "Correct it in the environment variables that begin with AWS_, or in the AWS configuration file.",
        )


class MissingDependency(HubError, ImportError):
    """An optional dependency, such as pandas, is not installed."""

    def __init__(self, feature: str, module: str, extra: str) -> None:
        install = command("pip", "install", f"ds-dashboard[{extra}]")
        super().__init__(feature, f"needs {module}, which is not installed.", f"Run: {install}")


def error_code(error: BaseException) -> str:
    """Return the code of an error that AWS answered with, such as `ThrottlingException`; otherwise an empty string."""
    response: Any = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def is_denied(error: BaseException) -> bool:
    """Return whether AWS denied the request because the caller lacks a permission."""
    return error_code(error).startswith(_DENIED) and not is_without_credentials(error)


def is_expired(error: BaseException) -> bool:
    """Return whether credentials or the login behind them are no longer valid; somebody may have renewed them since."""
    return error_code(error).startswith(_EXPIRED) or type(error).__name__ in _LOGIN_ERRORS


def is_without_credentials(error: BaseException) -> bool:
    """Return whether AWS refused to give credentials, before the call for which they were needed."""
    return getattr(error, "operation_name", "") in _CREDENTIAL_CALLS and failed_call(error) is None


def failed_call(error: BaseException) -> Call | None:
    """Return the call that AWS answered with an error; None if no client of an `Installation` made the call."""
    response: Any = getattr(error, "response", None)
    call: Call | None = response.get("Call") if isinstance(response, dict) else None
    return call
