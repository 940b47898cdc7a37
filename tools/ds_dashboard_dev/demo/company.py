"""The company of the demo: its accounts, which spokes report to which hubs, and the root modules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ds_dashboard.shell import command
from ds_dashboard_dev.checkout import CHECKOUT, TOOLS
from ds_dashboard_dev.terraform import Root
from ds_dashboard_local import RunningCloud

EXAMPLE = CHECKOUT / "examples" / "local"
WORK = TOOLS / "demo"

HUB, FORECASTING, SEARCH = "111111111111", "222222222222", "333333333333"
PROFILES = {HUB: "hub", FORECASTING: "forecasting", SEARCH: "search"}
MODEL_VERSION = "/forecasting/model-version"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of Parameter Store in one account."""

    account: str
    name: str
    value: str

    def command(self) -> str:
        """Return the command that creates it on AWS."""
        return command(
            *("aws", "ssm", "put-parameter", "--type", "String", "--name", self.name, "--value", self.value),
            *("--profile", PROFILES[self.account]),
        )


# Search reports to the central hub, and to a hub in its own account.
REGISTRY = (
    Parameter(HUB, "/monitored_projects/Forecasting/dev", FORECASTING),
    Parameter(HUB, "/monitored_projects/Search/prod", SEARCH),
    Parameter(FORECASTING, "/monitors/central", HUB),
    Parameter(SEARCH, "/monitors/central", HUB),
    Parameter(SEARCH, "/monitors/own", SEARCH),
    Parameter(SEARCH, "/monitored_projects/Search/prod", SEARCH),
)


# A value of Forecasting that Search sends.
FORGED = {
    "Source": "metric_extractor",
    "DetailType": "metric_extractor",
    "Detail": json.dumps(
        {
            "MetricName": "TotalCompletedTrainingJobs",
            "MetricValue": 999_999,
            "ExtractionDate": "2026-11-24T00:00:00.000000Z",
            "Metadata": {},
            "Environment": "dev",
            "ProjectName": "Forecasting",
        }
    ),
}


def root(name: str, cloud: RunningCloud, variables: Mapping[str, str] | None = None, *, work: Path = WORK) -> Root:
    """Return a root module of `examples/local`, which names the account of each of its providers itself.

    Args:
        name: `accounts` or `connections`.
        cloud: Where it is applied.
        variables: The module's variables.
        work: The folder for its state and Terraform's data, which stay out of the sources.
    """
    env = {**cloud.environment(HUB), "TF_DATA_DIR": str(work / name)}
    return Root(EXAMPLE / name, env, variables, state=work / f"{name}.tfstate")


def register(cloud: RunningCloud) -> None:
    """Write in each account the hubs that it reports to and the projects that it monitors."""
    for parameter in REGISTRY:
        cloud.client("ssm", parameter.account).put_parameter(
            Name=parameter.name, Value=parameter.value, Type="String", Overwrite=True
        )


def forge(cloud: RunningCloud, bus: str) -> None:
    """Send an event from the account of Search that claims a value of Forecasting."""
    cloud.client("events", SEARCH).put_events(Entries=[{**FORGED, "EventBusName": bus}])
