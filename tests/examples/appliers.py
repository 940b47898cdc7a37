"""The users that apply: with the permissions in the modules' `applier-policy.json` and no others, as profiles."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import CHECKOUT
from ds_dashboard_local import RunningCloud

REGION = "eu-west-1"
POLICY = "applier-policy.json"


def document_of(folder: str) -> str:
    """Return the published policy for applying a module, or for the resources of an example beyond its modules."""
    return (CHECKOUT / folder / POLICY).read_text()


class Profiles:
    """Profiles of the AWS CLI. Each belongs to a user with the policies of the modules that the user applies."""

    def __init__(self, folder: Path, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._keys: dict[str, dict[str, str]] = {}
        self._config = folder / "config"
        self._config.touch()
        empty = folder / "credentials"
        empty.touch()
        self.env = {
            **{name: value for name, value in cloud.environment("").items() if "KEY" not in name},
            "AWS_CONFIG_FILE": str(self._config),
            "AWS_SHARED_CREDENTIALS_FILE": str(empty),
        }
        # The examples must take the region from the profile.
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            del self.env[name]

    def add(self, name: str, account: str, folders: Iterable[str]) -> None:
        """Create a profile and its user in `account`, with the policies of `folders`."""
        iam = self._cloud.client("iam", account)
        iam.create_user(UserName=name)
        for number, text in enumerate(document_of(folder) for folder in folders):
            created = iam.create_policy(PolicyName=f"{name}-{number}", PolicyDocument=text)
            iam.attach_user_policy(UserName=name, PolicyArn=created["Policy"]["Arn"])
        key = self._keys[name] = iam.create_access_key(UserName=name)["AccessKey"]
        with self._config.open("a") as config:
            config.write(
                f"[profile {name}]\nregion = {REGION}\n"
                f"aws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
            )

    def client(self, name: str, service: str) -> Any:
        """Return a boto3 client of a profile's user."""
        key = self._keys[name]
        return self._cloud.client_with(service, key["AccessKeyId"], key["SecretAccessKey"], None, REGION)
