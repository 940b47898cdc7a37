"""The commands on the pages of the documentation, and how to run those of the AWS CLI without the AWS CLI."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import botocore.session

# Options of the AWS CLI itself.
_GLOBAL_OPTIONS = {"--output", "--profile", "--query", "--region"}


def section(text: str, heading: str) -> str:
    """Return the part of a page below a heading of the second level."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None, heading
    return found[1]


def commands(text: str) -> Iterator[list[str]]:
    """Yield the commands in the blocks of a text, without their comments."""
    for block in re.findall(r"^ *```sh\n(.+?)^ *```$", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield shlex.split(line, comments=True)


def unknown_options(words: list[str]) -> set[str]:
    """Return the options of a command of the AWS CLI that its operation does not have."""
    session = botocore.session.get_session()
    _, service, operation, *rest = words
    model = session.get_service_model(service)
    if operation == "wait":
        name = session.get_waiter_model(service).get_waiter(rest[0].title().replace("-", "")).operation
    else:
        name = {_kebab(one): one for one in model.operation_names}[operation]
    shape = model.operation_model(name).input_shape
    known = set() if shape is None else {f"--{_kebab(one)}" for one in shape.members}
    return {option for option in words if option.startswith("--")} - known - _GLOBAL_OPTIONS


def run_aws(words: list[str], client: Callable[[str], Any]) -> Any:
    """Run a command of the AWS CLI whose options are texts or flags, and return the answer.

    Args:
        words: the command, from `aws` on.
        client: returns the boto3 client of a service.
    """
    _, service, operation, *rest = words
    if operation == "wait":
        waiter, *rest = rest
        return client(service).get_waiter(waiter.replace("-", "_")).wait(**_arguments(rest))
    return getattr(client(service), operation.replace("-", "_"))(**_arguments(rest))


def _arguments(words: list[str]) -> Mapping[str, Any]:
    arguments: dict[str, Any] = {}
    rest = list(words)
    while rest:
        name = rest.pop(0)
        assert name.startswith("--"), words
        # An option without a value is a flag.
        value = rest.pop(0) if rest and not rest[0].startswith("--") else True
        if name not in _GLOBAL_OPTIONS:
            arguments["".join(part.title() for part in name[2:].split("-"))] = value
    return arguments


def _kebab(name: str) -> str:
    """Return `log-group-name` for `logGroupName`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
