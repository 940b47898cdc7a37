"""The world `company`: hubs and spokes in six accounts and two regions, and what their projects work on.

| hub | account | spokes |
|---|---|---|
| `central` | `hub` | Alpha/dev, Bravo/prod (another region and name), Charlie/dev; eight projects that never report |
| `charlie_hub` | `charlie`, also a spoke of `central` | Charlie/dev, Outpost/dev |
| `outpost_hub` | `hub`, next to `central` | Outpost/dev, in the same account |
| `guard_hub` | `guard_hub`, encrypted, accepts its organization | Spoke/dev; tests/attack attacks it |

Two roots are applied: hubs and spokes, then their connections.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import build_with_metrics
from ds_dashboard_dev.terraform import Changes
from ds_dashboard_dev.testing.events import result
from ds_dashboard_dev.testing.installation import Hub, Spoke
from ds_dashboard_dev.testing.roots import Parameter, copy_root
from ds_dashboard_local import RunningCloud

SOURCE = Path(__file__).parent
REGION, FAR_REGION = "eu-west-1", "us-east-1"
ACCOUNTS = {
    "hub": "610000000001",
    "alpha": "610000000002",
    "bravo": "610000000003",
    "charlie": "610000000004",
    "guard_hub": "610000000005",
    "guard_spoke": "610000000006",
}
HUB, ALPHA, BRAVO, CHARLIE, GUARD_HUB, GUARD_SPOKE = ACCOUNTS.values()
# The organization of the hub `guard`. The stranger belongs to it and is not registered; the outsider does not.
ORGANIZATION = "o-guard00001"
STRANGER, OUTSIDER = "610000000007", "610000000008"
SILENT = [f"Silent{number}/dev" for number in range(1, 9)]
# More jobs than one page of ListTrainingJobs.
TRAINING_JOBS, ENDPOINTS = 123, 3
# The projects of the central hub that extract.
SPOKES = ("Alpha/dev", "Bravo/prod", "Charlie/dev")
# Account and region of each spoke's module, and the project that it reports.
_SPOKE_MODULES = {
    "alpha": (ALPHA, REGION, "Alpha/dev"),
    "bravo": (BRAVO, FAR_REGION, "Bravo/prod"),
    "charlie": (CHARLIE, REGION, "Charlie/dev"),
    "outpost": (HUB, REGION, "Outpost/dev"),
    "guard_spoke": (GUARD_SPOKE, REGION, "Spoke/dev"),
}
_HUB_MODULES = {"central": HUB, "charlie_hub": CHARLIE, "outpost_hub": HUB, "guard_hub": GUARD_HUB}


def bus_arn(account: str, name: str, region: str = REGION) -> str:
    """Return the ARN of a bus."""
    return f"arn:aws:events:{region}:{account}:event-bus/{name}"


REGISTRY = (
    Parameter(BRAVO, "/monitors/central", bus_arn(HUB, "lookout-hub"), FAR_REGION),
    Parameter(CHARLIE, "/monitored_projects/Outpost/dev", bus_arn(HUB, "outpost-spoke")),
    Parameter(CHARLIE, "/monitored_projects/Charlie/dev", CHARLIE),
    Parameter(CHARLIE, "/monitors/central", HUB),
    Parameter(CHARLIE, "/monitors/own", CHARLIE),
    Parameter(HUB, "/monitored_projects/Charlie/dev", CHARLIE),
    Parameter(HUB, "/outpost/monitors/own", HUB),
    Parameter(HUB, "/outpost/monitored_projects/Outpost/dev", HUB),
    Parameter(HUB, "/monitored_projects/Bravo/prod", bus_arn(BRAVO, "bravo-team-spoke", FAR_REGION)),
    Parameter(HUB, "/outpost/monitors/charlie", bus_arn(CHARLIE, "lookout-hub")),
)
MEASURED = (
    Parameter(ALPHA, "/alpha/accuracy", "0.12345678901234567890123456789"),
    Parameter(ALPHA, "/alpha/model-version", "v7"),
    Parameter(ALPHA, "/alpha/secret", "of no metric"),
    Parameter(BRAVO, "/bravo/accuracy", "97.50", FAR_REGION),
    Parameter(GUARD_SPOKE, "/release", "v1"),
)


class Company:
    """The applied world.

    Args:
        cloud: where it is applied.
        folder: for the package, the copies of the root modules and their states.

    Attributes:
        accounts: the root of all hubs and spokes.
        connections: the root of all connections.
        steps: what each apply changed, by step.
        outputs: of `accounts`: the outputs of each hub's and spoke's module.
        connection_outputs: of `connections`.
        unregistered_event_id: an event for Late/dev, which is not registered.
        slow_refresh_id: a refresh of Outpost/dev, whose metric Hangs uses up the function's time.
    """

    outputs: dict[str, Any]
    connection_outputs: dict[str, Any]
    unregistered_event_id: str
    slow_refresh_id: str

    def __init__(self, cloud: RunningCloud, folder: Path) -> None:
        self.cloud = cloud
        package = build_with_metrics(folder, SOURCE / "metrics")
        roots = SOURCE / "terraform"
        self.accounts = copy_root(roots / "accounts", folder / "accounts", cloud, {"accounts": ACCOUNTS, **package})
        self.connections = copy_root(
            roots / "connections", folder / "connections", cloud, {"accounts": ACCOUNTS, "organization": ORGANIZATION}
        )
        self.steps: dict[str, Changes] = {}

    def apply(self) -> None:
        """Apply hubs and spokes, register them, connect them in two stages, and send what takes long to process."""
        self.cloud.set_organization(ORGANIZATION, [GUARD_HUB, GUARD_SPOKE, STRANGER])
        with ThreadPoolExecutor() as pool:
            work = pool.submit(self._work)
            self.steps["accounts"] = self.accounts.apply()
            work.result()
            for parameter in REGISTRY:
                parameter.put(self.cloud)
            outputs = pool.submit(self.accounts.outputs)
            self.steps["permissions"] = self.connections.apply(stage="permissions")
            self.outputs = outputs.result()
        self.steps["forwarding"] = self.connections.apply()
        self.connection_outputs = self.connections.outputs()
        # The archive checks a registration again after 60 seconds, and the metric Hangs takes 10: both pass while the
        # first tests run.
        self.unregistered_event_id = self.spoke("alpha").put(result("Late/dev", "Arrivals", 1))
        self.slow_refresh_id = self.hub("outpost_hub").refresh()

    def hub(self, module: str) -> Hub:
        """Return the hub of a module of the root `accounts`."""
        return Hub(self.cloud, _HUB_MODULES[module], self.outputs[module])

    def spoke(self, module: str) -> Spoke:
        """Return the spoke of a module of the root `accounts`."""
        account, region, project = _SPOKE_MODULES[module]
        return Spoke(self.cloud, account, self.outputs[module], project, region)

    def _work(self) -> None:
        """Create what the metrics measure."""
        for parameter in MEASURED:
            parameter.put(self.cloud)
        self._train()
        for account in (ALPHA, CHARLIE):
            self._deploy_endpoints(account)

    def _train(self) -> None:
        sagemaker = self.cloud.client("sagemaker", BRAVO, FAR_REGION)
        for number in range(TRAINING_JOBS):
            sagemaker.create_training_job(
                TrainingJobName=f"job-{number}",
                AlgorithmSpecification={"TrainingImage": "image", "TrainingInputMode": "File"},
                RoleArn=f"arn:aws:iam::{BRAVO}:role/training",
                OutputDataConfig={"S3OutputPath": "s3://models/"},
                ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
                StoppingCondition={"MaxRuntimeInSeconds": 3600},
            )

    def _deploy_endpoints(self, account: str) -> None:
        sagemaker = self.cloud.client("sagemaker", account)
        variant = {"VariantName": "all", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
        for number in range(ENDPOINTS):
            name = f"endpoint-{number}"
            sagemaker.create_model(ModelName=name, ExecutionRoleArn=f"arn:aws:iam::{account}:role/serving")
            sagemaker.create_endpoint_config(
                EndpointConfigName=name,
                ProductionVariants=[{**variant, "ModelName": name, "InitialVariantWeight": 1.0}],
            )
            sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
