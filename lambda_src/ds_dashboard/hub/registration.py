"""The accounts that are registered for each project and environment in SSM Parameter Store."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ds_dashboard import aws
from ds_dashboard.identity import Registered

# GetParameters accepts ten names. It shares a limit of 40 calls per second with everything else in the account.
_MAX_NAMES = 10
_MAX_ENTRIES = 20_000
_CACHE_TTL = 300.0
# An event is not rejected because of an old cache entry, and a flood of rejections does not become a flood of calls.
_RECHECK_SECONDS = 60.0


@dataclass(slots=True)
class _Entry:
    """A parameter as last read.

    Attributes:
        value: the parameter's value; None if it does not exist.
        read_at: when it was read.
        rechecked_at: for accounts that are not registered, when the parameter was last read because of them.
    """

    value: str | None
    read_at: float
    rechecked_at: dict[str, float] = field(default_factory=dict)

    def account(self) -> str | None:
        try:
            return None if self.value is None else Registered.parse(self.value).account
        except ValueError:
            return None


class Registration:
    """The registered accounts, looked up by name and cached for five minutes.

    Args:
        path: the SSM path of the registered projects, without a trailing slash.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def prefetch(self, claims: Iterable[tuple[str, str]]) -> None:
        """Read the parameters that decide about claims, unless they are cached.

        Args:
            claims: pairs of `<ProjectName>/<Environment>` and the account ID that sent for it.

        Raises:
            botocore.exceptions.ClientError: SSM could not be read. Nothing may be rejected then.
            botocore.exceptions.BotoCoreError: the same.
        """
        now = self._clock()
        unknown = [claim for claim in claims if self._must_read(*claim, now)]
        wanted = sorted({project for project, _ in unknown})
        for start in range(0, len(wanted), _MAX_NAMES):
            self._read(wanted[start : start + _MAX_NAMES], now)
        for project, account in unknown:
            self._entries[project].rechecked_at[account] = now

    def denial(self, project: str, account: str) -> str | None:
        """Return why an account may not send for `<ProjectName>/<Environment>`; None if it may.

        Call `prefetch` with the claim before.
        """
        entry = self._entries[project]
        if entry.account() == account:
            return None
        name = f"{self._path}/{project}"
        if entry.value is None:
            return (
                f"account {account} sent for {project}, and there is no parameter {name} that registers it. Register "
                f"it (aws ssm put-parameter --name {name} --type String --value {account}), or deploy the spoke with "
                "the project_name and environment that are registered."
            )
        if entry.account() is None:
            return (
                f"the value of parameter {name} is {entry.value[:64]!r}, which is neither an account ID nor a bus ARN."
            )
        return (
            f"account {account} sent for {project}, but {name} registers {entry.value}. If the project has moved, "
            f"correct that parameter and apply the connection again."
        )

    def _must_read(self, project: str, account: str, now: float) -> bool:
        entry = self._entries.get(project)
        if entry is None or now - entry.read_at > _CACHE_TTL:
            return True
        rechecked_at = entry.rechecked_at.get(account)
        return entry.account() != account and (rechecked_at is None or now - rechecked_at > _RECHECK_SECONDS)

    def _read(self, projects: Sequence[str], now: float) -> None:
        names = {f"{self._path}/{project}": project for project in projects}
        values = {
            parameter["Name"]: parameter["Value"]
            for parameter in aws.client("ssm").get_parameters(Names=list(names))["Parameters"]
        }
        for name, project in names.items():
            before = self._entries.get(project)
            rechecks = {} if before is None else before.rechecked_at
            recent = {account: at for account, at in rechecks.items() if now - at <= _RECHECK_SECONDS}
            self._entries[project] = _Entry(values.get(name), now, recent)
            self._entries.move_to_end(project)
        while len(self._entries) > _MAX_ENTRIES:
            self._entries.popitem(last=False)
