"""Every example applied, planned again and destroyed, all beside each other: most of the time is waiting for queues."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ds_dashboard_dev import leftovers
from ds_dashboard_dev.demo import company
from ds_dashboard_dev.terraform import Changes, Root
from ds_dashboard_local import RunningCloud

from . import tree
from .appliers import REGION, Profiles

# Of nobody else in this session.
HUB, PROJECT, BOTH, ENCRYPTED = "720000000001", "720000000002", "720000000003", "720000000004"
COMPANY = {"hub": "720000000011", "forecasting": "720000000012", "search": "720000000013"}
ACCOUNTS = (HUB, PROJECT, BOTH, ENCRYPTED, *COMPANY.values())
MODEL_VERSION = "/project1/model-version"
# Given for both, so that a value is known beforehand.
INSTANCES = {"ModelVersion": {"class": "SSMParameterValue", "arguments": {"parameter_name": MODEL_VERSION}}}
TAGS = {"team": "examples"}
HUB_ROOT, SPOKE_ROOT, ONE_ROOT = "examples/hub", "examples/spoke", "examples/one-account"
ENCRYPTED_ROOT = "examples/encrypted"
SIDES = ("live/hub-connection", "live/project1-connection")
ALL_MODULES = ("modules/hub", "modules/spoke", "modules/connection")
LOCAL_ROOTS = ("examples/local/accounts", "examples/local/connections")


@dataclass(slots=True)
class Applied:
    """A root module and the variables that it was last applied with."""

    root: Root
    variables: Mapping[str, Any]

    def destroy(self) -> list[str]:
        """Destroy it; returns what is left in the state."""
        self.root.destroy(**self.variables)
        return self.root.state()


@dataclass(slots=True)
class World:
    """The examples in a checkout of their own, and the accounts that they are applied in."""

    cloud: RunningCloud
    folder: Path
    profiles: Profiles
    before: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    applied: dict[str, Applied] = field(default_factory=dict)
    planned_again: dict[str, Changes] = field(default_factory=dict)

    def prepare(self) -> None:
        """The users that apply, who is registered, and a value to be read: all that is in the accounts before."""
        self.profiles.add("hub", HUB, ["modules/hub"])
        self.profiles.add("hub-connection", HUB, ["modules/connection"])
        self.profiles.add("project1", PROJECT, ["modules/spoke"])
        self.profiles.add("project1-connection", PROJECT, ["modules/connection"])
        self.profiles.add("both", BOTH, ALL_MODULES)
        self.profiles.add("encrypted", ENCRYPTED, [*ALL_MODULES, ENCRYPTED_ROOT])
        for account in (PROJECT, BOTH, ENCRYPTED):
            self.cloud.client("ssm", account, REGION).put_parameter(Name=MODEL_VERSION, Value="v7", Type="String")
        for parameter in self._registry_of_company():
            self.cloud.client("ssm", parameter.account, REGION).put_parameter(
                Name=parameter.name, Value=parameter.value, Type="String"
            )
        self.before = {account: leftovers.in_account(self.cloud, account, REGION) for account in ACCOUNTS}

    @staticmethod
    def _registry_of_company() -> list[company.Parameter]:
        """Who reports to whom in `examples/local`, in accounts of our own."""
        own = dict(zip((company.HUB, company.FORECASTING, company.SEARCH), COMPANY.values(), strict=True))
        return [
            dataclasses.replace(parameter, account=own[parameter.account], value=own[parameter.value])
            for parameter in company.REGISTRY
        ]

    def apply(self, name: str, **variables: Any) -> None:
        """Apply the root module in the folder `name`."""
        if name not in self.applied:
            # Without a profile, each provider names its account itself.
            env = self.profiles.env if "profile" in variables else self.cloud.environment("000000000000")
            self.applied[name] = Applied(Root(self.folder / name, env), {})
        self.applied[name].root.apply(**variables)
        self.applied[name].variables = variables

    def plan_again(self, *names: str) -> None:
        """Plan what was just applied."""
        with ThreadPoolExecutor() as pool:
            plans = {name: pool.submit(self.applied[name].root.plan, **self.applied[name].variables) for name in names}
            self.planned_again |= {name: plan.result() for name, plan in plans.items()}

    def report(self) -> None:
        """What the examples' pages say: hub and spoke, then a copy of the connection for each, in two stages."""
        registry = {"Project1": {"dev": PROJECT}}
        with ThreadPoolExecutor() as pool:
            hub = pool.submit(
                self.apply, HUB_ROOT, profile="hub", monitored_projects=registry, deletion_protection=False, tags=TAGS
            )
            self.apply(
                SPOKE_ROOT,
                profile="project1",
                monitors={"hub": HUB},
                metric_instances=INSTANCES,
                schedule_expression="rate(1 day)",
                tags=TAGS,
            )
            hub.result()
            for side in SIDES:
                shutil.copytree(self.folder / "examples" / "connection", self.folder / side)
            for stage in ("permissions", "forwarding"):
                sides = [
                    pool.submit(self.apply, side, profile=Path(side).name, stage=stage, tags=TAGS) for side in SIDES
                ]
                for one in sides:
                    one.result()
        self.plan_again(HUB_ROOT, SPOKE_ROOT, *SIDES)

    def stand_alone(self) -> None:
        """One account that is hub and spoke, in one apply."""
        self._alone(ONE_ROOT, "both")

    def encrypt(self) -> None:
        """The same under a key of the same root module."""
        self._alone(ENCRYPTED_ROOT, "encrypted")

    def _alone(self, name: str, profile: str) -> None:
        self.apply(name, profile=profile, metric_instances=INSTANCES, deletion_protection=False, tags=TAGS)
        self.plan_again(name)

    def try_out(self) -> None:
        """Three accounts in one root module, with a metric of one's own, as `make demo` applies them."""
        metrics = self.folder / "examples" / "local" / "metrics"
        paths = {f"{what}_path": self.folder / f"own-{what}" for what in ("manifest", "package")}
        for variable, path in paths.items():
            tree.ds_dashboard(variable.removesuffix("_path"), "--metrics", metrics, "-o", path)
        accounts = {f"{name}_account_id": account for name, account in COMPANY.items()}
        self.apply(LOCAL_ROOTS[0], **accounts, **{variable: str(path) for variable, path in paths.items()})
        for stage in ("permissions", "forwarding"):
            self.apply(LOCAL_ROOTS[1], **accounts, stage=stage)
        self.plan_again(*LOCAL_ROOTS)

    def destroy(self) -> dict[str, list[str]]:
        """Destroy all of it, connections first, and return what is left in each state."""
        connections = [*SIDES, LOCAL_ROOTS[1]]
        left: dict[str, list[str]] = {}
        with ThreadPoolExecutor() as pool:
            for names in (connections, [name for name in self.applied if name not in connections]):
                left |= dict(zip(names, pool.map(lambda name: self.applied[name].destroy(), names), strict=True))
        return left
