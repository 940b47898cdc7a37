"""A metric's name leads to an instance with its arguments, or to the reason why it cannot be computed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ds_dashboard.metrics import Metric, MetricUnavailable, arguments, registry


class Arguments(Metric):
    """An argument of each type."""

    arguments = {
        "text": {"type": "string"},
        "ratio": {"type": "number"},
        "most": {"type": "integer", "default": 5},
        "strict": {"type": "boolean", "required": False},
        "filters": {"type": "json", "default": []},
        "statistic": {"choices": ["Sum", "Average"], "default": "Sum"},
        "hours": {"type": "integer", "minimum": 1, "maximum": 48, "default": 24},
    }

    def _compute_value(self) -> int:
        return 0


@pytest.fixture(autouse=True)
def index() -> None:
    registry.use_index({"Arguments": __name__, "Gone": "no_such_module", "Moved": "ds_dashboard.metrics.training"})


def test_arguments_are_converted_to_their_declared_types() -> None:
    """A map of Terraform has only strings, such as "true"."""
    given = {"text": "7", "ratio": "0.5", "strict": "true", "filters": '{"a": [1]}'}
    made = registry.create("Mine", "Arguments", given, "Project1", "dev")
    assert made.arguments == {
        **{"text": "7", "ratio": 0.5, "strict": True, "filters": {"a": [1]}},
        **{"most": 5, "statistic": "Sum", "hours": 24},
    }
    assert (made.metric_name, made.project_name, made.metadata, made.environment) == ("Mine", "Project1", {}, "dev")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"text": "a"}, "needs the argument ratio"),
        ({"text": "a", "ratio": "1", "color": "red"}, "has no argument color; its arguments are: filters, hours, most"),
        ({"text": "a", "ratio": "much"}, "the argument ratio is 'much', which is not a valid number"),
        ({"text": "a", "ratio": "1", "strict": "yes"}, "the argument strict is 'yes', which is not a valid boolean"),
        ({"text": "a", "ratio": "nan"}, "the argument ratio is 'nan', which is not a valid number"),
        ({"text": "a", "ratio": "1e400"}, "the argument ratio is '1e400', which is not a valid number"),
        ({"text": "a", "ratio": "1", "most": "1_0"}, "the argument most is '1_0', which is not a valid integer"),
        ({"text": "a", "ratio": "1", "filters": "[NaN]"}, r"filters is '\[NaN\]', which is not a valid json"),
        ({"text": "a", "ratio": "1", "filters": "[1e999]"}, r"filters is '\[1e999\]', which is not a valid json"),
        (
            {"text": "a", "ratio": "1", "statistic": "p95"},
            "statistic is 'p95', .* not allowed; use one of Sum, Average",
        ),
        ({"text": "a", "ratio": "1", "hours": "0"}, "hours is '0', .* not allowed; use at least 1 and at most 48"),
        ({"text": "a", "ratio": "1", "hours": "49"}, "hours is '49', which is not allowed; use at least 1 and"),
    ],
)
def test_invalid_arguments_are_named(given: dict[str, str], reason: str) -> None:
    """The reason becomes the metric's failure event."""
    with pytest.raises(MetricUnavailable, match=reason):
        registry.create("Mine", "Arguments", given, "Project1", "dev")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Unheard", "is not in this package, which has: Arguments, Gone, Moved"),
        ("Gone", "no_such_module cannot be imported: ModuleNotFoundError"),
        ("Moved", "ds_dashboard.metrics.training has no such metric"),
    ],
)
def test_a_metric_that_cannot_be_loaded_says_why(name: str, reason: str) -> None:
    """It becomes one failure event, and the other metrics are computed."""
    with pytest.raises(MetricUnavailable, match=reason):
        registry.load(name)


def test_a_module_that_ends_the_process_is_one_failure(tmp_path: Path, monkeypatch: Any) -> None:
    """SystemExit is not an Exception: a script among the metrics must not stop the others."""
    (tmp_path / "a_script.py").write_text("import sys\nsys.exit(3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    registry.use_index({"Script": "a_script"})
    with pytest.raises(MetricUnavailable, match=r"SystemExit: 3 \(.*a_script\.py:2\)"):
        registry.load("Script")


def test_terraform_has_the_same_patterns_of_numbers() -> None:
    """What a plan accepts, the function converts."""
    text = (Path(__file__).parents[3] / "modules/spoke/patterns.tf").read_text()
    for name, pattern in (("integer", arguments._INTEGER), ("number", arguments._NUMBER)):
        assert re.search(rf'^    {name} += "\^(.*)\$"$', text, re.MULTILINE)[1] == pattern.pattern  # type: ignore[index]
