"""Every example on AWS applied as its page says, used, planned again and destroyed, in accounts of its own.

The example on the local cloud is the demo, which tests/journey runs.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from tests.support import account_resources

from ds_dashboard_dev.checkout import CHECKOUT, build_package, venv_program
from ds_dashboard_dev.terraform import Changes, Root
from ds_dashboard_local import RunningCloud

from . import release
from .appliers import REGION, Profiles

# No other test of the session uses these accounts.
HUB, PROJECT, BOTH, ENCRYPTED = "720000000001", "720000000002", "720000000003", "720000000004"

HUB_ROOT, SPOKE_ROOT, ONE_ROOT, ENCRYPTED_ROOT = (
    f"examples/{name}" for name in ("hub", "spoke", "one-account", "encrypted")
)
CONNECTIONS = ("live/hub-connection", "live/project1-connection")
ALL_MODULES = ("modules/hub", "modules/spoke", "modules/connection")
PACKAGE = Path("lambda_src", "dist", "ds_dashboard.zip")

MODEL_VERSION = "/project1/model-version"
INSTANCES = {"ModelVersion": {"class": "SSMParameterValue", "arguments": {"parameter_name": MODEL_VERSION}}}
TAGS = {"team": "examples"}

T = TypeVar("T")
Listing = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Encryption:
    """The customer-managed key of an account, and the key that encrypts the table of latest values."""

    key_policy: Mapping[str, Any]
    table_key_arn: str


@dataclass(frozen=True, slots=True)
class Run:
    """One or more examples from the first apply to the last destroy.

    Attributes:
        applied: The changes of the last apply, by root.
        planned_again: The changes of a second plan, by root.
        outputs: The outputs, by root.
        values: The latest values after a refresh: spoke -> metric -> value.
        encryption: Only of the encrypted example.
        before: The resources in the accounts before the first apply: account -> kind -> names.
        between: The same after the last apply.
        after: The same after the last destroy.
        destroyed: The changes of the destroy, by root.
        left: The addresses in the state after the destroy, by root.
    """

    applied: Mapping[str, Changes]
    planned_again: Mapping[str, Changes]
    outputs: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Mapping[str, str]]
    encryption: Encryption | None
    before: Listing
    between: Listing
    after: Listing
    destroyed: Mapping[str, Changes]
    left: Mapping[str, Sequence[str]]


class World:
    """Checkouts as users have them after `make package-lambdas`, and the accounts in which examples are applied."""

    def __init__(self, cloud: RunningCloud, folder: Path, profiles: Profiles) -> None:
        self.cloud = cloud
        self.checkout = folder / "checkout"
        self.repository = folder / "ds-dashboard.git"
        self.profiles = profiles
        self._folder = folder

    def prepare(self) -> None:
        """Copy modules and examples, build the package, and create the users that apply and the parameters."""
        left_by_runs = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan", "__pycache__")
        for part in ("modules", "examples"):
            shutil.copytree(CHECKOUT / part, self.checkout / part, ignore=left_by_runs)
        build_package(self.checkout / PACKAGE)
        self.profiles.add("hub", HUB, ["modules/hub"])
        self.profiles.add("hub-connection", HUB, ["modules/connection"])
        self.profiles.add("project1", PROJECT, ["modules/spoke"])
        self.profiles.add("project1-connection", PROJECT, ["modules/connection"])
        self.profiles.add("both", BOTH, ALL_MODULES)
        self.profiles.add("encrypted", ENCRYPTED, [*ALL_MODULES, ENCRYPTED_ROOT])
        for account in (PROJECT, BOTH, ENCRYPTED):
            self._put_parameter(account, MODEL_VERSION, "v7")

    def several_accounts(self) -> Run:
        """Hub and spoke, then a copy of the connection for each of them, in two stages."""
        checkout = self._copy("several-accounts")
        hub = self._root(
            checkout / HUB_ROOT,
            "hub",
            monitored_projects={"Project1": {"dev": PROJECT}},
            deletion_protection=False,
            report={"schedule": "rate(1 day)"},
            tags=TAGS,
        )
        spoke = self._root(
            checkout / SPOKE_ROOT,
            "project1",
            monitors={"hub": HUB},
            metric_instances=INSTANCES,
            schedule_expression="rate(1 day)",
            tags=TAGS,
        )
        for name in CONNECTIONS:
            shutil.copytree(checkout / "examples" / "connection", checkout / name)
        connections = [self._root(checkout / name, Path(name).name, tags=TAGS) for name in CONNECTIONS]
        return self._run(checkout, [HUB, PROJECT], [hub, spoke], connections)

    def one_account(self) -> Run:
        """A hub and a spoke in one account and one apply, by a user of a release, who has no checkout."""
        release.publish(self.repository)
        live = self._folder / "release"
        release.write_live(CHECKOUT / ONE_ROOT, live / ONE_ROOT, self.repository, self.checkout / PACKAGE)
        return self._in_one_account(live, ONE_ROOT, "both", BOTH, package_path=release.PACKAGE)

    def encrypted(self) -> Run:
        """A hub and a spoke in one account, with a customer-managed key of the same root module."""
        return self._in_one_account(self._copy("encrypted"), ENCRYPTED_ROOT, "encrypted", ENCRYPTED)

    def module_sources(self) -> dict[str, str]:
        """Return the sources of the modules of `one_account`, by module, as Terraform installed them."""
        installed = self._folder / "release" / ONE_ROOT / ".terraform" / "modules" / "modules.json"
        return {one["Key"]: one["Source"] for one in json.loads(installed.read_text())["Modules"]}

    def _in_one_account(self, checkout: Path, name: str, profile: str, account: str, **variables: str) -> Run:
        given = {"metric_instances": INSTANCES, "deletion_protection": False, "tags": TAGS, **variables}
        root = self._root(checkout / name, profile, **given)
        return self._run(checkout, [account], [root], [])

    def _run(self, checkout: Path, accounts: Sequence[str], roots: Sequence[Root], connections: Sequence[Root]) -> Run:
        """Apply, plan again, refresh the hub in the first account, and destroy without package and manifest."""
        everything = [*roots, *connections]
        names = [str(root.folder.relative_to(checkout)) for root in everything]

        def by_root(results: Iterable[T]) -> dict[str, T]:
            return dict(zip(names, results, strict=True))

        before = self._listing(accounts)
        applied = _in_parallel(Root.apply, roots)
        _in_parallel(lambda root: root.apply(stage="permissions"), connections)
        applied += _in_parallel(Root.apply, connections)
        planned_again = _in_parallel(Root.plan, everything)
        outputs = [root.outputs() for root in everything]
        values = self._values(accounts[0])
        between = self._listing(accounts)
        encryption = self._encryption(accounts[0], outputs[0].get("kms_key_arn"))

        # A user who destroys an installation may have deleted both.
        for name in ("ds_dashboard.zip*", "metrics.json"):
            for file in checkout.rglob(name):
                file.unlink()
        connections_destroyed = _in_parallel(Root.destroy, connections)
        destroyed = _in_parallel(Root.destroy, roots) + connections_destroyed
        return Run(
            by_root(applied),
            by_root(planned_again),
            by_root(outputs),
            values,
            encryption,
            before,
            between,
            self._listing(accounts),
            by_root(destroyed),
            by_root(root.state() for root in everything),
        )

    def _copy(self, name: str) -> Path:
        """Copy the checkout for one run."""
        return Path(shutil.copytree(self.checkout, self._folder / name))

    def _root(self, folder: Path, profile: str, **variables: Any) -> Root:
        return Root(folder, self.profiles.env, {"profile": profile, **variables})

    def _encryption(self, account: str, key_arn: str | None) -> Encryption | None:
        if key_arn is None:
            return None
        kms, dynamodb = (self.cloud.client(service, account, REGION) for service in ("kms", "dynamodb"))
        policy = json.loads(kms.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"])
        table = dynamodb.describe_table(TableName="ds-dashboard-latest")["Table"]
        return Encryption(policy, table["SSEDescription"]["KMSMasterKeyArn"])

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


def _in_parallel(action: Callable[[Root], T], roots: Sequence[Root]) -> list[T]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(action, roots))
