"""Scenarios of the metrics in this repository: one file for each family, which has the name of the family's file.

Each file has a list `SCENARIOS`. A metric needs at least one scenario, and one for each outcome of its own: a value,
nothing to report, a failure. `ds_dashboard.testing.Scenario` describes the fields. For example, with canned answers:

    Scenario(
        "StudioAppsInService",
        value=2,
        breakdown={"JupyterLab": 2},
        answers={
            "sagemaker.list_apps": {
                "Apps": [
                    {"AppType": "JupyterLab", "Status": "InService"},
                    {"AppType": "JupyterLab", "Status": "InService"},
                    {"AppType": "JupyterLab", "Status": "Deleted"},
                ]
            }
        },
    )

Write an answer whole: it is split into pages as the metric requests them. With `seed=function` instead, moto answers,
and the metric also runs in the local cloud under the role that modules/spoke makes for it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence

from ds_dashboard.testing import Scenario

BY_FAMILY: Mapping[str, Sequence[Scenario]] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}").SCENARIOS
    for module in pkgutil.iter_modules(__path__)
}


def scenarios_of(metric: str) -> list[Scenario]:
    """Return the scenarios of a metric."""
    return [one for scenarios in BY_FAMILY.values() for one in scenarios if one.metric == metric]
