"""The account and region that are registered for each project and environment in SSM Parameter Store.

A spoke is an account and a region. A bare account ID stands for the hub's own region, a bus ARN for the region in it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from ds_dashboard import aws
from ds_dashboard.deadline import Deadline
from ds_dashboard.hub import calls
from ds_dashboard.identity import Registered, registration_fault
from ds_dashboard.shell import ACCOUNT_ID, BUS_ARN, command

# GetParameters accepts ten names. It shares a limit of 40 calls per second with everything else in the account.
_MAX_NAMES = 10
_MAX_ENTRIES = 20_000
_CACHE_TTL = 300.0
# An event is not rejected because of an old cache entry, and a flood of rejections does not become a flood of calls.
_RECHECK_SECONDS = 60.0


class Claim(NamedTuple):
    """What an event claims: that its sender reports for a project.

    Attributes:
        project: `<ProjectName>/<Environment>`.
        account: the sender's account ID.
        region: the sender's region.
    """

    project: str
    account: str
    region: str


class Checked(NamedTuple):
    """The outcome of checking claims.

    Attributes:
        denials: for each claim whose parameter could be read, why it is denied; None if it is not.
        failure: why the parameters of the other claims could not be read.
    """

    denials: dict[Claim, str | None]
    failure: str


@dataclass(slots=True)
class _Entry:
    """A parameter as last read.

    Attributes:
        value: the parameter's value; None if it does not exist.
        read_at: when it was read.
        rechecked_at: for claims that are denied, when the parameter was last read because of them.
    """

    value: str | None
    read_at: float
    rechecked_at: dict[Claim, float] = field(default_factory=dict)

    def registered(self) -> Registered | None:
        try:
            return None if self.value is None else Registered.parse(self.value)
        except ValueError:
            return None

    def permits(self, claim: Claim, hub_region: str) -> bool:
        registered = self.registered()
        return registered is not None and (registered.account, registered.region or hub_region) == claim[1:]


class Registration:
    """The registered accounts and regions, looked up by name and cached for five minutes.

    Args:
        path: the SSM path of the registered projects, without a trailing slash.
        region: the hub's region.
        clock: a monotonic clock, in seconds.
    """

    def __init__(self, path: str, region: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._region, self._clock = path, region, clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    def check(self, claims: Iterable[Claim], deadline: Deadline) -> Checked:
        """Check claims by the parameters of their projects, which are read unless they are cached.

        An outage of SSM denies nothing: claims whose parameters could not be read have no outcome.

        Args:
            claims: the claims of a batch.
            deadline: no request to SSM starts after it.
        """
        now = self._clock()
        # Entries that the batch needs must not be evicted because of others that it needs.
        entries: dict[str, _Entry] = {}
        unread: dict[str, list[Claim]] = {}
        distinct = set(claims)
        for claim in distinct:
            entry = self._entries.get(claim.project)
            if entry is not None and not self._must_read(entry, claim, now):
                entries[claim.project] = entry
            else:
                unread.setdefault(claim.project, []).append(claim)
        # Names that were registered come first: if SSM throttles, invented names delay none of them.
        wanted, failure = sorted(unread, key=lambda project: (not self._was_registered(project), project)), ""
        failed: set[Claim] = set()
        for start in range(0, len(wanted), _MAX_NAMES):
            try:
                entries.update(self._read(wanted[start : start + _MAX_NAMES], now, deadline))
            except (ClientError, BotoCoreError) as error:
                # What was read is cached, so that each delivery of the others has fewer to read.
                failure = f"the registered accounts could not be read: {error}"
                failed = {claim for project in wanted[start:] for claim in unread[project]}
                break
            for project in wanted[start : start + _MAX_NAMES]:
                entries[project].rechecked_at.update(dict.fromkeys(unread[project], now))
        return Checked({claim: self._denial(entries[claim.project], claim) for claim in distinct - failed}, failure)

    def _denial(self, entry: _Entry, claim: Claim) -> str | None:
        """Return why a sender may not report for a project; None if it may."""
        if entry.permits(claim, self._region):
            return None
        project, account, region = claim
        name, registered = f"{self._path}/{project}", entry.registered()
        if entry.value is None:
            # Not the sender's own account: a message that registers whoever sent it would be a way in.
            elsewhere, what, value = "", "it", ACCOUNT_ID
            if region != self._region:
                elsewhere, what, value = f" in {region}", f"the ARN of the spoke's bus in {region}", BUS_ARN
            register = command("aws", "ssm", "put-parameter", "--name", name, "--type", "String", "--value", value)
            return (
                f"account {account}{elsewhere} sent for {project}, and there is no parameter {name} that registers it. "
                "If the project_name or environment of the spoke is misspelt, correct it. If the account is meant to "
                f"report for {project}, which its owner confirms, register {what}: {register}"
            )
        if registered is None:
            return f"parameter {name} {registration_fault(entry.value)}."
        if registered.account == account:
            return (
                f"account {account} sent for {project} from {region}, but {name} registers {entry.value}, which is its "
                f"spoke in {registered.region or self._region}. A project and environment is one account and one "
                "region. If it has moved, which its owner confirms, set that parameter to the ARN of the spoke's bus "
                f"in {region} and apply the connection again. If both regions report, deploy this one with an "
                "environment of its own and register that."
            )
        return (
            f"account {account} sent for {project}, but {name} registers {entry.value}. If the project has moved, "
            "which the owners of both accounts confirm, correct that parameter and apply the connection again."
        )

    def _must_read(self, entry: _Entry, claim: Claim, now: float) -> bool:
        if now - entry.read_at > _CACHE_TTL:
            return True
        rechecked_at = entry.rechecked_at.get(claim)
        return not entry.permits(claim, self._region) and (
            rechecked_at is None or now - rechecked_at > _RECHECK_SECONDS
        )

    def _read(self, projects: Sequence[str], now: float, deadline: Deadline) -> dict[str, _Entry]:
        names = {f"{self._path}/{project}": project for project in projects}
        answer = calls.call(aws.client("ssm", brief=True).get_parameters, deadline, Names=list(names))
        values = {parameter["Name"]: Registered.text_of(parameter) for parameter in answer["Parameters"]}
        read: dict[str, _Entry] = {}
        for name, project in names.items():
            before = self._entries.get(project)
            rechecks = {} if before is None else before.rechecked_at
            recent = {claim: at for claim, at in rechecks.items() if now - at <= _RECHECK_SECONDS}
            read[project] = self._entries[project] = _Entry(values.get(name), now, recent)
            self._entries.move_to_end(project)
        while len(self._entries) > _MAX_ENTRIES:
            # Invented names first: what was registered is what `check` reads first.
            oldest = next(iter(self._entries))
            del self._entries[next((name for name, one in self._entries.items() if one.value is None), oldest)]
        return read

    def _was_registered(self, project: str) -> bool:
        entry = self._entries.get(project)
        return entry is not None and entry.value is not None
