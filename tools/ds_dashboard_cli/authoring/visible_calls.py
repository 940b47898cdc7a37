"""The API calls that can be seen in the source of a metric, without running it.

    self.count("sagemaker", "list_models", "Models")        self.client("ssm").get_parameter(Name=name)
    sagemaker = boto3.client("sagemaker")                    sagemaker.list_models()

Calls whose service or operation is computed are not seen.
"""

from __future__ import annotations

import ast
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

_LISTS = {"pages", "count", "newest_first"}
_CLOUDWATCH = {"statistics", "search"}


class VisibleCall(NamedTuple):
    """A call in a source.

    Attributes:
        service: the service's name in boto3.
        method: the client's method, such as `list_models`.
        key: the name of the list in the answer; empty if the call does not name one.
        line: its line.
    """

    service: str
    method: str
    key: str
    line: int


def find(tree: ast.AST, module: ast.Module) -> Iterator[VisibleCall]:
    """Yield the calls in a class or a function.

    Args:
        tree: the class or function.
        module: its file, whose top level may create clients.
    """
    clients = {**_clients(module.body), **_clients(ast.walk(tree))}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    # `self`, or the reader of a reading.
    readers = {function.args.args[0].arg for function in functions if function.args.args}
    own_methods = {function.name for function in functions}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        method, receiver = node.func.attr, node.func.value
        if isinstance(receiver, ast.Name) and receiver.id in readers and method not in own_methods:
            found = _call_of_reader(method, node)
        else:
            found = _call_of_client(method, receiver, node, clients)
        if found is not None:
            yield found


def _call_of_reader(method: str, node: ast.Call) -> VisibleCall | None:
    texts = [_text(one) for one in node.args]
    if method in _CLOUDWATCH:
        return VisibleCall("cloudwatch", "get_metric_data", "", node.lineno)
    if (method in _LISTS or method == "call") and len(texts) > 1 and texts[0] and texts[1]:
        key = texts[2] if method in _LISTS and len(texts) > 2 else ""
        return VisibleCall(texts[0], texts[1], key, node.lineno)
    return None


def _call_of_client(method: str, receiver: ast.AST, node: ast.Call, clients: Mapping[str, str]) -> VisibleCall | None:
    service = clients.get(receiver.id, "") if isinstance(receiver, ast.Name) else _client(receiver)
    if not service:
        return None
    if method == "get_paginator" and node.args and _text(node.args[0]):
        return VisibleCall(service, _text(node.args[0]), "", node.lineno)
    return None if _is_no_operation(method) else VisibleCall(service, method, "", node.lineno)


def service_model(service: str) -> ServiceModel | None:
    """Return botocore's model of a service; None if there is no such service."""
    import botocore.session
    from botocore.exceptions import UnknownServiceError

    try:
        return botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None


@functools.cache
def operation_model(service: str, method: str) -> OperationModel | None:
    """Return botocore's model of the operation of a client's method; None if there is no such method."""
    from botocore import xform_name

    model = service_model(service)
    names = model.operation_names if model else ()
    found = next((name for name in names if xform_name(name) == method), None)
    return model.operation_model(found) if model and found else None


def _is_no_operation(method: str) -> bool:
    """Return whether a method of a client is not an operation: `close`, `get_waiter`, `upload_file` of S3."""
    from boto3.s3 import inject
    from botocore.client import BaseClient

    return hasattr(BaseClient, method) or hasattr(inject, method) or method.startswith("generate_")


def _clients(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Return the service of each variable to which a client is assigned, and always one of the same service."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id].add(_client(node.value))
    return {name: services.pop() for name, services in found.items() if len(services) == 1}


def _client(node: ast.AST) -> str:
    """Return the service if a node is `boto3.client("...")`, `self.client("...")` or the like."""
    made = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "client"
    return _text(node.args[0]) if made and isinstance(node, ast.Call) and node.args else ""


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
