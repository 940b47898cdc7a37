"""Thresholds of metrics, as Terraform sets them on the hub's archive function."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, Self

from ds_dashboard import canonical_json
from ds_dashboard.identity import Project

# The variables of the archive function.
THRESHOLDS, ACTIONS = "DS_DASHBOARD_THRESHOLDS", "DS_DASHBOARD_THRESHOLD_ACTIONS"
_ALL = ("*",)
# Terraform calculates with more digits than DynamoDB stores.
_STORED = Context(prec=canonical_json.MAX_DIGITS)


class Side(StrEnum):
    """The side of a threshold that a value is on, if it is beyond one."""

    ABOVE = "above"
    BELOW = "below"


class Threshold(NamedTuple):
    """The limits of a metric's values.

    Attributes:
        above: values greater than this one are beyond the threshold; None if there is no upper limit.
        below: values less than this one are beyond the threshold; None if there is no lower limit.
        projects: the projects that it applies to. `*` stands for any characters.
        environments: the environments that it applies to. `*` stands for any characters.
        values: how many values in a row must be beyond it before it is crossed.
    """

    above: Decimal | None = None
    below: Decimal | None = None
    projects: Sequence[str] = _ALL
    environments: Sequence[str] = _ALL
    values: int = 1

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Read a threshold in the form of the Terraform variable; what is absent or null has its default."""
        return cls(
            above=_limit(content.get("above")),
            below=_limit(content.get("below")),
            projects=tuple(content.get("projects") or _ALL),
            environments=tuple(content.get("environments") or _ALL),
            values=int(content.get("for") or 1),
        )

    def applies_to(self, project: Project) -> bool:
        """Return whether the values of a project and environment are compared with the threshold."""
        return any(fnmatchcase(project.name, pattern) for pattern in self.projects) and any(
            fnmatchcase(project.environment, pattern) for pattern in self.environments
        )

    def side(self, value: int | Decimal) -> Side | None:
        """Return the side on which a value is beyond the threshold; None if it is within."""
        if self.above is not None and value > self.above:
            return Side.ABOVE
        if self.below is not None and value < self.below:
            return Side.BELOW
        return None


def parse(text: str) -> dict[str, Threshold]:
    """Read the thresholds by the names of their metrics from the JSON text of the variable.

    Raises:
        ValueError: the text does not have the form of the Terraform variable.
    """
    try:
        found = json.loads(text, parse_float=Decimal)
        return {metric: Threshold.from_json(content) for metric, content in found.items()}
    except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"not a map of thresholds ({error})") from None


def _limit(number: int | Decimal | None) -> Decimal | None:
    # The latest table has the limits too, so a limit that DynamoDB cannot store would keep every value out of it.
    return None if number is None else canonical_json.exact(_STORED.create_decimal(number))
