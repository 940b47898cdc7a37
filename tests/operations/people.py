"""People who have credentials of an account and the `ds-dashboard` command, and no more than that."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.journey.company import REGION

from ds_dashboard_local import RunningCloud
from ds_dashboard_local.client.accounts import Account

PROGRAM = Path(sys.executable).with_name("ds-dashboard")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and the code with which it ended."""

    code: int
    output: str
    notes: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a shell with this environment."""

    environment: Mapping[str, str]

    def run(self, *arguments: str) -> Said:
        """`ds-dashboard ARGUMENTS` for the installation."""
        done = subprocess.run(
            [str(PROGRAM), *arguments],
            env={**self.environment, "DS_DASHBOARD_NAME": "watchtower", "NO_COLOR": "1", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)


def root(cloud: RunningCloud, account: str) -> Person:
    """Who may do everything in an account."""
    return Person(cloud.subprocess_environment(account, REGION))


def with_policy(cloud: RunningCloud, account: str, role: str, policy: str) -> Person:
    """Who has assumed a role of this name, which has this policy and no other."""
    arn = Account(cloud, account).role(role)
    cloud.client("iam", account, REGION).put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=policy)
    keys = cloud.client("sts", account, REGION).assume_role(RoleArn=arn, RoleSessionName="person")["Credentials"]
    return Person(
        {
            **cloud.subprocess_environment(account, REGION),
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
    )
