"""`Recorder`: records every API call of a process, and can make the calls harder than a test account does.

It replaces the method of botocore through which all clients call, so that it sees what a `Stubber` answers as well, and
the calls of clients that a module created when it was imported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from botocore.client import BaseClient
from botocore.exceptions import ClientError

from ds_dashboard.testing import paging

# Without its type, because the method is not public. Many tools replace it, as there is no other one for all clients.
_CLIENT: Any = BaseClient
_AFTER_EMPTY_PAGE = "after-the-empty-page"


@dataclass
class Call:
    """A call of an API.

    Attributes:
        service: the service's name in boto3, such as "cloudwatch".
        operation: the operation's name in the API, such as "GetMetricData".
        parameters: what was passed to the client's method.
        region: the region of the client.
        error: the code of the error that the call raised, such as "AccessDenied"; empty if it raised none.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str = ""
    error: str = ""


class Error(NamedTuple):
    """An error of a service, in place of an answer."""

    code: str
    message: str = ""
    status: int = 400


DENIED = Error("AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/any is not authorized", 403)
THROTTLED = Error("ThrottlingException", "Rate exceeded")
FAILED = Error("InternalFailure", "The request processing has failed because of an unknown error.", 500)


class Fault(NamedTuple):
    """One call that fails.

    Attributes:
        call: its number; 0 is the first call.
        error: what it raises: `DENIED`, `THROTTLED`, `FAILED`, or an error of your own.
    """

    call: int
    error: Error


# What a client does with an operation and its parameters.
Respond = Callable[[BaseClient, str, dict[str, Any]], Any]


class Recorder:
    """Records calls while it is active: `with Recorder() as recorder:`.

    Attributes:
        calls: the calls since the start, or since `restart`.
        page_size: items per page, whatever a call requests; None leaves that to the call.
        empty_first_page: whether the first page of every list is empty and has a token for the next.
        fault: a call that fails.

    Args:
        respond: answers the calls; None sends them on, to `Stubber`, moto or AWS.
    """

    def __init__(self, respond: Respond | None = None) -> None:
        self._respond = respond
        self._lock = threading.Lock()
        self.restart()

    def restart(
        self, *, page_size: int | None = None, empty_first_page: bool = False, fault: Fault | None = None
    ) -> None:
        """Forget the calls, and change how the next are made harder."""
        self.calls: list[Call] = []
        self.page_size, self.empty_first_page, self.fault = page_size, empty_first_page, fault

    def __enter__(self) -> Recorder:
        self._original = _CLIENT._make_api_call
        respond = self._respond or self._original

        def make_api_call(client: BaseClient, operation_name: str, api_params: dict[str, Any]) -> Any:
            return self._call(client, operation_name, api_params, respond)

        _CLIENT._make_api_call = make_api_call
        return self

    def __exit__(self, *_: object) -> None:
        _CLIENT._make_api_call = self._original

    def _call(self, client: BaseClient, operation: str, parameters: dict[str, Any], respond: Respond) -> Any:
        call = Call(client.meta.service_model.service_name, operation, dict(parameters), client.meta.region_name)
        with self._lock:
            number = len(self.calls)
            self.calls.append(call)
        try:
            if self.fault is not None and self.fault.call == number:
                raise client_error(client, operation, self.fault.error)
            return self._made_harder(client, operation, dict(parameters), respond)
        except ClientError as error:
            call.error = error.response["Error"]["Code"]
            raise

    def _made_harder(self, client: BaseClient, operation: str, parameters: dict[str, Any], respond: Respond) -> Any:
        fields = paging.fields_of(client, operation)
        if fields is None:
            return respond(client, operation, parameters)
        if parameters.get(fields.token) == _AFTER_EMPTY_PAGE:
            del parameters[fields.token]
        elif self.empty_first_page and not parameters.get(fields.token):
            return fields.page(_AFTER_EMPTY_PAGE)
        if self.page_size is not None and fields.size is not None:
            parameters[fields.size] = max(self.page_size, fields.least_size)
        return respond(client, operation, parameters)


def client_error(client: BaseClient, operation: str, error: Error) -> ClientError:
    """Return the exception that a client raises for an error of its service."""
    response: Any = {
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": {"HTTPStatusCode": error.status},
    }
    exception: Any = client.exceptions.from_code(error.code)
    raised: ClientError = exception(response, operation)
    return raised


def call_unchanged(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
    """Make a call as if no recorder were active."""
    return _UNCHANGED(client, operation, parameters)


_UNCHANGED = _CLIENT._make_api_call
