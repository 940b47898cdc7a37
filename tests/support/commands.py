"""Run `ds-dashboard`, in this process or as a person with credentials of one account."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner, Result

from ds_dashboard_cli.main import cli
from ds_dashboard_dev.checkout import venv_program
from ds_dashboard_dev.testing.installation import Installation
from ds_dashboard_local.client.accounts import Account


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person at a shell.

    Attributes:
        environment: of the shell, with credentials and the name of an installation.
    """

    environment: Mapping[str, str]

    def run(self, *arguments: str) -> Output:
        """Run `ds-dashboard ARGUMENTS`."""
        done = subprocess.run(
            [venv_program("ds-dashboard"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return Output(done.returncode, done.stdout, done.stderr)


def administrator(installation: Installation) -> Person:
    """Return a person who may do everything in the account of an installation."""
    environment = installation.cloud.subprocess_environment(installation.account, installation.region)
    return Person({**environment, "DS_DASHBOARD_NAME": installation.name, "NO_COLOR": "1", "COLUMNS": "200"})


def person_with_policy(installation: Installation, role: str, policy: str) -> Person:
    """Return a person who has assumed a new role with one policy and no other."""
    account = Account(installation.cloud, installation.account, installation.region)
    arn = account.role(role)
    account.iam.put_role_policy(RoleName=role, PolicyName="only", PolicyDocument=policy)
    keys = account.sts.assume_role(RoleArn=arn, RoleSessionName="person")["Credentials"]
    return Person(
        {
            **administrator(installation).environment,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
            "AWS_SESSION_TOKEN": keys["SessionToken"],
        }
    )


def run(*words: object, code: int = 0, **env: Any) -> Result:
    """Run `ds-dashboard` in this process; it must end with this exit code, and without a stack trace."""
    result = CliRunner().invoke(cli, [str(word) for word in words], prog_name="ds-dashboard", env=env)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == code, f"{result.exit_code}: {result.output}"
    return result
