"""The pair as users of `ds-dashboard` see it, for what only a deployed installation can show."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result
from tests.support.commands import run

from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_dev.testing.pair import HUB, Pair
from ds_dashboard_dev.testing.waiting import eventually
from ds_dashboard_local.client.accounts import Account


class Applied:
    """The hub of the pair and its spoke South, which has one metric with a value and one that fails."""

    METRICS = ("ModelVersion", "Missing")

    def __init__(self, pair: Pair) -> None:
        self.hub, self.spoke = pair.hub, pair.south

    def run(self, *words: object, account: str = HUB, code: int = 0, **env: Any) -> Result:
        """Run `ds-dashboard` in an account of the pair."""
        own = {**dict.fromkeys(("AWS_PROFILE", "AWS_SESSION_TOKEN", "NO_COLOR", "COLUMNS"))}
        own |= {**self.hub.cloud.environment(account), "DS_DASHBOARD_NAME": self.hub.name}
        return run(*words, code=code, **{**own, **env})

    def lines(self, *words: object, account: str = HUB, code: int = 0, **env: Any) -> list[dict[str, Any]]:
        """Return the JSON objects that a command prints, one a line."""
        output = self.run(*words, "--json", account=account, code=code, **env).stdout
        return [json.loads(line) for line in output.splitlines()]

    def refresh(self, *words: str) -> dict[str, Any]:
        """Request the metrics `METRICS` of the spoke; with `--wait`, wait for them."""
        (line,) = self.lines("refresh", "--projects", "South", "--metrics", ",".join(self.METRICS), *words)
        return line

    def history(self) -> list[dict[str, Any]]:
        """Return every archived value."""
        return self.lines("export")

    def wait_for_depth(self, installation: Installation, role: str, messages: int) -> None:
        """Wait until a queue has so many messages, visible or not."""
        what = f"{messages} messages on {installation.name}-{role}"
        eventually(lambda: sum(installation.depth(role)) == messages, what)

    def credentials(self, installation: Installation, role: str, *statements: dict[str, Any]) -> dict[str, Any]:
        """Return an environment with the credentials of a new role that has these permissions only."""
        account = Account(installation.cloud, installation.account, installation.region)
        keys = account.sts.assume_role(RoleArn=account.role(role, *statements), RoleSessionName=role)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
