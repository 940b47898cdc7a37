"""A hub and a spoke as Terraform makes them, for what only a deployed installation can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

from ds_dashboard_dev import terraform
from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_local import LocalCloud
from ds_dashboard_local.client.accounts import Account

from .world import run

NAME = "watch-me"
HUB, SPOKE = "555555555555", "666666666666"
_SOURCES = Path(__file__).parent / "deployment"
_PACKAGE = CHECKOUT / "lambda_src" / "dist" / "ds_dashboard.zip"


class Applied:
    """The installation `watch-me`: its hub and its spoke, connected."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.cloud = cloud
        self.hub, self.spoke = Account(cloud, HUB), Account(cloud, SPOKE)
        self.spoke.ssm.put_parameter(Name="/alpha/version", Value="v1", Type="String")
        env = cloud.environment(HUB)
        for source in _SOURCES.glob("*.tf"):
            text = source.read_text().replace("../../../modules", str(CHECKOUT / "modules"))
            (folder / source.name).write_text(text)
        variables = {"accounts": {"hub": HUB, "spoke": SPOKE}, "package_path": str(_PACKAGE)}
        (folder / "given.auto.tfvars.json").write_text(json.dumps(variables))
        terraform.init(folder, env=env)
        for stage in ("permissions", "forwarding"):
            options = ("-input=false", "-no-color", "-auto-approve", "-parallelism=40", f"-var=stage={stage}")
            terraform.run(folder, "apply", *options, env=env)

    def run(self, *words: object, account: str = HUB, code: int = 0, **env: Any) -> Result:
        """Run `ds-dashboard` in an account of the installation."""
        own = {**dict.fromkeys(("AWS_PROFILE", "AWS_SESSION_TOKEN", "NO_COLOR", "COLUMNS"))}
        own |= {**self.cloud.environment(account), "DS_DASHBOARD_NAME": NAME}
        return run(*words, code=code, **{**own, **env})

    def lines(self, *words: object, account: str = HUB, code: int = 0, **env: Any) -> list[dict[str, Any]]:
        """The JSON objects that a command prints, one a line."""
        told = self.run(*words, "--json", account=account, code=code, **env)
        return [json.loads(line) for line in told.stdout.splitlines()]

    def refresh(self, *words: str) -> dict[str, Any]:
        """Ask for values, and wait for them."""
        (line,) = self.lines("refresh", "--wait", "--timeout", "60", *words)
        return line

    def history(self) -> list[dict[str, Any]]:
        """Every value that is archived."""
        return self.lines("export")

    def waiting(self, account: Account, role: str) -> int:
        """How many messages lie in a queue, seen or unseen."""
        url = account.sqs.get_queue_url(QueueName=f"{NAME}-{role}")["QueueUrl"]
        found = account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])
