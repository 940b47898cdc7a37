"""Environment variables of a function, read one by one: what is wrong with any of them is reported at once."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from ds_dashboard import dates

Settings = TypeVar("Settings")

_PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+/?")


class NotConfigured(RuntimeError):
    """Environment variables are missing or invalid; the message names each of them and the fix."""


class Variables:
    """The environment variables of a function, read one by one.

    Each method returns a value of its type in any case. What is wrong is in `faults` afterwards.

    Attributes:
        faults: variable -> what is wrong with it, as the rest of a sentence.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        self.faults: dict[str, str] = {}
        self._values = values

    def text(self, name: str, form: re.Pattern[str] | None = None, what: str = "") -> str:
        """Read a text that must not be empty; with `form`, one of that form, which `what` describes."""
        value = self._values.get(name)
        if not value:
            self.faults[name] = "is not set" if value is None else "is empty"
        elif form is not None and not form.fullmatch(value):
            self.faults[name] = f"is {value[:140]!r}, which is not {what}"
        return value or ""

    def optional(self, name: str) -> str | None:
        """Read a text that may be missing or empty."""
        return self._values.get(name) or None

    def path(self, name: str) -> str:
        """Read a path of Parameter Store, without a trailing slash."""
        return self.text(name, _PATH, "a path such as /monitored_projects").rstrip("/")

    def days(self, name: str) -> int | None:
        """Read a number of days, which may be missing or empty."""
        days = self._values.get(name, "")
        if days and not days.isdecimal():
            self.faults[name] = f"is {days!r}, which is not a number of days"
            return None
        return int(days) if days else None

    def hours(self, name: str) -> timedelta:
        """Read a positive number of hours."""
        text = self.text(name)
        hours = dates.parse_hours(text)
        if text and hours is None:
            self.faults[name] = f"is {text!r}, which is not a valid number of hours"
        return hours or timedelta()

    def json(self, name: str, is_valid: Callable[[Any], bool], what: str) -> Any:
        """Read a JSON document; None if it is not valid."""
        text = self.text(name)
        try:
            document = json.loads(text) if text else None
        except ValueError as error:
            self.faults[name] = f"is not valid JSON ({error})"
            return None
        if text and not is_valid(document):
            self.faults[name] = f"is not {what}"
            return None
        return document

    def optional_json(self, name: str, is_valid: Callable[[Any], bool], what: str) -> Any:
        """Read a JSON document that may be missing; None if it is, or if it is not valid."""
        return self.json(name, is_valid, what) if self.optional(name) else None

    def parsed(self, name: str, parse: Callable[[str], Settings]) -> Settings | None:
        """Read a text that may be missing, by a function that raises ValueError; None if it is missing or not valid."""
        text = self.optional(name)
        try:
            return parse(text) if text else None
        except ValueError as error:
            self.faults[name] = f"is {error}"
            return None

    def check(self) -> None:
        """Check that nothing is wrong with what was read.

        Raises:
            NotConfigured: a variable is missing or invalid.
        """
        if self.faults:
            found = "; ".join(f"{name} {fault}" for name, fault in self.faults.items())
            raise NotConfigured(f"{found}: apply the Terraform module that deploys this function again")


def from_environment(read: Callable[[Variables], Settings]) -> Settings:
    """Read the settings of this function from its own variables.

    Raises:
        NotConfigured: a variable is missing or invalid.
    """
    variables = Variables(os.environ)
    settings = read(variables)
    variables.check()
    return settings


def is_list_of_names(document: Any) -> bool:
    """Return whether a JSON document is a list of texts."""
    return isinstance(document, list) and all(isinstance(name, str) for name in document)
