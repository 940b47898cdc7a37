"""Canned answers to API calls, split into pages as the service would."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from botocore import xform_name
from botocore.client import BaseClient

from ds_dashboard.testing import paging, shapes
from ds_dashboard.testing.recorder import Error, client_error

# What an operation answers:
# - a dict: the whole answer, which is split into pages of the requested size;
# - a list: its pages, or for an operation without pages the answers to successive calls, of which the last is repeated;
# - an Error, also in a list;
# - a function of the parameters (without token and page size) that returns one of these.
Answer: TypeAlias = "Mapping[str, Any] | Error | Sequence[Mapping[str, Any] | Error] | Callable[[dict[str, Any]], Any]"


class NoAnswer(Exception):
    """A metric makes a call for which there is no canned answer."""


class CannedAnswers:
    """Answers calls without a network.

    Args:
        answers: `<service in boto3>.<client method>` -> answer, such as `{"sagemaker.list_apps": {"Apps": [...]}}`.
        now: the time for times that are filled in.
    """

    def __init__(self, answers: Mapping[str, Answer], now: datetime) -> None:
        self._answers, self._now = dict(answers), now
        self._calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __contains__(self, key: str) -> bool:
        """Return whether there is an answer for an operation."""
        return key in self._answers

    def respond(self, client: BaseClient, operation: str, parameters: dict[str, Any], page_size: int | None) -> Any:
        """Answer a call.

        Args:
            client: the client.
            operation: the operation's name in the API.
            parameters: of the call.
            page_size: items per page, whatever the call requests.

        Raises:
            botocore.exceptions.ClientError: the answer is an `Error`.
            NoAnswer: there is no answer.
            shapes.NotInModel: the parameters or the answer do not fit the model of the service.
        """
        key = key_of(client, operation)
        if key not in self._answers:
            known = ", ".join(sorted(self._answers)) or "nothing"
            raise NoAnswer(f"the fake account has no answer for {key}: add it to the answers (it has {known})")
        model = client.meta.service_model.operation_model(operation)
        shapes.check_request(key, model.input_shape, parameters)
        fields = paging.fields_of(client, operation)
        if fields is None:
            found = self._in_turn(key, _called(self._answers[key], parameters))
        else:
            found = _page(key, self._answers[key], parameters, fields, page_size)
        if isinstance(found, Error):
            raise client_error(client, operation, found)
        return shapes.answer(key, model.output_shape, found, self._now)

    def _in_turn(self, key: str, found: Any) -> Any:
        if isinstance(found, Error | Mapping):
            return found
        with self._lock:
            number = self._calls[key]
            self._calls[key] += 1
        return found[min(number, len(found) - 1)]


def key_of(client: BaseClient, operation: str) -> str:
    """Return the key of an operation in canned answers: `sagemaker.list_apps`."""
    return f"{client.meta.service_model.service_name}.{xform_name(operation)}"


def _called(found: Any, parameters: dict[str, Any]) -> Any:
    return found(parameters) if callable(found) else found


def _page(
    key: str, found: Any, parameters: dict[str, Any], fields: paging.Fields, page_size: int | None
) -> Mapping[str, Any] | Error:
    found = _called(
        found, {name: value for name, value in parameters.items() if name not in (fields.token, fields.size)}
    )
    token = parameters.get(fields.token) or "0"
    if not str(token).isdecimal():
        raise NoAnswer(f"{key} is called with the token {token!r}, which no answer contained")
    start = int(token)
    if isinstance(found, Error):
        return found
    if isinstance(found, Mapping):
        length = fields.length(found)
        end = start + (page_size or parameters.get(fields.size or "") or max(length, 1))
        return fields.page(_token(end) if end < length else None, found, slice(start, end))
    if start >= len(found):
        raise NoAnswer(f"{key} is called with the token {token!r}, which no answer contained")
    page = found[start]
    return page if isinstance(page, Error) else fields.page(_token(start + 1) if start + 1 < len(found) else None, page)


def _token(start: int) -> str:
    # Some services have a least length of tokens.
    return f"{start:08d}"
