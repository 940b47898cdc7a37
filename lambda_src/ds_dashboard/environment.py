"""Variables of the environment, which Terraform sets."""

from __future__ import annotations

import json
import os


class NotConfigured(RuntimeError):
    """A variable of the environment is missing or broken; the message names it and the cure."""


def text(name: str) -> str:
    """The variable `name`.

    Raises:
        NotConfigured: it is not set.
    """
    value = os.environ.get(name)
    if value is None:
        raise NotConfigured(f"{name} is not set: apply the Terraform module that deploys this function again")
    return value


def json_value(name: str) -> object:
    """The variable `name`, read as JSON.

    Raises:
        NotConfigured: it is not set, or is no JSON.
    """
    try:
        return json.loads(text(name))
    except ValueError as error:
        raise NotConfigured(f"{name} is no JSON ({error}): apply the Terraform module again") from None
