"""The files that `ds-dashboard metrics new` writes: a metric that works as it is, and its test."""

from __future__ import annotations

import re

_METRIC = '''\
"""{name}, a metric of your own. Change what it reads. docs/writing-metrics.md of ds-dashboard explains the rest."""

from __future__ import annotations

from ds_dashboard.metrics import Metric


class {name}(Metric):
    """SageMaker models of this account and region.

    Say here what the metric does not see, such as models of other regions. The first line above is its description.
    """

    unit = "Count"
    # How many calls it makes, for people who choose metrics.
    calls = "1 per 100 models"
    # One entry for the action of each call below. Name the resource, unless IAM has no resource type for the action.
    _iam_permissions = [*Metric._iam_permissions, {{"Action": "sagemaker:ListModels", "Resource": "*"}}]

    def _compute_value(self) -> int:
        # Reads all pages. Let errors pass: a denied call must become a failure, and never a zero.
        return self.count("sagemaker", "list_models", "Models")
'''
_TEST = '''\
"""What {name} reports. `ds-dashboard metrics check` makes the same scenarios harder."""

from __future__ import annotations

import pytest
from {module} import {name}

from ds_dashboard.testing import Scenario

MODELS = [{{"ModelName": name}} for name in ("churn", "fraud", "ranking")]
SCENARIOS = [
    Scenario("{name}", value=3, answers={{"sagemaker.list_models": {{"Models": MODELS}}}}),
]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_reports_the_value_of_the_scenario(scenario: Scenario) -> None:
    """No credentials, no network: the account answers with what the scenario contains."""
    with scenario.account() as account:
        assert account.measure({name}, **scenario.arguments).value == scenario.value
'''


def file_name(name: str) -> str:
    """Return the name of a metric's file without `.py`: `NumberOfModels` -> `number_of_models`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def metric(name: str) -> str:
    """Return the file of a metric."""
    return _METRIC.format(name=name)


def test_of(name: str) -> str:
    """Return the file of its test."""
    return _TEST.format(name=name, module=file_name(name))
