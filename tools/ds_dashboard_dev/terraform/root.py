"""Terraform runs in a root module, and the changes that each run planned, read from Terraform's JSON output."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ds_dashboard_dev.checkout import TOOLS, Failure
from ds_dashboard_dev.terraform.installation import find_terraform, provider_mirror

# Settings of a machine: the network, logs and downloads. The others, such as TF_WORKSPACE, TF_CLI_ARGS and TF_VAR_name,
# belong to another root module.
_KEPT = re.compile("(?!AWS_|TF_).*|TF_(CLI_CONFIG_FILE|LOG|PLUGIN_CACHE|REGISTRY|TOKEN|PROVIDER_DOWNLOAD).*", re.DOTALL)
# Most resources wait for the service and not for the processor.
_PARALLELISM = "-parallelism=40"
_SEE_ABOVE = "Terraform's own message above names the resource."


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a Terraform run: this process's without settings of AWS and Terraform, and `extra`.

    Without them, the demo and the tests cannot change the AWS account that a user is logged in to.
    """
    own = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    # Trades memory for time: the provider loads its schema at every start, and Go would collect it over and over.
    collect = {"GOGC": own.get("GOGC", "400")}
    env = {**own, **collect, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", **extra}
    if provider_mirror() is None and "TF_PLUGIN_CACHE_DIR" not in env:
        # The provider has 600 MB: download it once, not once for each root module.
        cache = TOOLS / "plugin-cache"
        cache.mkdir(parents=True, exist_ok=True)
        env["TF_PLUGIN_CACHE_DIR"] = str(cache)
        env["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    return env


def run(
    root: Path, *args: str, env: Mapping[str, str], timeout: float = 900, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run `terraform ARGS` in the folder `root`.

    Args:
        root: The folder of the root module.
        args: The subcommand and its options.
        env: Variables in addition to those of `environment`.
        timeout: In seconds.
        check: Raise an error if Terraform fails.

    Raises:
        Failure: Terraform failed and `check` is set. The message contains Terraform's own.
    """
    command: Sequence[str] = [str(find_terraform()), *args]
    done = subprocess.run(
        command, cwd=root, env=environment(env), capture_output=True, text=True, timeout=timeout, check=False
    )
    if check and done.returncode != 0:
        raise Failure(
            f"terraform {' '.join(args)} failed in {root}:\n{done.stderr.strip() or done.stdout.strip()}",
            fix=_SEE_ABOVE,
        )
    return done


def init(root: Path, *, env: Mapping[str, str] | None = None) -> None:
    """Run `terraform init` in `root`, with the provider from the registry or from the mirror that was found.

    Raises:
        Failure: The provider could not be installed.
    """
    mirror = provider_mirror()
    from_mirror = [] if mirror is None else [f"-plugin-dir={mirror}"]
    run(root, "init", "-input=false", "-no-color", *from_mirror, env=env or {})


class TerraformFailed(Failure):
    """Terraform reported errors. The message is Terraform's own."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning of Terraform.

    Attributes:
        severity: `error` or `warning`.
        text: The summary and the detail, on one line.
        place: The resource address, or if there is none the file.
    """

    severity: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes of a plan or an apply.

    Attributes:
        actions: Resource address -> planned action.
        diagnostics: The errors and warnings of the run.
    """

    actions: Mapping[str, str]
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> list[str]:
        """The texts of all errors."""
        return [one.text for one in self.diagnostics if one.severity == "error"]

    @property
    def warnings(self) -> list[str]:
        """The texts of all warnings."""
        return [one.text for one in self.diagnostics if one.severity == "warning"]

    def of(self, action: str) -> list[str]:
        """Return the addresses with the action `create`, `update`, `delete` or `replace`, sorted."""
        return sorted(address for address, planned in self.actions.items() if planned == action)

    @classmethod
    def parse(cls, text: str) -> Changes:
        """Read what Terraform prints with `-json`: one message per line."""
        actions: dict[str, str] = {}
        diagnostics = []
        for line in text.splitlines():
            message = json.loads(line) if line.startswith("{") else {}
            if message.get("type") == "planned_change" and not _is_delayed_read(message["change"]):
                actions[message["change"]["resource"]["addr"]] = message["change"]["action"]
            elif message.get("type") == "diagnostic":
                found = message["diagnostic"]
                summary = " ".join(f"{found['summary']}: {found.get('detail', '')}".split())
                place = found.get("address") or found.get("range", {}).get("filename", "")
                diagnostics.append(Diagnostic(found["severity"], summary, place))
        return cls(actions, tuple(diagnostics))


def _is_delayed_read(change: Mapping[str, Any]) -> bool:
    """Return whether a data source is read during the apply because of other changes.

    One that is in a check is read in every apply: no plan is empty then, as its exit code shows.
    """
    return change["action"] == "read" and change.get("reason") != "read_because_check_nested"


class Root:
    """A root module that Terraform plans, applies and destroys.

    Args:
        folder: With the module's sources.
        env: Variables in addition to those of `environment`.
        variables: The module's variables in every run, in addition to those of the run itself.
        state: The state file, if it is not in `folder`.
    """

    def __init__(
        self,
        folder: Path,
        env: Mapping[str, str],
        variables: Mapping[str, Any] | None = None,
        *,
        state: Path | None = None,
    ) -> None:
        self.folder = folder
        self._env = dict(env)
        self._variables = dict(variables or {})
        self._state = [] if state is None else [f"-state={state}"]
        self._initialized = False

    def init(self) -> None:
        """Run `terraform init`, once. Every other run does this first."""
        if not self._initialized:
            init(self.folder, env=self._env)
            self._initialized = True

    def validate(self) -> None:
        """Run `terraform validate`.

        Raises:
            Failure: The configuration is not valid.
        """
        self.init()
        run(self.folder, "validate", "-no-color", env=self._env)

    def plan(self, **variables: Any) -> Changes:
        """Return the changes that an apply with these variables would make."""
        return self._accepted(self.attempt("plan", "-lock=false", variables=variables))

    def apply(self, *options: str, **variables: Any) -> Changes:
        """Apply with these options and variables, and return the changes."""
        return self._accepted(self.attempt("apply", "-auto-approve", *options, variables=variables))

    def destroy(self, *options: str, **variables: Any) -> Changes:
        """Destroy everything that was applied, with these options and variables."""
        return self._accepted(self.attempt("destroy", "-auto-approve", *options, variables=variables))

    def show(self, **variables: Any) -> dict[str, Any]:
        """Plan with these variables, and return the plan as `terraform show -json` prints it, with all attributes."""
        self._accepted(self.attempt("plan", "-lock=false", "-out=plan", variables=variables))
        text = run(self.folder, "show", "-json", "plan", env=self._env).stdout
        document: dict[str, Any] = json.loads(text[text.index("{") :])
        return document

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs."""
        text = run(self.folder, "output", *self._state, "-json", env=self._env).stdout
        return {name: output["value"] for name, output in json.loads(text).items()}

    def state(self) -> list[str]:
        """Return the resource addresses in the state."""
        return run(self.folder, "state", "list", *self._state, env=self._env).stdout.split()

    def attempt(
        self,
        command: str,
        *options: str,
        variables: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Changes:
        """Run `plan`, `apply` or `destroy`, and return its changes even if it fails: then they contain errors.

        Args:
            command: The subcommand.
            options: Of the subcommand.
            variables: Of the root module.
            env: Overrides the environment of this run.

        Raises:
            TerraformFailed: Terraform failed without an error message that it prints as JSON.
        """
        self.init()
        given = [
            f"-var={name}={value if isinstance(value, str) else json.dumps(value)}"
            for name, value in {**self._variables, **(variables or {})}.items()
        ]
        done = run(
            self.folder,
            command,
            *self._state,
            "-input=false",
            "-json",
            _PARALLELISM,
            *options,
            *given,
            env={**self._env, **(env or {})},
            check=False,
        )
        changes = Changes.parse(done.stdout)
        if done.returncode != 0 and not changes.errors:
            raise TerraformFailed(done.stdout + done.stderr, fix=_SEE_ABOVE)
        return changes

    @staticmethod
    def _accepted(changes: Changes) -> Changes:
        if changes.errors:
            raise TerraformFailed("\n".join(changes.errors), fix=_SEE_ABOVE)
        return changes
