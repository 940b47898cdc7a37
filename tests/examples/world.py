"""Every example applied as its page says, used, planned again and destroyed, in accounts of its own."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import account_resources

from ds_dashboard_dev.checkout import CHECKOUT, build_package, build_with_metrics, venv_program
from ds_dashboard_dev.demo import company
from ds_dashboard_dev.terraform import Changes, Root
from ds_dashboard_local import RunningCloud

from .appliers import REGION, Profiles

# No other test of the session uses these accounts.
HUB, PROJECT, BOTH, ENCRYPTED = "720000000001", "720000000002", "720000000003", "720000000004"
COMPANY = {"hub": "720000000011", "forecasting": "720000000012", "search": "720000000013"}

HUB_ROOT, SPOKE_ROOT, ONE_ROOT, ENCRYPTED_ROOT = (
    f"examples/{name}" for name in ("hub", "spoke", "one-account", "encrypted")
)
CONNECTIONS = ("live/hub-connection", "live/project1-connection")
LOCAL_ROOTS = ("examples/local/accounts", "examples/local/connections")
ALL_MODULES = ("modules/hub", "modules/spoke", "modules/connection")
PACKAGE = Path("lambda_src", "dist", "ds_dashboard.zip")

MODEL_VERSION = "/project1/model-version"
INSTANCES = {"ModelVersion": {"class": "SSMParameterValue", "arguments": {"parameter_name": MODEL_VERSION}}}
TAGS = {"team": "examples"}

Listing = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Run:
    """One or more examples from the first apply to the last destroy.

    Attributes:
        planned_again: The changes of a second plan, by root.
        values: The latest values after a refresh: spoke -> metric -> value.
        before: The resources in the accounts before the first apply: account -> kind -> names.
        applied: The same after the last apply.
        after: The same after the last destroy.
        left: The addresses in the state after the destroy, by root.
    """

    planned_again: Mapping[str, Changes]
    values: Mapping[str, Mapping[str, str]]
    before: Listing
    applied: Listing
    after: Listing
    left: Mapping[str, Sequence[str]]


class World:
    """A checkout as a user has it after `make package-lambdas`, and the accounts in which examples are applied."""

    def __init__(self, cloud: RunningCloud, folder: Path, profiles: Profiles) -> None:
        self.cloud = cloud
        self.folder = folder
        self.profiles = profiles

    def prepare(self) -> None:
        """Copy modules and examples, build the package, and create the users that apply and the parameters."""
        left_by_runs = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan", "__pycache__")
        for part in ("modules", "examples"):
            shutil.copytree(CHECKOUT / part, self.folder / part, ignore=left_by_runs)
        build_package(self.folder / PACKAGE)
        self.profiles.add("hub", HUB, ["modules/hub"])
        self.profiles.add("hub-connection", HUB, ["modules/connection"])
        self.profiles.add("project1", PROJECT, ["modules/spoke"])
        self.profiles.add("project1-connection", PROJECT, ["modules/connection"])
        self.profiles.add("both", BOTH, ALL_MODULES)
        self.profiles.add("encrypted", ENCRYPTED, [*ALL_MODULES, ENCRYPTED_ROOT])
        for account in (PROJECT, BOTH, ENCRYPTED):
            self._put_parameter(account, MODEL_VERSION, "v7")
        own = dict(zip((company.HUB, company.FORECASTING, company.SEARCH), COMPANY.values(), strict=True))
        for parameter in company.REGISTRY:
            moved = dataclasses.replace(parameter, account=own[parameter.account], value=own[parameter.value])
            self._put_parameter(moved.account, moved.name, moved.value)

    def several_accounts(self) -> Run:
        """Hub and spoke, then a copy of the connection for each of them, in two stages."""
        hub = self._root(
            HUB_ROOT, "hub", monitored_projects={"Project1": {"dev": PROJECT}}, deletion_protection=False, tags=TAGS
        )
        spoke = self._root(
            SPOKE_ROOT,
            "project1",
            monitors={"hub": HUB},
            metric_instances=INSTANCES,
            schedule_expression="rate(1 day)",
            tags=TAGS,
        )
        for name in CONNECTIONS:
            shutil.copytree(self.folder / "examples" / "connection", self.folder / name)
        connections = [self._root(name, Path(name).name, tags=TAGS) for name in CONNECTIONS]

        def apply() -> None:
            _in_parallel(lambda root: root.apply(), [hub, spoke])
            _in_parallel(lambda root: root.apply(stage="permissions"), connections)
            _in_parallel(lambda root: root.apply(), connections)

        return self._run([HUB, PROJECT], apply, [hub, spoke], connections)

    def one_account(self) -> Run:
        """A hub and a spoke in one account and one apply."""
        return self._in_one_account(ONE_ROOT, "both", BOTH)

    def encrypted(self) -> Run:
        """The same with a customer-managed key of the same root module."""
        return self._in_one_account(ENCRYPTED_ROOT, "encrypted", ENCRYPTED)

    def local(self) -> Run:
        """Three accounts in one root module, with a metric of a user, as `make demo` applies them."""
        built = build_with_metrics(self.folder, self.folder / "examples" / "local" / "metrics")
        ids = {f"{name}_account_id": account for name, account in COMPANY.items()}
        # Each provider of these roots has its own account.
        env = self.cloud.environment("000000000000")
        accounts = Root(self.folder / LOCAL_ROOTS[0], env, {**ids, **built})
        connections = Root(self.folder / LOCAL_ROOTS[1], env, ids)

        def apply() -> None:
            accounts.apply()
            connections.apply(stage="permissions")
            connections.apply()

        return self._run(list(COMPANY.values()), apply, [accounts], [connections])

    def _in_one_account(self, name: str, profile: str, account: str) -> Run:
        root = self._root(name, profile, metric_instances=INSTANCES, deletion_protection=False, tags=TAGS)
        return self._run([account], root.apply, [root], [])

    def _run(
        self, accounts: Sequence[str], apply: Callable[[], Any], roots: Sequence[Root], connections: Sequence[Root]
    ) -> Run:
        """Apply, plan again, refresh the hub in the first account, and destroy: connections first."""
        everything = [*roots, *connections]
        before = self._listing(accounts)
        apply()
        planned_again = dict(zip(map(self._name, everything), _in_parallel(Root.plan, everything), strict=True))
        values = self._values(accounts[0])
        applied = self._listing(accounts)
        for group in (connections, roots):
            _in_parallel(Root.destroy, group)
        left = {self._name(root): root.state() for root in everything}
        return Run(planned_again, values, before, applied, self._listing(accounts), left)

    def _root(self, name: str, profile: str, **variables: Any) -> Root:
        return Root(self.folder / name, self.profiles.env, {"profile": profile, **variables})

    def _name(self, root: Root) -> str:
        return str(root.folder.relative_to(self.folder))

    def _listing(self, accounts: Iterable[str]) -> Listing:
        return {account: account_resources.list_resources(self.cloud, account, REGION) for account in accounts}

    def _put_parameter(self, account: str, name: str, value: str) -> None:
        self.cloud.client("ssm", account, REGION).put_parameter(Name=name, Value=value, Type="String")

    def _values(self, hub: str) -> dict[str, dict[str, str]]:
        """Refresh all spokes with the commands of the examples' pages, and return the values."""
        self._ds_dashboard(hub, "refresh", "--wait")
        values: dict[str, dict[str, str]] = {}
        for line in self._ds_dashboard(hub, "latest", "--json").splitlines():
            item = json.loads(line)
            if "MetricValue" in item:
                values.setdefault(item["Project"], {})[item["MetricName"]] = str(item["MetricValue"])
        return values

    def _ds_dashboard(self, account: str, *arguments: str) -> str:
        env = self.cloud.subprocess_environment(account)
        command = [str(venv_program("ds-dashboard")), *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def _in_parallel(action: Callable[[Root], Any], roots: Sequence[Root]) -> list[Any]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(action, roots))
