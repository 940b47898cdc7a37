"""Which fields of an operation have the token, the page size and the lists, and how an answer is split into pages."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import botocore.session
from botocore.client import BaseClient
from botocore.model import OperationModel

from ds_dashboard.metrics.paging import PAGE_SIZES, TOKENS


class Fields(NamedTuple):
    """The fields by which an operation returns its list in pages.

    Attributes:
        token: the field of a request with the token of the page.
        next_token: the field of an answer with the token of the next page.
        more: the field of an answer that says whether there is another page, for services that have one.
        size: the field of a request with the number of items per page, if there is one.
        least_size: the smallest page size that the service accepts.
        lists: the paths of the lists in an answer, such as `("Endpoints",)`.
    """

    token: str
    next_token: str
    more: str | None
    size: str | None
    least_size: int
    lists: tuple[str, ...]

    def page(
        self, token: str | None, answer: Mapping[str, Any] | None = None, items: slice | None = None
    ) -> dict[str, Any]:
        """Return a page of an answer: these items of its lists, and the token of the next page.

        Args:
            token: None on the last page.
            answer: None for a page with nothing in it.
            items: None for all.
        """
        made = dict(answer or {})
        for path in self.lists:
            found = _get(made, path.split("."))
            if found is None:
                found = []
            # The check of the answer reports what is not a list.
            _set(made, path.split("."), found[items] if items is not None and isinstance(found, list) else found)
        made.pop(self.next_token, None)
        if token is not None:
            made[self.next_token] = token
        if self.more is not None:
            made[self.more] = token is not None
        return made

    def length(self, answer: Mapping[str, Any]) -> int:
        """Return the number of items in the longest list of an answer."""
        found = [_get(answer, path.split(".")) for path in self.lists]
        return max((len(one) for one in found if isinstance(one, list)), default=0)


def fields_of(client: BaseClient, operation: str) -> Fields | None:
    """Return the fields of an operation, or None if it does not return pages."""
    return _fields(client.meta.service_model.service_name, operation)


@functools.cache
def _fields(service: str, operation: str) -> Fields | None:
    session = botocore.session.get_session()
    model = session.get_service_model(service).operation_model(operation)
    requests = model.input_shape.members if model.input_shape else {}
    answers = model.output_shape.members if model.output_shape else {}
    try:
        config = session.get_paginator_model(service).get_paginator(operation)
    except (ValueError, botocore.exceptions.UnknownServiceError, botocore.exceptions.DataNotFoundError):
        config = {}
    if config:
        # Several tokens, or an expression such as `NextMarker || Contents[-1].Key`: the first is enough.
        token, next_token = _first(config["input_token"]), _first(config["output_token"]).partition(" ")[0]
        lists = [config["result_key"]] if isinstance(config["result_key"], str) else config["result_key"]
        return _made(model, token, next_token, config.get("more_results"), config.get("limit_key"), lists)
    for token, next_token in TOKENS:
        if token in requests and next_token in answers:
            size = next((name for name in PAGE_SIZES if name in requests), None)
            lists = [name for name, shape in answers.items() if shape.type_name == "list"]
            return _made(model, token, next_token, None, size, lists)
    return None


def _made(
    model: OperationModel, token: str, next_token: str, more: str | None, size: str | None, lists: Sequence[str]
) -> Fields:
    shape = model.input_shape.members.get(size) if size and model.input_shape else None
    if shape is None or shape.type_name not in ("integer", "long"):
        return Fields(token, next_token, more, None, 1, tuple(lists))
    return Fields(token, next_token, more, size, int(shape.metadata.get("min", 1)), tuple(lists))


def _first(value: str | list[str]) -> str:
    return value if isinstance(value, str) else value[0]


def _get(answer: Any, path: Sequence[str]) -> Any:
    for name in path:
        answer = answer.get(name) if isinstance(answer, Mapping) else None
    return answer


def _set(answer: dict[str, Any], path: Sequence[str], items: Any) -> None:
    for name in path[:-1]:
        inner = dict(answer.get(name) or {})
        answer[name] = inner
        answer = inner
    answer[path[-1]] = items
