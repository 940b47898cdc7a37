"""Names of series: what a metric's values are called if a refresh sets arguments or an instant of the past.

A metric with run-time arguments is a series of its own, `Owner(parameter_name=/b)`. A refresh as of a past instant has
an ID that follows from the instant, so that a result that is computed again is the same event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from ds_dashboard import dates

# `MetricName` in the schemas of events.
MAX_NAME = 128
ARGUMENT_PATTERN = "[A-Za-z_][A-Za-z0-9_]*"

_AS_OF_PREFIX = "asof-"
# A comma, but not one in the arguments of a metric, as in Owner(parameter_name=a,b). Names end their arguments.
_BETWEEN_NAMES = re.compile(r",(?![^()]*\))")
# The characters that a value cannot contain as they are: those that separate arguments, or that a name cannot contain.
_RESERVED = re.compile(r"[%;()#]")
_WITH_ARGUMENTS = re.compile(rf"(?P<instance>.+?)\((?:{ARGUMENT_PATTERN}=[^;()]*)(?:;{ARGUMENT_PATTERN}=[^;()]*)*\)")


def series_name(instance: str, arguments: Mapping[str, str]) -> str:
    """Return the `MetricName` of a metric whose arguments a refresh has set, such as `Owner(parameter_name=/b)`.

    The characters `%`, `;`, `(`, `)` and `#` of a value are percent-encoded, so that different arguments have different
    names.

    Args:
        instance: the name under which the spoke deploys the metric.
        arguments: argument -> value; without any, the name is that of the instance.

    Raises:
        ValueError: an argument's name is not an identifier, or the series' name is longer than events allow.
    """
    if not arguments:
        return instance
    for name in arguments:
        if not re.fullmatch(ARGUMENT_PATTERN, name):
            raise ValueError(f"{name!r} is not the name of an argument")
    written = (f"{name}={_RESERVED.sub(_encoded, value)}" for name, value in sorted(arguments.items()))
    series = f"{instance}({';'.join(written)})"
    if len(series) > MAX_NAME:
        raise ValueError(
            f"the name {series[:MAX_NAME]!r}… has {len(series)} characters, {MAX_NAME} are allowed: shorten the value "
            f"of an argument"
        )
    return series


def instance_of(series: str) -> str:
    """Return the name of the instance that a series belongs to: `Owner` for `Owner(parameter_name=/b)` and `Owner`."""
    found = _WITH_ARGUMENTS.fullmatch(series)
    return found["instance"] if found else series


def split_names(text: str) -> list[str]:
    """Return the names in a list with commas between, as the options of commands have it."""
    return [word.strip() for word in _BETWEEN_NAMES.split(text)]


def as_of_refresh_id(instant: datetime) -> str:
    """Return the `RefreshId` of a refresh as of a past instant."""
    return f"{_AS_OF_PREFIX}{dates.format_instant(instant)}"


def is_as_of(refresh_id: object) -> bool:
    """Return whether a `RefreshId` is that of a refresh as of a past instant."""
    return isinstance(refresh_id, str) and refresh_id.startswith(_AS_OF_PREFIX)


def _encoded(character: re.Match[str]) -> str:
    return f"%{ord(character[0]):02X}"
