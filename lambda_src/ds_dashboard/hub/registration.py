"""Whom the hub believes: the accounts registered for each project and environment in SSM Parameter Store."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ds_dashboard import aws
from ds_dashboard.identity import Registered

# GetParameters takes ten names, and shares 40 calls a second with everything else in the account.
_MOST_NAMES = 10
_KEPT_SECONDS = 300.0
# A refusal is not spoken on old knowledge, and a flood of refusals does not become a flood of calls.
_DOUBTED_SECONDS = 60.0
_MOST_KEPT = 20_000


@dataclass(slots=True)
class _Known:
    """A parameter as last read: its value (`None` where there is none), when, and who doubted it when."""

    value: str | None
    read_at: float
    doubted: dict[str, float] = field(default_factory=dict)

    def account(self) -> str | None:
        try:
            return None if self.value is None else Registered.parse(self.value).account
        except ValueError:
            return None


class Registration:
    """The registered accounts, looked up by name and kept for five minutes.

    Args:
        path: SSM path under which `<ProjectName>/<Environment>` stand, without a slash at its end.
        clock: seconds, monotonic.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def learn(self, claims: Iterable[tuple[str, str]]) -> None:
        """Look up what is needed to judge `claims`, pairs of `<ProjectName>/<Environment>` and account.

        Raises:
            botocore.exceptions.ClientError: SSM could not be asked; nothing may be refused then.
            botocore.exceptions.BotoCoreError: likewise.
        """
        now = self._clock()
        doubts = [claim for claim in claims if self._must_read(*claim, now)]
        wanted = sorted({project for project, _ in doubts})
        for start in range(0, len(wanted), _MOST_NAMES):
            self._read(wanted[start : start + _MOST_NAMES], now)
        for project, account in doubts:
            self._known[project].doubted[account] = now

    def refusal(self, project: str, account: str) -> str | None:
        """Why `account` may not write for `project`; `None` where it may. Call `learn` before."""
        known = self._known[project]
        if known.account() == account:
            return None
        name = f"{self._path}/{project}"
        if known.value is None:
            return (
                f"account {account} sent for {project}, and there is no parameter {name} that registers it. Register "
                f"it (aws ssm put-parameter --name {name} --type String --value {account}), or deploy the spoke with "
                "the project_name and environment that are registered."
            )
        if known.account() is None:
            return f"the parameter {name} holds {known.value[:64]!r}, which is neither an account id nor a bus ARN."
        return (
            f"account {account} sent for {project}, but {name} registers {known.value}. If the project has moved, "
            f"correct that parameter and apply the connection again."
        )

    def _must_read(self, project: str, account: str, now: float) -> bool:
        known = self._known.get(project)
        if known is None or now - known.read_at > _KEPT_SECONDS:
            return True
        doubted_at = known.doubted.get(account)
        return known.account() != account and (doubted_at is None or now - doubted_at > _DOUBTED_SECONDS)

    def _read(self, projects: Sequence[str], now: float) -> None:
        names = {f"{self._path}/{project}": project for project in projects}
        values = {
            parameter["Name"]: parameter["Value"]
            for parameter in aws.client("ssm").get_parameters(Names=list(names))["Parameters"]
        }
        for name, project in names.items():
            before = self._known.get(project)
            recent = (
                {} if before is None else {a: at for a, at in before.doubted.items() if now - at <= _DOUBTED_SECONDS}
            )
            self._known[project] = _Known(values.get(name), now, recent)
            self._known.move_to_end(project)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
